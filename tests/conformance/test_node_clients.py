"""Node's clients, unchanged but for one URL: perspective-api-client, googleapis (by discovery), openai."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.gateway.stage import FRIENDLY, HURTFUL, Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
Node = Callable[..., dict[str, Any]]


def test_perspective_api_client_reads_scores(node: Node, live: Stage) -> None:
    hurtful = node("perspective-api-client", live, {"text": HURTFUL})["ok"]
    friendly = node("perspective-api-client", live, {"text": f"<b>{FRIENDLY}</b>"})["ok"]
    assert hurtful["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.9
    assert friendly["attributeScores"]["TOXICITY"]["summaryScore"]["value"] < 0.3
    assert (hurtful["languages"], friendly["languages"]) == (["ar-Latn"], ["en"])


def test_perspective_api_client_tells_our_refusal_as_perspectives(node: Node, live: Stage) -> None:
    asked = {"text": FRIENDLY, "options": {"attributes": ["toxicity", "flirtation"]}}
    error = node("perspective-api-client", live, asked)["error"]
    assert error["message"] == "Attribute FLIRTATION does not support request languages: en"
    (detail,) = error["response"]["data"]["error"]["details"]
    assert detail["languageNotSupportedByAttributeError"]["attribute"] == "FLIRTATION"
    wrong = node("perspective-api-client", live, {"text": FRIENDLY}, key="mhl_wrong")["error"]
    assert (wrong["response"]["status"], wrong["response"]["data"]["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_googleapis_builds_itself_from_our_discovery_document(node: Node, live: Stage) -> None:
    resource = {"comment": {"text": HURTFUL}, "requestedAttributes": {"TOXICITY": {}}, "clientToken": "t"}
    answer = node("googleapis", live, {"method": "analyze", "resource": resource})["ok"]
    assert answer["attributeScores"]["TOXICITY"]["spanScores"][0]["score"]["value"] > 0.9
    assert answer["clientToken"] == "t"
    scores = {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
    suggestion = {"comment": {"text": HURTFUL}, "clientToken": "s", **scores}
    assert node("googleapis", live, {"method": "suggestscore", "resource": suggestion})["ok"] == {"clientToken": "s"}
    error = node("googleapis", live, {"method": "analyze", "resource": {"comment": {"text": ""}}})["error"]
    assert (error["status"], error["message"]) == (400, "Comment must be non-empty.")


def test_openai_reads_moderations_and_errors(node: Node, live: Stage) -> None:
    answer = node("openai", live, {"input": [HURTFUL, FRIENDLY]})["ok"]
    assert [one["flagged"] for one in answer["results"]] == [True, False]
    assert all(len(one["category_scores"]) == 13 for one in answer["results"])
    image = {"input": [{"type": "image_url", "image_url": {"url": "https://site.example/a.png"}}]}
    error = node("openai", live, image)["error"]
    assert (error["status"], error["type"], error["param"]) == (400, "invalid_request_error", "input")
    wrong = node("openai", live, {"input": "a"}, key="mhl_wrong")["error"]
    assert (wrong["status"], wrong["code"]) == (401, "invalid_api_key")
