"""What must not happen: text after the scorer, in logs or in metrics; files or connections nobody asked for."""

from __future__ import annotations

import asyncio
import time
import urllib.request
import uuid
from pathlib import Path

import orjson
import psutil
import pytest

from mahlan.events import topics
from mahlan.runtime.broker import Outgoing, Record
from tests.pipeline.conftest import Pipeline

CANARY = "kanaryaword"
ID = "author-id-canary@example.org"
PATIENCE = 60.0
AFTER_THE_SCORER = [topic.name for topic in topics.TOPICS if not topic.has_text]


def comments(run: str) -> list[bytes]:
    """Good and bad records; each has the canary wherever text or an author id can stand."""
    text = f"you stupid {CANARY} #{CANARY}tag @{CANARY}name https://{CANARY}.example/ {CANARY}@mail.example"
    good = {"comment_id": run, "text": text, "occurred_at": "2026-11-23T06:00:00Z", "author_id": ID}
    bad = [
        {**good, "state": CANARY},
        {**good, "context": {"reply_to": CANARY}},
        {**good, "occurred_at": CANARY},
        {**good, "revision": CANARY},
        {**good, "comment_id": CANARY * 100},
    ]
    return [*map(orjson.dumps, [good, *bad]), f'{{"text":"{CANARY}'.encode(), CANARY.encode()]


async def run_through(pipeline: Pipeline) -> str:
    run = f"privacy-{uuid.uuid4().hex[:8]}"
    values = comments(run)
    producer = await pipeline.broker.producer()
    await producer.send([Outgoing(topics.SUBMITTED.name, b"key", value) for value in values])
    await producer.close()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        decided = [
            record for record in await pipeline.read("nudges.decided.v1") if run.encode() in (record.value or b"")
        ]
        if decided and len(await pipeline.read("normaliser.dlq.v1")) >= len(values) - 1:
            return run
        await asyncio.sleep(0.5)
    pytest.fail("the comments did not come through")


def shown(record: Record) -> bytes:
    return b"".join([record.key or b"", record.value or b"", *(value for _, value in record.headers)])


async def test_text_and_author_ids_stop_where_they_should(pipeline: Pipeline) -> None:
    await run_through(pipeline)
    for topic in AFTER_THE_SCORER:
        found = b"".join(shown(record) for record in await pipeline.read(topic))
        assert CANARY.encode() not in found, topic
        assert ID.encode() not in found, topic
    normalised = b"".join(shown(record) for record in await pipeline.read("comments.normalised.v1"))
    assert CANARY.encode() in normalised, "the canary must have been in the way"
    assert ID.encode() not in normalised
    for letter in await pipeline.read("normaliser.dlq.v1"):
        told = b"".join(value for name, value in letter.headers if name.startswith("mahlan_dead_"))
        assert CANARY.encode() not in told


async def test_logs_and_metrics_hold_no_text(pipeline: Pipeline) -> None:
    await run_through(pipeline)
    for child in pipeline.supervisor.children.values():
        page = await asyncio.to_thread(_page, f"http://127.0.0.1:{child.port}/metrics")
        assert b"mahlan_events_in_total" in page
        assert CANARY.encode() not in page
        assert ID.encode() not in page
    logs = pipeline.logs()
    assert b'"event":"ready"' in logs
    assert CANARY.encode() not in logs
    assert ID.encode() not in logs


async def test_no_service_writes_a_file_or_opens_a_connection_it_was_not_told_to(pipeline: Pipeline) -> None:
    await run_through(pipeline)
    broker = pipeline.broker
    ports = {int(server.rpartition(":")[2]) for server in _servers(broker)}
    for child in pipeline.supervisor.children.values():
        assert child.process is not None
        for connection in psutil.Process(child.process.pid).net_connections(kind="inet"):
            if connection.status == psutil.CONN_LISTEN:
                assert connection.laddr.port == child.port, child.name
            elif connection.raddr and connection.laddr.port != child.port:
                assert connection.raddr.port in ports, child.name
    written = [path for path in pipeline.home.rglob("*") if path.is_file()]
    assert written == [], [str(Path(path).relative_to(pipeline.home)) for path in written]


def _servers(broker: object) -> list[str]:
    return str(broker._options.bootstrap_servers).split(",")  # type: ignore[attr-defined]


def _page(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bytes(answer.read())
