"""``comments:suggestscore``, the discovery document, and a site's own map of scores."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mahlan.errors import SettingsError
from mahlan.events.feedback import ScoreSuggested
from tests.gateway.perspective import SEVERE_MAP, analyze, suggest
from tests.gateway.stage import HURTFUL, Stage


async def test_a_suggestion_goes_to_its_topic_without_the_text(stage: Stage) -> None:
    answer = await suggest(stage, communityId="Coral:https://a", clientToken="comment:1", sessionId="s")
    assert (answer.status, answer.json) == (200, {"clientToken": "comment:1"})
    (event,) = await stage.until_sent(ScoreSuggested, 1)
    assert (event.values, event.length, event.language, event.model) == (
        {"TOXICITY": 1.0},
        len(HURTFUL),
        "arz-Latn",
        "fast@1",
    )
    assert event.scores["toxic"] > 0.9
    assert (event.community_id, event.client_token, event.occurred_at) == (
        "Coral:https://a",
        "comment:1",
        stage.clock.now,
    )
    assert stage.parts().pool.recent() == []
    assert HURTFUL.encode() not in await stage.everything()


async def test_with_a_token_the_same_suggestion_has_the_same_id(stage: Stage) -> None:
    for token in ("a", "a", "b", None, None):
        await suggest(stage, clientToken=token)
    events = await stage.until_sent(ScoreSuggested, 5)
    assert len({event.suggestion_id for event in events}) == 4


async def test_a_token_that_no_event_can_hold_is_told_back_and_left_out(stage: Stage) -> None:
    long = "t" * 257
    assert (await suggest(stage, clientToken=long, communityId="")).json == {"clientToken": long}
    (event,) = await stage.until_sent(ScoreSuggested, 1)
    assert (event.client_token, event.community_id) == (None, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"attributeScores": {}},
        {"attributeScores": None},
        {"attributeScores": {"TOXICITY": {}}},
        {"attributeScores": {"TOXICITY": {"spanScores": []}}},
        {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 2}}}},
        {"attributeScores": {"toxicity": {"summaryScore": {"value": 1}}}},
        {"comment": None},
    ],
)
async def test_a_suggestion_without_a_score_is_refused(stage: Stage, fields: dict[str, Any]) -> None:
    answer = await suggest(stage, **fields)
    assert (answer.status, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert await stage.everything() == b""


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"host": "api.site.example"}, "http://api.site.example/"),
        ({"host": "api.site.example:8443", "x-forwarded-proto": "https"}, "https://api.site.example:8443/"),
        ({"host": "[::1]:80", "x-forwarded-proto": "javascript"}, "http://[::1]:80/"),
        ({"host": "user@site.example"}, "http://localhost/"),
    ],
)
async def test_the_discovery_document_names_the_address_that_was_asked(
    stage: Stage, headers: dict[str, str], root: str
) -> None:
    answer = await stage.ask("GET", "/$discovery/rest?version=v1alpha1", key=None, headers=headers)
    assert (answer.status, answer.json["rootUrl"], answer.json["baseUrl"]) == (200, root, root)
    assert set(answer.json["resources"]["comments"]["methods"]) == {"analyze", "suggestscore"}


async def test_a_sites_own_map_is_followed(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        SEVERE_MAP + SEVERE_MAP.partition("\n[")[2].join(["[", ""]).replace("SEVERE_", "")
    )
    async with Stage(tmp_path, {"gateway_score_map": str(tmp_path / "map.toml")}).running() as stage:
        found = (await analyze(stage, HURTFUL, "TOXICITY", "SEVERE_TOXICITY_EXPERIMENTAL")).json["attributeScores"]
        ours = (await stage.check(record=False)).json["labels"]["toxic"]
        for scores in found.values():
            assert scores["summaryScore"]["value"] == pytest.approx(0.1 + (ours - 0.5), abs=1e-5)
        moderated = await stage.ask("POST", "/v1/moderations", json={"input": HURTFUL})
        assert moderated.json["results"][0]["category_scores"]["harassment"] == ours, "it is Perspective's alone"


async def test_a_map_that_changes_is_read_again_and_a_bad_one_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text(SEVERE_MAP, "utf-8")

    async def severe(stage: Stage) -> float:
        found = (await analyze(stage, HURTFUL, "SEVERE_TOXICITY")).json["attributeScores"]
        value: float = found["SEVERE_TOXICITY"]["summaryScore"]["value"]
        return value

    async with Stage(tmp_path, {"gateway_score_map": str(file)}).running() as stage:
        before = await severe(stage)
        file.write_text(SEVERE_MAP.replace("theirs = [0.0, 0.1, 0.6]", "theirs = [0.0, 0.0, 0.0]"), "utf-8")
        async with asyncio.timeout(20):
            while await severe(stage):
                await asyncio.sleep(0.1)
        file.write_text("schema = 2", "utf-8")
        async with asyncio.timeout(20):
            while "score_map" not in stage.health.detail:
                await asyncio.sleep(0.1)
        assert before > 0.0
        assert await severe(stage) == 0.0
        file.write_text(SEVERE_MAP, "utf-8")
        async with asyncio.timeout(20):
            while "score_map" in stage.health.detail:
                await asyncio.sleep(0.1)
        assert await severe(stage) == before


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("theirs = [0.0, 0.1, 0.6]", "theirs = [0.0, 0.1]", "SEVERE_TOXICITY: ours and theirs must have as many"),
        ("theirs = [0.0, 0.1, 0.6]", "theirs = [0.0, 0.7, 0.6]", "SEVERE_TOXICITY.theirs: no number may be smaller"),
        ("ours = [0.0, 0.5, 1.0]", "ours = [0.0, 0.0, 1.0]", "SEVERE_TOXICITY.ours: every number must be larger"),
        ("ours = [0.0, 0.5, 1.0]", "ours = [0.0, 0.5, 1.5]", "Expected `?float"),
        ("label = ", "lable = ", "unknown field"),
        ("label = ", "label ", "not valid TOML: .*line 4"),
        ("schema = 1", "schema = 2", "schema"),
    ],
)
async def test_a_map_that_cannot_be_used_is_told_at_the_start(
    tmp_path: Path, before: str, after: str, says: str
) -> None:
    file = tmp_path / "map.toml"
    file.write_text(SEVERE_MAP.replace(before, after), "utf-8")
    with pytest.raises(SettingsError, match=f"MAHLAN_GATEWAY_SCORE_MAP: .*{says}"):
        async with Stage(tmp_path, {"gateway_score_map": str(file)}).running():
            pytest.fail("it must not start")
