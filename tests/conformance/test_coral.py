"""The requests of Coral, field by field as its code writes them, and what its code reads of the answer.

Coral 6 to 9 (server: services/perspective) and Talk 4 (talk-plugin-toxic-comments); the endpoint is a setting of both.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mahlan.events.feedback import ScoreSuggested
from tests.gateway.perspective import SEVERE_MAP
from tests.gateway.stage import FRIENDLY, HURTFUL, Answer, Stage

ARABIC = "انت حمار ومش فاهم"
ID = "7d7cbb3e-8d4c-4b7b-9d3a-0f7f1d1f4a55"


def analyze_body(text: str, model: str = "TOXICITY", *, store: bool = False) -> dict[str, Any]:
    """Coral's. The language is that of the tenant, and English for every locale that Perspective had no model for."""
    return {
        "comment": {"text": text},
        "doNotStore": not store,
        "requestedAttributes": {model: {}},
        "languages": ["en"],
    }


def suggest_body(text: str, status: str) -> dict[str, Any]:
    """Coral's, once a moderator has decided."""
    place = {
        "url": f"https://site.example/story?commentID={ID}",
        "reply_to_id_Coral_comment_id": None,
        "Coral_comment_id": ID,
    }
    return {
        "comment": {"text": text},
        "context": {"entries": [{"text": json.dumps(place)}]},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0 if status == "APPROVED" else 1}}},
        "languages": ["en"],
        "communityId": "Coral:https://site.example",
        "clientToken": f"comment:{ID}",
    }


def talk_body(text: str) -> dict[str, Any]:
    """Talk 4's."""
    return {
        "comment": {"text": text},
        "languages": ["en"],
        "doNotStore": True,
        "requestedAttributes": {"TOXICITY": {}, "SEVERE_TOXICITY": {}},
    }


async def post(stage: Stage, operation: str, body: dict[str, Any]) -> Answer:
    """As Coral does: the operation after the endpoint, the key in the address."""
    return await stage.ask("POST", f"/v1alpha1/comments:{operation}?key={stage.key}", json=body, key=None)


@pytest.mark.parametrize("store", [True, False])
@pytest.mark.parametrize(
    ("text", "hurtful"), [(HURTFUL, True), (ARABIC, True), ("you are an idiot", True), (FRIENDLY, False)]
)
async def test_coral_gets_its_score_whatever_language_it_says(
    stage: Stage, text: str, hurtful: bool, store: bool
) -> None:
    answer = await post(stage, "analyze", analyze_body(text, store=store))
    score = answer.json["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
    assert (answer.status, score > 0.8) == (200, hurtful)
    checked = (await stage.check(text=text, record=False)).json
    assert score == checked["labels"]["toxic"]


@pytest.mark.parametrize(("status", "value"), [("APPROVED", 0.0), ("REJECTED", 1.0)])
async def test_corals_moderators_are_heard_without_the_text(stage: Stage, status: str, value: float) -> None:
    answer = await post(stage, "suggestscore", suggest_body(HURTFUL, status))
    assert (answer.status, answer.json) == (200, {"clientToken": f"comment:{ID}"})
    (event,) = await stage.until_sent(ScoreSuggested, 1)
    assert (event.values, event.community_id) == ({"TOXICITY": value}, "Coral:https://site.example")
    assert HURTFUL.encode() not in await stage.everything()


async def test_talk_4_asks_for_a_degree_that_only_the_sites_own_map_can_tell(tmp_path: Path) -> None:
    async with Stage(tmp_path).running() as stage:
        refused = await post(stage, "analyze", talk_body(HURTFUL))
        assert refused.status == 400
        assert "SEVERE_TOXICITY" in refused.json["error"]["message"]
    (tmp_path / "map.toml").write_text(SEVERE_MAP, "utf-8")
    async with Stage(tmp_path, {"gateway_score_map": str(tmp_path / "map.toml")}).running() as stage:
        scores = (await post(stage, "analyze", talk_body(HURTFUL))).json["attributeScores"]
        assert 0.0 < scores["SEVERE_TOXICITY"]["summaryScore"]["value"] < scores["TOXICITY"]["summaryScore"]["value"]
