"""``comments:analyze``, field by field: scores, spans, languages, and that nothing is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.perspective import analyze
from tests.gateway.stage import FRIENDLY, HURTFUL, Stage


async def test_a_whole_answer(stage: Stage) -> None:
    answer = await analyze(stage, HURTFUL, clientToken="t-1", sessionId="s", communityId="c")
    score = {"value": (await stage.check(record=False)).json["labels"]["toxic"], "type": "PROBABILITY"}
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json == {
        "attributeScores": {
            "TOXICITY": {
                "summaryScore": score,
                "spanScores": [{"begin": 0, "end": len(HURTFUL), "score": score}],
            }
        },
        "languages": ["ar-Latn"],
        "detectedLanguages": ["ar-Latn"],
        "clientToken": "t-1",
    }
    assert "clientToken" not in (await analyze(stage, HURTFUL)).json


async def test_spans_are_in_utf16_units_of_the_text_as_sent(stage: Stage) -> None:
    text = f"😀😀  {HURTFUL} 😡"
    spans = (await analyze(stage, text, spanAnnotations=True)).json["attributeScores"]["TOXICITY"]["spanScores"]
    raw = text.encode("utf-16-le")
    found = [raw[2 * one["begin"] : 2 * one["end"]].decode("utf-16-le") for one in spans]
    assert "7omar" in found
    assert all(word in text.split() for word in found)
    (whole,) = (await analyze(stage, text)).json["attributeScores"]["TOXICITY"]["spanScores"]
    assert (whole["begin"], whole["end"]) == (0, len(raw) // 2)


async def test_a_score_below_its_threshold_is_left_out(stage: Stage) -> None:
    for threshold, found in ((0.5, {"TOXICITY"}), (1.0, set())):
        body = {"comment": {"text": HURTFUL}, "requestedAttributes": {"TOXICITY": {"scoreThreshold": threshold}}}
        answer = await stage.ask("POST", "/v1alpha1/comments:analyze", json=body)
        assert set(answer.json["attributeScores"]) == found


@pytest.mark.parametrize("store", [{}, {"doNotStore": True}, {"doNotStore": False}])
async def test_nothing_is_stored_whatever_the_request_says(stage: Stage, store: dict[str, bool]) -> None:
    assert (await analyze(stage, HURTFUL, **store)).status == 200
    assert stage.parts().pool.recent() == []
    assert await stage.everything() == b""
    assert stage.counted("mahlan_spool_records") == 0
    assert HURTFUL.encode() not in b"".join(path.read_bytes() for path in stage.folder.glob("gateway.spool*"))


@pytest.mark.parametrize(
    ("text", "hints", "told"),
    [
        ("انت حمار ومش فاهم", ["en"], ["ar"]),
        ("انت حمار ومش فاهم", ["fr"], ["ar"]),
        ("انت حمار ومش فاهم", None, ["ar"]),
        (HURTFUL, ["en"], ["ar-Latn"]),
        (FRIENDLY, ["ar"], ["en"]),
        (FRIENDLY, ["en-US", "fr"], ["en"]),
        ("👍", ["en"], ["en"]),
        ("👍", None, ["und"]),
        ("you are stupid and a liar يا حمار ومش فاهم", ["en"], ["en", "ar"]),
    ],
)
async def test_what_a_text_is_stands_against_hints_that_it_disproves(
    stage: Stage, text: str, hints: list[str] | None, told: list[str]
) -> None:
    answer = await analyze(stage, text, languages=hints)
    assert (answer.status, answer.json["languages"]) == (200, told)


@pytest.mark.parametrize(
    ("text", "hints", "key", "languages"),
    [
        ("quel beau jour", ["fr"], "requestedLanguages", ["fr"]),
        ("ты хороший человек", ["en"], "detectedLanguages", ["und-Cyrl"]),
        ("日本語です", None, "detectedLanguages", ["und-Hani"]),
    ],
)
async def test_a_language_without_honest_scores_is_refused(
    stage: Stage, text: str, hints: list[str] | None, key: str, languages: list[str]
) -> None:
    answer = await analyze(stage, text, languages=hints)
    assert answer.status == 400
    assert answer.json["error"]["details"] == [
        {
            "@type": "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
            "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            "languageNotSupportedByAttributeError": {key: languages, "attribute": "TOXICITY"},
        }
    ]
    dropped = await analyze(stage, text, languages=hints, dropUnsupportedAttributes=True)
    assert (dropped.status, dropped.json["attributeScores"]) == (200, {})


async def test_with_the_setting_hints_stand(tmp_path: Path) -> None:
    async with Stage(tmp_path, {"gateway_language_hints": "request"}).running() as stage:
        arabic = await analyze(stage, "انت حمار ومش فاهم", languages=["en"])
        assert (arabic.json["languages"], arabic.json["detectedLanguages"]) == (["en"], ["ar"])
        assert (await analyze(stage, "انت حمار ومش فاهم", languages=["fr"])).status == 400
        assert (await analyze(stage, HURTFUL)).json["languages"] == ["ar-Latn"]


async def test_a_key_may_stand_where_googles_clients_put_it(stage: Stage) -> None:
    assert (await analyze(stage, FRIENDLY, key=None, headers={"x-goog-api-key": stage.key})).status == 200
    body = {"comment": {"text": FRIENDLY}, "requestedAttributes": {"TOXICITY": {}}}
    path = f"/v1alpha1/comments:analyze?key={stage.key}&alt=json&prettyPrint=false"
    assert (await stage.ask("POST", path, json=body, key=None)).status == 200
