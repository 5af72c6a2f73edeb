"""An outbox on the memory broker with a topic of two partitions, and producers that fail when a test says so."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mahlan.runtime.broker import Guard, Outgoing, Partition, Producer, TopicSpec
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import Metrics, build_metrics
from mahlan.runtime.outbox import Outbox, OutboxOptions
from mahlan.runtime.written import event_id
from tests.dispatcher.harness import FlakyProducer

PARTITIONS = 2
TOPIC = "kept.v1"
MEGABYTE = 1_000_000
Fate = tuple[Callable[[int], int], Exception | None]


def numbered(*numbers: int, key: str = "author", topic: str = TOPIC, **changes: Any) -> list[Outgoing]:
    """Records with the ids ``e-0``, ``e-1`` …"""
    return [
        Outgoing(topic, key.encode(), **{"value": b"value %d" % n, "headers": (("ce_id", b"e-%d" % n),), **changes})
        for n in numbers
    ]


class FlakyBroker(MemoryBroker):
    """Hands out producers whose sends meet ``fates``."""

    def __init__(self) -> None:
        super().__init__()
        self.fates: list[Fate] = []

    async def producer(self, guard: Guard | None = None) -> Producer:  # type: ignore[override]
        return FlakyProducer(await super().producer(guard), self.fates)


@dataclass
class Stage:
    """A broker, a file, and the outboxes on them, one after another."""

    path: Path
    broker: FlakyBroker = field(default_factory=FlakyBroker)
    metrics: Metrics = field(default_factory=build_metrics)

    async def open(self) -> Stage:
        await self.broker.create_topics([TopicSpec(TOPIC, PARTITIONS)])
        return self

    def build(self, **options: Any) -> Outbox:
        given = {"max_bytes": MEGABYTE, "settle": 0.0, "drain": 0.2, **options}
        return Outbox(self.path, self.broker, self.metrics, "gateway", OutboxOptions(**given))

    @asynccontextmanager
    async def opened(self, **options: Any) -> AsyncIterator[Outbox]:
        """An outbox that sends nothing."""
        outbox = self.build(**options)
        await outbox.open()
        try:
            yield outbox
        finally:
            await outbox.close()

    @asynccontextmanager
    async def running(self, **options: Any) -> AsyncIterator[Outbox]:
        """An outbox that sends, stopped and closed at the end."""
        async with self.opened(**options) as outbox:
            stop = asyncio.Event()
            task = asyncio.create_task(outbox.run(stop))
            try:
                yield outbox
            finally:
                stop.set()
                await task

    async def ids(self, topic: str = TOPIC) -> list[str]:
        """The ids in the topic: by partition, in order."""
        away, self.broker.away = self.broker.away, False
        logs = [await self.broker.read_partition(Partition(topic, number)) for number in range(PARTITIONS)]
        self.broker.away = away
        return [event_id(record.headers) for log in logs for record in log]

    async def check(self, count: int, topic: str = TOPIC) -> None:
        """Each of so many is there once."""
        assert Counter(await self.ids(topic)) == Counter({f"e-{n}": 1 for n in range(count)})

    def counted(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, {"service": "gateway", **labels}) or 0.0
