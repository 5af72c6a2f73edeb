"""``/v1/moderations``: all keys in all maps, one result a text, errors as OpenAI tells them, and nothing stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mahlan.core.verdict import Limits
from mahlan.events.comment import Verdict
from mahlan.gateway.moderations.answers import result
from mahlan.scoring.model import Scores
from tests.gateway.stage import FRIENDLY, HURTFUL, Answer, Stage

CATEGORIES = {
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm"),
    *("self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic"),
}
MAPS = ("categories", "category_scores", "category_applied_input_types")


async def moderate(stage: Stage, given: Any, **options: Any) -> Answer:
    return await stage.ask("POST", "/v1/moderations", json={"input": given}, **options)


async def test_every_category_is_in_every_map_and_only_scored_ones_say_something(stage: Stage) -> None:
    answer = (await moderate(stage, HURTFUL)).json
    assert answer["id"].startswith("modr-")
    assert answer["model"] == "fast@1"
    (found,) = answer["results"]
    assert found["flagged"]
    assert [set(found[name]) for name in MAPS] == [CATEGORIES] * 3
    assert {name for name, true in found["categories"].items() if true} == {"harassment"}
    assert {name for name, kinds in found["category_applied_input_types"].items() if kinds} == {"harassment"}
    assert {name for name, score in found["category_scores"].items() if score} == {"harassment"}
    checked = (await stage.check(text=HURTFUL, record=False)).json
    assert found["category_scores"]["harassment"] == checked["labels"]["toxic"]


@pytest.mark.parametrize(
    ("given", "flagged"),
    [
        (HURTFUL, [True]),
        ([FRIENDLY], [False]),
        ([HURTFUL, FRIENDLY, HURTFUL], [True, False, True]),
        ([{"type": "text", "text": FRIENDLY}, {"type": "text", "text": HURTFUL}], [True]),
        ("", [False]),
    ],
)
async def test_there_is_a_result_for_each_string_and_one_for_parts(
    stage: Stage, given: Any, flagged: list[bool]
) -> None:
    answer = await moderate(stage, given)
    assert [one["flagged"] for one in answer.json["results"]] == flagged


async def test_more_texts_than_may_wait_are_answered_in_one_request(tmp_path: Path) -> None:
    async with Stage(tmp_path, {"gateway_queue": 40}).running() as stage:
        answer = await moderate(stage, [HURTFUL, FRIENDLY] * 128)
        assert [one["flagged"] for one in answer.json["results"]] == [True, False] * 128


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "https://x"}}], "images"),
        ([{"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}], "images"),
        (["a", {"type": "text", "text": "b"}], "not both"),
        ([{"type": "text"}], "needs a text"),
        ([], "length >= 1"),
        (["a"] * 257, "length <= 256"),
        (5, "got int"),
        (None, "got null"),
    ],
)
async def test_what_cannot_be_scored_is_told_as_openai_tells_it(stage: Stage, given: Any, says: str) -> None:
    answer = await moderate(stage, given)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    error = answer.json["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"]) == ("invalid_request_error", "input")
    assert says in error["message"]


async def test_the_errors_of_the_gateway_are_in_that_shape_too(stage: Stage) -> None:
    check_only, slow = stage.add_key("check"), stage.add_key("score", rate="1/hour")
    await stage.until_known(check_only)
    await moderate(stage, "a", key=slow)
    path = "/v1/moderations"
    for status, kind, code, answer in (
        (401, "authentication_error", "invalid_api_key", await moderate(stage, "a", key=None)),
        (403, "permission_error", "insufficient_permissions", await moderate(stage, "a", key=check_only)),
        (429, "rate_limit_error", "rate_limit_exceeded", await moderate(stage, "a", key=slow)),
        (
            400,
            "invalid_request_error",
            "malformed",
            await stage.ask("POST", path, data=b"{", headers={"content-type": "application/json"}),
        ),
        (413, "invalid_request_error", "too_large", await stage.ask("POST", path, data=b" " * 2_100_000)),
        (
            *(415, "invalid_request_error", "unsupported_media_type"),
            await stage.ask("POST", path, data=b"{}", headers={"content-type": "text/csv"}),
        ),
    ):
        error = answer.json["error"]
        assert (answer.status, error["type"], error["code"]) == (status, kind, code)
    assert "retry-after" in (await moderate(stage, "a", key=slow)).headers


async def test_nothing_is_stored(stage: Stage) -> None:
    await moderate(stage, [HURTFUL, FRIENDLY])
    assert stage.parts().pool.recent() == []
    assert await stage.everything() == b""
    await stage.check()
    assert len(stage.parts().pool.recent()) == 1, "of a check it is not empty"


def test_each_label_is_held_against_its_own_threshold() -> None:
    thresholds = {"default": {name: Limits(0.5, 0.6, 0.7) for name in ("toxic", "insult", "threat", "identity_attack")}}
    scores = {"toxic": 0.4, "insult": 0.55, "threat": 0.9, "identity_attack": 0.1}
    found = result(Scores(scores, Verdict(toxic=True, label="threat", band="high", score=0.9)), "en", thresholds)
    assert found.flagged
    assert found.categories.harassment
    assert found.categories.harassment__threatening
    assert found.categories.violence
    assert not found.categories.hate
    assert (found.category_scores.harassment, found.category_scores.hate) == (0.55, 0.1)
    assert found.category_applied_input_types.hate == ["text"]
    assert found.category_applied_input_types.sexual == []
