"""``POST /v1/comments``: one comment, many as lines, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from mahlan.core.identity import author_key
from mahlan.events.comment import CommentSubmitted
from tests.gateway.stage import FRIENDLY, Answer, Stage

LINES = {"content-type": "application/x-ndjson"}


def comment(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"comment_id": f"c-{number}", "text": FRIENDLY, "author_key": "author-1", **fields}


async def publish(stage: Stage, **fields: Any) -> Answer:
    return await stage.ask("POST", "/v1/comments", json=comment(**fields))


async def publish_lines(stage: Stage, *lines: Any) -> tuple[Answer, list[dict[str, Any]]]:
    body = b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines)
    answer = await stage.ask("POST", "/v1/comments", data=body, headers=LINES)
    return answer, [orjson.loads(line) for line in answer.body.splitlines()]


async def test_a_comment_is_accepted_and_sent(stage: Stage) -> None:
    answer = await publish(stage, revision=2, surface="reply", thread_id="t", platform="square.example")
    assert (answer.status, answer.json) == (202, {"id": "c-1/2", "accepted": True})
    (event,) = await stage.until_sent(CommentSubmitted, 1)
    assert (event.comment_id, event.revision, event.text, event.state) == ("c-1", 2, FRIENDLY, "posted")
    assert (event.surface, event.thread_id, event.platform) == ("reply", "t", "square.example")
    assert event.occurred_at == stage.clock.now
    (record,) = await stage.records("comments.submitted.v1")
    headers = dict(record.headers)
    assert (headers["ce_id"], headers["ce_source"]) == (b"c-1/2", b"mahlan/gateway")
    assert headers["ce_type"] == b"mahlan.comments.submitted.v1"
    assert record.key == b"author-1"


async def test_an_author_id_never_leaves_the_gateway(stage: Stage) -> None:
    await publish(stage, author_key=None, author_id="somebody@example.org")
    (event,) = await stage.until_sent(CommentSubmitted, 1)
    assert event.author_key == author_key("somebody@example.org", "a salt for tests")
    assert event.author_id is None
    assert b"somebody@example.org" not in await stage.everything()


async def test_lines_are_answered_one_by_one(stage: Stage) -> None:
    answer, told = await publish_lines(
        stage,
        comment(1),
        b"",
        b"{kanarya",
        comment(2, state="kanarya"),
        comment(3, author_key=None),
        b"[" * 100_000,
        b'{"comment_id": "\xff"}',
        comment(4),
        b"",
    )
    assert (answer.status, answer.headers["content-type"]) == (202, "application/x-ndjson")
    assert [line["line"] for line in told] == [1, 3, 4, 5, 6, 7, 8]
    assert [line["accepted"] for line in told] == [True, False, False, False, False, False, True]
    assert [line.get("id") for line in told if line["accepted"]] == ["c-1/0", "c-4/0"]
    assert [line["field"] for line in told if not line["accepted"]] == ["$", "$.state", "$.author_key", "$", "$"]
    assert b"kanarya" not in answer.body
    assert [event.comment_id for event in await stage.until_sent(CommentSubmitted, 2)] == ["c-1", "c-4"]


async def test_lines_of_an_author_stay_in_order(stage: Stage) -> None:
    _, told = await publish_lines(stage, *(comment(number, revision=number) for number in range(1000)))
    assert all(line["accepted"] for line in told)
    assert [event.revision for event in await stage.until_sent(CommentSubmitted, 1000)] == list(range(1000))


async def test_more_lines_than_one_request_may_have_are_refused_at_once(stage: Stage) -> None:
    most = b"{\n" * 10_000
    answer = await stage.ask("POST", "/v1/comments", data=most, headers=LINES)
    assert (answer.status, answer.body.count(b"\n")) == (202, 10_000)
    answer = await stage.ask("POST", "/v1/comments", data=most + b"\n", headers=LINES)
    assert (answer.status, answer.code) == (413, "too_large")
    assert answer.json["detail"] == "send 10,000 lines at once at most"


async def test_nothing_but_bad_lines_sends_nothing(stage: Stage) -> None:
    answer, told = await publish_lines(stage, b"nope")
    assert (answer.status, told[0]["accepted"]) == (202, False)
    assert (await stage.ask("POST", "/v1/comments", data=b"", headers=LINES)).body == b""
    assert await stage.records("comments.submitted.v1") == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"occurred_at": "2026-11-23T10:00:00"}, "$.occurred_at"),
        ({"occurred_at": "kanarya"}, "$.occurred_at"),
        ({"platform": "Kanarya"}, "$.platform"),
        ({"state": "kanarya"}, "$.state"),
        ({"language_hint": "k"}, "$.language_hint"),
        ({"author_key": None, "author_id": ""}, "$.author_id"),
    ],
)
async def test_a_field_at_fault_is_named_and_not_quoted(stage: Stage, change: dict[str, Any], field: str) -> None:
    answer = await publish(stage, **change)
    assert (answer.status, answer.code, answer.json["field"]) == (400, "invalid_field", field)
    assert b"anarya" not in answer.body


async def test_a_comment_from_tomorrow_is_refused_here_rather_than_by_the_normaliser(stage: Stage) -> None:
    later = (stage.clock.now + timedelta(days=2)).isoformat()
    answer = await publish(stage, occurred_at=later)
    assert (answer.status, answer.json["field"]) == (400, "$.occurred_at")


async def test_a_key_speaks_for_its_own_platform(stage: Stage) -> None:
    key = stage.add_key("publish", platform="square.example")
    await stage.until_known(key)
    ask = {"key": key, "headers": {}}
    assert (await stage.ask("POST", "/v1/comments", json=comment(1), **ask)).status == 202
    assert (await stage.ask("POST", "/v1/comments", json=comment(2, platform="square.example"), **ask)).status == 202
    other = await stage.ask("POST", "/v1/comments", json=comment(3, platform="other.example"), **ask)
    assert (other.status, other.json["field"]) == (403, "$.platform")
    assert {event.platform for event in await stage.until_sent(CommentSubmitted, 2)} == {"square.example"}
    body = orjson.dumps(comment(4, platform="other.example"))
    lines = await stage.ask("POST", "/v1/comments", data=body, key=key, headers=LINES)
    assert orjson.loads(lines.body)["field"] == "$.platform"


async def test_other_kinds_of_bodies_are_refused(stage: Stage) -> None:
    answer = await stage.ask("POST", "/v1/comments", data=b"a=b", headers={"content-type": "text/csv"})
    assert (answer.status, answer.code) == (415, "unsupported_media_type")
    assert answer.json["detail"] == "send application/json or application/x-ndjson"
