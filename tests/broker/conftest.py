"""The two brokers under one suite, and what its tests open."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from mahlan.runtime.broker import Broker, Consumer, Outgoing, Partition, Producer, Reader, Record, TopicSpec
from mahlan.runtime.kafka import KafkaBroker, KafkaOptions
from mahlan.runtime.memory import MemoryBroker

PARTITIONS = 4
#: Seconds after which something that should happen has not; how long it takes is not tested.
PATIENCE = 30.0


@dataclass
class Stage:
    """One broker, one fresh topic, and everything a test opens on them, closed at its end."""

    broker: Broker
    topic: str = ""
    _open: list[Any] = field(default_factory=list)

    async def create(self, partitions: int = PARTITIONS, **config: str) -> str:
        name = f"test.{uuid.uuid4().hex[:12]}"
        await self.broker.create_topics([TopicSpec(name, partitions, config=config)])
        return name

    async def producer(self) -> Producer:
        producer = await self.broker.producer()
        self._open.append(producer)
        return producer

    async def consumer(self, group: str = "readers", topics: Sequence[str] = (), **hooks: Any) -> Consumer:
        """A member of a group whose name no other test uses."""
        consumer = await self.broker.consumer(topics or [self.topic], f"{group}.{self.topic}", **hooks)
        self._open.append(consumer)
        return consumer

    def keep(self, opened: Any) -> None:
        """Close it at the end."""
        self._open.append(opened)

    async def send(self, *values: str, key: str = "author", topic: str = "") -> None:
        producer = await self.producer()
        await producer.send([Outgoing(topic or self.topic, key.encode(), value.encode()) for value in values])

    async def close(self) -> None:
        for opened in reversed(self._open):
            await opened.close()
        await self.broker.close()


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
def connect(request: pytest.FixtureRequest) -> Callable[[], Broker]:
    """Opens the broker under test."""
    if request.param == "memory":
        return MemoryBroker
    options = KafkaOptions(bootstrap_servers=request.getfixturevalue("kafka"), request_timeout=5.0)
    return lambda: KafkaBroker(options)


@pytest.fixture
async def stage(connect: Callable[[], Broker]) -> AsyncIterator[Stage]:
    stage = Stage(connect())
    stage.topic = await stage.create()
    yield stage
    await stage.close()


async def take(consumer: Consumer | Reader, count: int) -> list[Record]:
    """Poll until ``count`` records have come."""
    records: list[Record] = []
    deadline = time.monotonic() + PATIENCE
    while len(records) < count:
        assert time.monotonic() < deadline, f"{len(records)} of {count} records came"
        records += await consumer.poll(count - len(records), 0.5)
    return records


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.02)


def positions(records: Sequence[Record]) -> dict[Partition, int]:
    """What to commit once these are done."""
    return {Partition(record.topic, record.partition): record.offset + 1 for record in records}


def texts(records: Sequence[Record]) -> list[str]:
    return [(record.value or b"").decode() for record in records]
