"""What ``comments:analyze`` refuses, in Perspective's own words, and the gateway's errors in Google's shape."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mahlan.gateway.pool import Pool
from tests.gateway.perspective import analyze
from tests.gateway.stage import FRIENDLY, Stage

UNSCORED = ["SEVERE_TOXICITY", "INSULT", "THREAT", "SEXUALLY_EXPLICIT", "FLIRTATION", "SPAM", "ATTACK_ON_AUTHOR"]


@pytest.mark.parametrize("attribute", UNSCORED)
async def test_an_attribute_without_a_label_is_refused_not_invented(stage: Stage, attribute: str) -> None:
    error = (await analyze(stage, FRIENDLY, "TOXICITY", attribute)).json["error"]
    assert error["message"] == f"Attribute {attribute} does not support request languages: en"
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    dropped = await analyze(stage, FRIENDLY, "TOXICITY", attribute, dropUnsupportedAttributes=True)
    assert set(dropped.json["attributeScores"]) == {"TOXICITY"}


TEXT = {"text": FRIENDLY}
WANTED = {"requestedAttributes": {"TOXICITY": {}}}
BOTH = {"entries": [{"text": "a"}], "articleAndParentComment": {"article": {"text": "b"}}}


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (WANTED, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"comment": {"text": " \n"}, **WANTED}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"comment": {"text": "a" * 20_001}, **WANTED}, "COMMENT_TOO_LONG", "Comment text too long."),
        ({"comment": TEXT}, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
        ({"comment": TEXT, "requestedAttributes": {}}, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
        (
            *({"comment": TEXT, "requestedAttributes": {"KINDNESS": {}}}, "INVALID_REQUEST"),
            "Unknown requested attribute: KINDNESS",
        ),
        (
            *({"comment": TEXT, "requestedAttributes": {"TOXICITY": {"scoreType": "RAW"}}}, "INVALID_REQUEST"),
            "Requested score type RAW is not supported by attribute TOXICITY",
        ),
        (
            *({"comment": {**TEXT, "type": "HTML"}, **WANTED}, "INVALID_REQUEST"),
            "Currently, only 'PLAIN_TEXT' comments are supported",
        ),
        (
            *({"comment": TEXT, "context": BOTH, **WANTED}, "INVALID_REQUEST"),
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
        ),
    ],
)
async def test_a_wrong_request_has_perspectives_own_error(
    stage: Stage, body: dict[str, Any], kind: str, message: str
) -> None:
    answer = await stage.ask("POST", "/v1alpha1/comments:analyze", json=body)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    kind_of = {"@type": "type.googleapis.com/google.commentanalyzer.v1alpha1.Error", "errorType": kind}
    assert answer.json == {
        "error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT", "details": [kind_of]}
    }


async def test_null_is_as_good_as_nothing(stage: Stage) -> None:
    fields = dict.fromkeys(("context", "languages", "spanAnnotations", "doNotStore", "clientToken", "sessionId"))
    body = {"comment": {"text": FRIENDLY, "type": None}, "requestedAttributes": {"TOXICITY": None}, **fields}
    assert (await stage.ask("POST", "/v1alpha1/comments:analyze", json=body)).status == 200


async def test_the_gateways_errors_are_in_googles_shape(stage: Stage) -> None:
    check_only, slow = stage.add_key("check"), stage.add_key("score", rate="1/hour")
    await stage.until_known(check_only)
    await analyze(stage, FRIENDLY, key=slow)
    path, json = "/v1alpha1/comments:analyze", {"content-type": "application/json"}
    for code, status, answer in (
        (400, "INVALID_ARGUMENT", await stage.ask("POST", path, data=b"{", headers=json)),
        (401, "UNAUTHENTICATED", await analyze(stage, FRIENDLY, key=None)),
        (403, "PERMISSION_DENIED", await analyze(stage, FRIENDLY, key=check_only)),
        (413, "INVALID_ARGUMENT", await stage.ask("POST", path, data=b" " * 2_100_000, headers=json)),
        (415, "INVALID_ARGUMENT", await stage.ask("POST", path, data=b"{}", headers={"content-type": "text/csv"})),
        (429, "RESOURCE_EXHAUSTED", await analyze(stage, FRIENDLY, key=slow)),
        (404, "NOT_FOUND", await stage.ask("GET", "/$discovery/rest?version=v2")),
    ):
        error = answer.json["error"]
        assert (answer.status, error["code"], error["status"]) == (code, code, status)
    wrong = await stage.ask("POST", path, json={"comment": {"text": 5}})
    assert wrong.json["error"]["details"][0]["fieldViolations"][0]["field"] == "comment.text"


@pytest.mark.parametrize(
    ("options", "code", "status"),
    [({"gateway_timeout": 0.05}, 504, "DEADLINE_EXCEEDED"), ({"gateway_concurrency": 1}, 503, "UNAVAILABLE")],
)
async def test_so_are_those_of_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], code: int, status: str
) -> None:
    async def standing(*_: Any, **__: Any) -> None:
        await asyncio.sleep(5)

    async with Stage(tmp_path, options).running() as stage:
        monkeypatch.setattr(Pool, "read", standing)
        asked = [asyncio.create_task(analyze(stage, FRIENDLY)) for _ in range(2)]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        answer = done.pop().result()
        assert (answer.status, answer.json["error"]["status"]) == (code, status)
