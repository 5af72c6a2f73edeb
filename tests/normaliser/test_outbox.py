"""What Faust hands over is written before it is acknowledged, in order, and nothing is left behind at the end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace

import orjson
import pytest

from mahlan.errors import BrokerError
from mahlan.events import topics
from mahlan.normaliser.outbox import WAITING_BATCHES, Outbox
from mahlan.runtime import retries
from mahlan.runtime.broker import Partition
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs


@dataclass
class Event:
    """As much of a Faust event as the outbox looks at."""

    offset: int
    value: bytes
    log: list[int] = field(default_factory=list)

    @property
    def message(self) -> SimpleNamespace:
        return SimpleNamespace(
            topic=topics.SUBMITTED.name,
            partition=0,
            offset=self.offset,
            key=b"k",
            value=self.value,
            headers=None,
            timestamp=1_795_435_200.5,
        )

    def ack(self) -> bool:
        self.log.append(self.offset)
        return True


def comment(number: int) -> bytes:
    moment = "2026-11-23T06:00:00Z"
    return orjson.dumps({"comment_id": f"c-{number}", "text": "hi", "occurred_at": moment, "author_key": "author-1"})


class Producer:
    """Writes to the memory broker, fails on demand, and tells what was acknowledged before each write."""

    def __init__(self, inner, failures: int = 0, gate: asyncio.Event | None = None) -> None:
        self.inner, self.failures, self.gate = inner, failures, gate

    async def send(self, records) -> None:
        if self.gate:
            await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise BrokerError("not now")
        await self.inner.send(records)

    async def close(self) -> None: ...


@pytest.fixture
async def broker(monkeypatch):
    monkeypatch.setattr(retries, "backoff", lambda attempt, **_: 0.0)
    memory = MemoryBroker()
    await memory.create_topics(topic_specs(Settings(partitions=2)))
    yield memory
    await memory.close()


async def written(broker, topic) -> int:
    return sum([len(await broker.read_partition(Partition(topic, n))) for n in range(2)])


async def test_everything_taken_is_written_and_acknowledged_in_order(broker) -> None:
    outbox = Outbox(await broker.producer(), build_metrics(), "salt", 16)
    acknowledged: list[int] = []
    running = asyncio.create_task(outbox.run())
    for number in range(100):
        await outbox.add(Event(number, comment(number) if number % 10 else b"{", acknowledged))
    outbox.close()
    await running
    assert acknowledged == list(range(100))
    assert await written(broker, topics.NORMALISED.name) == 90
    assert await written(broker, topics.NORMALISER_DLQ.name) == 10
    assert outbox.places[topics.SUBMITTED.name, 0].next_offset == 100


async def test_nothing_is_acknowledged_before_it_is_written(broker) -> None:
    gate = asyncio.Event()
    outbox = Outbox(Producer(await broker.producer(), failures=3, gate=gate), build_metrics(), "salt", 16)
    acknowledged: list[int] = []
    running = asyncio.create_task(outbox.run())
    for number in range(5):
        await outbox.add(Event(number, comment(number), acknowledged))
    for _ in range(20):
        await asyncio.sleep(0)
    assert acknowledged == []
    gate.set()
    outbox.close()
    await running
    assert acknowledged == list(range(5))


async def test_who_adds_waits_while_too_many_wait(broker) -> None:
    gate = asyncio.Event()
    outbox = Outbox(Producer(await broker.producer(), gate=gate), build_metrics(), "salt", 2)
    running = asyncio.create_task(outbox.run())
    taken: list[int] = []

    async def feed() -> None:
        for number in range(200):
            await outbox.add(Event(number, comment(number)))
            taken.append(number)

    feeding = asyncio.create_task(feed())
    for _ in range(500):
        await asyncio.sleep(0)
    # Two batches may be under way beside those that wait.
    assert len(taken) <= 2 * (WAITING_BATCHES + 3)
    gate.set()
    await feeding
    outbox.close()
    await running
    assert await written(broker, topics.NORMALISED.name) == 200
