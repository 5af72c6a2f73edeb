"""Canaries wherever text, ids and keys can stand, in good requests and bad: none in a log, metric, error or topic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from prometheus_client import generate_latest

from mahlan.core.assignment import decision_id
from mahlan.events.topics import TOPICS
from tests.gateway.process import Process
from tests.gateway.stage import CAMPAIGN, Stage

CANARY = "kanaryaword"
ID = "author-id-kanarya@example.org"
BAD_KEY = "mhl_0badc0de_kanaryakanaryakanaryakanaryakanaryakanarya1"
TEXT = f"you stupid {CANARY} #{CANARY}tag @{CANARY}name https://{CANARY}.example/ {CANARY}@mail.example"


def requests(key: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every route, asked well and badly."""
    name = decision_id(CAMPAIGN, "c-1", 0)
    draft = {"comment_id": "c-1", "text": TEXT, "author_id": ID}
    bad: list[dict[str, Any]] = [
        {**draft, "surface": CANARY},
        {**draft, "context": {"reply_to": CANARY}},
        {**draft, "revision": CANARY},
        {**draft, "comment_id": CANARY * 100},
        {**draft, CANARY: CANARY, "language_hint": CANARY * 10},
    ]
    raw = [f'{{"text":"{CANARY}'.encode(), CANARY.encode(), b"[" * 90_000, b"\xff" + CANARY.encode()]
    json = {"content-type": "application/json"}
    outcome = {"outcome": "disputed", "reason": "joke", "comment_id": "c-1", "author_id": ID}
    return [
        ("POST", "/v1/checks", {"json": draft}),
        ("POST", "/v1/checks", {"json": {**draft, "text": TEXT + "!"}}),
        *(("POST", path, {"json": body}) for body in bad for path in ("/v1/checks", "/v1/comments")),
        *(("POST", path, {"data": body, "headers": json}) for body in raw for path in ("/v1/checks", "/v1/comments")),
        ("POST", f"/v1/checks?key={key}&x={CANARY}", {"json": draft, "key": None}),
        ("POST", f"/v1/checks?key={BAD_KEY}", {"json": draft, "key": None}),
        ("POST", "/v1/checks", {"json": draft, "key": BAD_KEY, "headers": {"origin": f"https://{CANARY}.example"}}),
        ("POST", f"/v1/nudges/{name}/outcomes", {"json": outcome}),
        ("POST", f"/v1/nudges/{name}/outcomes", {"json": {**outcome, "reason": CANARY}}),
        ("POST", f"/v1/nudges/{CANARY}/outcomes", {"json": outcome}),
        ("DELETE", f"/v1/authors/{CANARY}/data", {"key": BAD_KEY}),
        ("DELETE", f"/v1/authors/{CANARY * 20}/data", {}),
        ("GET", "/v1/nudges/stream", {"headers": {"last-event-id": CANARY}}),
        ("GET", f"/v1/{CANARY}?key={key}", {}),
        ("PUT", f"/v1/checks?{CANARY}={CANARY}", {}),
        ("POST", "/v1/checks", {"data": b"{}", "headers": {"content-type": f"text/{CANARY}"}}),
        ("POST", "/v1/checks", {"data": b"{}", "headers": {**json, "content-encoding": CANARY}}),
        ("POST", "/v1/checks", {"data": CANARY.encode() * 200_000, "headers": json}),
    ]


def secrets_of(key: str) -> list[str]:
    return [CANARY, "kanarya", ID, key, key[13:], BAD_KEY]


async def test_nothing_of_a_request_is_told_to_anybody_else(
    stage: Stage, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = secrets_of(stage.key)
    for method, path, options in requests(stage.key):
        answer = await stage.ask(method, path, **options)
        if answer.status >= 400:
            told = answer.body + str(answer.headers).encode()
            assert [secret for secret in secrets if secret.encode() in told] == [], (answer.status, path)
    monkeypatch.setattr(stage.parts().checking.pool, "read", broken)
    assert (await stage.check("c-9", TEXT)).status == 500
    shown = generate_latest(stage.metrics.registry).decode()
    logged = "".join(capfd.readouterr())
    topics = await stage.everything()
    assert "request_failed" in logged, "the log is read"
    assert "RuntimeError" in logged
    assert "mahlan_gateway_requests_total" in shown
    assert b"check/" in topics
    for secret in secrets:
        assert secret not in logged
        assert secret not in shown
        assert secret not in str(stage.health.detail)
        assert secret.encode() not in topics


async def test_the_logs_of_a_process_and_its_file_hold_none_of_it(tmp_path: Path) -> None:
    process = Process(tmp_path, options={"MAHLAN_LOG_LEVEL": "debug"})
    try:
        await process.until_ready()
        async with aiohttp.ClientSession() as session:
            for method, path, options in requests(process.key):
                headers = dict(options.pop("headers", {}))
                if (key := options.pop("key", process.key)) is not None:
                    headers["Authorization"] = f"Bearer {key}"
                if method != "POST" or not path.startswith("/v1/comments"):
                    async with session.request(method, process.url + path, headers=headers, **options) as answer:
                        await answer.read()
        shown = await process.metrics()
        spooled = process.spooled()
        assert process.end() == 0
    finally:
        process.kill()
    logged = "".join(process.lines)
    assert '"event":"ready"' in logged
    assert b"comments.scored.v1" in spooled, "checks and outcomes are in it"
    for secret in secrets_of(process.key):
        assert secret not in logged
        assert secret not in shown
        assert secret.encode() not in spooled


async def broken(submitted: Any, **_: Any) -> Any:
    raise RuntimeError(f"{submitted.text} {submitted.author_key}")


async def test_a_comment_to_publish_is_where_its_text_must_be_and_nowhere_else(stage: Stage) -> None:
    body = {"comment_id": "c-1", "text": TEXT, "author_id": ID}
    assert (await stage.ask("POST", "/v1/comments", json=body)).status == 202
    await stage.until(lambda: stage.counted("mahlan_spool_records") == 0)
    holding = [
        topic.name
        for topic in TOPICS
        if any(CANARY.encode() in (record.value or b"") for record in await stage.records(topic.name))
    ]
    assert holding == ["comments.submitted.v1"]
    assert ID.encode() not in await stage.everything()


async def test_an_answer_holds_no_more_than_was_asked_for(stage: Stage) -> None:
    plain = await stage.check("c-1", TEXT, author_key=None, author_id=ID)
    assert CANARY.encode() not in plain.body
    assert ID.encode() not in plain.body
    explained = await stage.check("c-1", TEXT, author_key=None, author_id=ID, explain=True)
    assert CANARY in orjson.dumps(explained.json["explain"]["readings"]).decode(), "to the one who sent it, on request"
