"""The real process on the real broker: total over bad input, resumes after a kill, drains at SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from mahlan.events import topics
from mahlan.runtime.broker import Outgoing, Partition, Record
from mahlan.runtime.kafka import KafkaBroker, open_broker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs

ROOT = Path(__file__).parents[2]
PARTITIONS = 4
PATIENCE = 60.0


@pytest.fixture
def settings(kafka: str) -> Settings:
    return Settings(bootstrap_servers=kafka, partitions=PARTITIONS)


@contextmanager
def service(settings: Settings, group: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAHLAN_")}
    environment |= {
        "KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "MAHLAN_GROUP_PREFIX": group,
        "MAHLAN_SESSION_TIMEOUT": "6",
        "MAHLAN_HEARTBEAT_INTERVAL": "1",
        "PYTHONPATH": str(ROOT / "services"),
    }
    process = subprocess.Popen([sys.executable, "-m", "mahlan", "run", "normaliser"], env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def publish(broker: KafkaBroker, values: list[bytes]) -> None:
    producer = await broker.producer()
    await producer.send([Outgoing(topics.SUBMITTED.name, b"k%d" % (n % 50), value) for n, value in enumerate(values)])
    await producer.close()


async def read(broker: KafkaBroker, topic: str) -> list[Record]:
    return [one for n in range(PARTITIONS) for one in await broker.read_partition(Partition(topic, n))]


async def until(broker: KafkaBroker, done: Callable[[list[Record]], bool]) -> list[Record]:
    deadline = time.monotonic() + PATIENCE
    while True:
        records = [*await read(broker, topics.NORMALISED.name), *await read(broker, topics.NORMALISER_DLQ.name)]
        if done(records) or time.monotonic() > deadline:
            return records
        await asyncio.sleep(0.3)


def comments(run: str, count: int) -> list[bytes]:
    moment = "2026-11-23T06:00:00Z"
    bodies = [
        {"comment_id": f"{run}-{n}", "text": f"hello {n}", "occurred_at": moment, "author_key": f"author-{n % 50:03d}"}
        for n in range(count)
    ]
    return [orjson.dumps(body) for body in bodies]


def ids(records: list[Record], run: str) -> set[str]:
    bodies = [orjson.loads(r.value) for r in records if r.topic == topics.NORMALISED.name and r.value]
    return {body["comment_id"] for body in bodies if body["comment_id"].startswith(run)}


async def test_kill_and_resume_lose_nothing_and_sigterm_drains(settings: Settings) -> None:
    run = f"kill-{uuid.uuid4().hex[:6]}"
    broker = open_broker(settings)
    await broker.create_topics(topic_specs(settings))
    told = comments(run, 6000)
    await publish(broker, told[:4000])
    with service(settings, run) as first:
        await until(broker, lambda records: len(ids(records, run)) > 500)
        first.kill()
    await publish(broker, told[4000:])  # whatever the first has done, there is work for the second
    with service(settings, run) as second:
        records = await until(broker, lambda records: len(ids(records, run)) == 6000)
        assert len(ids(records, run)) == 6000
        second.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(second.wait, 10) == 0


async def test_every_record_is_an_event_or_a_dead_letter(settings: Settings) -> None:
    run = f"bad-{uuid.uuid4().hex[:6]}"
    broker = open_broker(settings)
    await broker.create_topics(topic_specs(settings))
    bad = [b"", b"{", b"\xff", b"[]", b'{"comment_id":1}', f'{{"comment_id":"{run}"}}'.encode(), None]
    huge = orjson.loads(comments(run, 1)[0]) | {"comment_id": f"{run}-huge", "text": "ا" * 500_000}
    before = len(await read(broker, topics.NORMALISER_DLQ.name))
    await publish(broker, [*comments(run, 20), *bad, orjson.dumps(huge)])
    with service(settings, run):
        await until(broker, lambda records: len(ids(records, run)) == 21)
        records = await until(
            broker, lambda found: len([r for r in found if r.topic == topics.NORMALISER_DLQ.name]) - before >= len(bad)
        )
    assert len(ids(records, run)) == 21
    dead = [record for record in records if record.topic == topics.NORMALISER_DLQ.name]
    assert len(dead) - before >= len(bad)
