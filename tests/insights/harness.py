"""A keeper on the memory broker, fed as Faust would feed it, with a producer that fails when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import orjson

from mahlan.core.insights.terms import Patience
from mahlan.errors import BrokerError
from mahlan.events.codec import encode, envelope_of
from mahlan.events.nudge import NudgeDecided, NudgeOutcome
from mahlan.events.topics import DECIDED, INSIGHTS_DLQ, INSIGHTS_STATE, OUTCOMES, TOPICS
from mahlan.insights.keeper import Keeper, KeeperOptions
from mahlan.insights.keys import window_key
from mahlan.insights.loading import read_on
from mahlan.insights.state import PartitionState
from mahlan.insights.step import Rules
from mahlan.runtime.broker import Outgoing, Partition, Producer, Record, TopicSpec
from mahlan.runtime.http import Health
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import Metrics, build_metrics
from tests.core.insights.stories import ALL_TERMS, CAMPAIGN

PATIENCE = 20.0
Event = NudgeDecided | NudgeOutcome | bytes | None


class KilledError(Exception):
    """Stands for kill -9: nothing below may catch it."""


@dataclass
class FlakyProducer:
    """Each append meets the next of ``fates``: whether it arrives, and the error raised; then all is well again."""

    inner: Producer
    fates: list[tuple[bool, Exception | None]] = field(default_factory=list)
    appends: int = 0

    async def send(self, records: Sequence[Outgoing]) -> None:
        await self.inner.send(records)

    async def append(self, partition: Partition, records: Sequence[Outgoing]) -> int:
        self.appends += 1
        arrives, error = self.fates.pop(0) if self.fates else (True, None)
        first = await self.inner.append(partition, records) if arrives else -1
        if error is not None:
            raise error
        return first

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Pending:
    """A record as Faust hands it over."""

    message: Any
    acked: bool = False

    def ack(self) -> bool:
        self.acked = True
        return True


def pending(record: Record) -> Pending:
    fields = ("topic", "partition", "offset", "key", "value", "headers")
    told = {name: getattr(record, name) for name in fields}
    return Pending(SimpleNamespace(**told, timestamp=record.timestamp_ms / 1000))


@dataclass
class Stage:
    """One partition of every topic, and keepers of it."""

    broker: MemoryBroker = field(default_factory=MemoryBroker)
    metrics: Metrics = field(default_factory=build_metrics)
    now: float = 1_795_000_000.0
    age: float | None = 0.0
    events: list[Pending] = field(default_factory=list)

    async def open(self, state_bytes: int = 0) -> Stage:
        """``state_bytes``: what the state topic takes as one batch, where it is not the usual."""
        self.broker.clock = lambda: self.now
        await self.broker.create_topics([TopicSpec(t.name, 1, config=t.config) for t in TOPICS])
        if state_bytes:
            self.broker.limits[INSIGHTS_STATE.name] = state_bytes
        return self

    async def keeper(self, *fates: tuple[bool, Exception | None], **options: Any) -> Keeper:
        """A keeper whose partition has been read."""
        keeper = Keeper(
            states={},
            broker=self.broker,
            producer=FlakyProducer(await self.broker.producer(), list(fates)),
            rules=Rules(ALL_TERMS, Patience()),
            metrics=self.metrics,
            options=KeeperOptions(**{"batch": 100, "interval": 0.01, "sweep": 0.0, **options}),
            health=Health(),
            age=lambda _: self.age,
            clock=lambda: self.now,
        )
        state = PartitionState(0)
        keeper.states = {0: state}
        await keeper.read([state])
        await keeper.begin([state])
        return keeper

    async def publish(self, *events: Event, topic: str = "", key: bytes = b"author-1") -> list[Pending]:
        """Write events to their topics; as Faust reads them."""
        producer = await self.broker.producer()
        found: list[Pending] = []
        for event in events:
            name = topic or (OUTCOMES.name if isinstance(event, NudgeOutcome) else DECIDED.name)
            value, headers = event, ()
            if isinstance(event, NudgeDecided | NudgeOutcome):
                value, headers = encode(event, envelope_of(event, id=event.decision_id, source="test", time=""))
            await producer.send([Outgoing(name, key, value, headers)])
            found.append(pending((await self.broker.read_partition(Partition(name, 0), last=1))[0]))
        self.events += found
        return found

    @asynccontextmanager
    async def running(self, keeper: Keeper) -> AsyncIterator[asyncio.Task[None]]:
        """Run it; at the end, drain it."""
        task = asyncio.create_task(keeper.run())
        try:
            yield task
        finally:
            keeper.close()
            await task

    async def count(self, keeper: Keeper, events: Sequence[Pending]) -> None:
        """Run a keeper over these events until all are acknowledged."""
        async with self.running(keeper) as task:
            for event in events:
                await keeper.add(event)
            async with asyncio.timeout(PATIENCE):
                while not all(event.acked for event in events) and not task.done():
                    await asyncio.sleep(0.005)

    async def state(self) -> PartitionState:
        """The state as anybody reads it from the log."""
        state = PartitionState(0)
        await read_on(self.broker, state, self.metrics)
        return state

    async def dead_letters(self) -> list[Record]:
        return await self.broker.read_partition(Partition(INSIGHTS_DLQ.name, 0))

    def counted(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, {"service": "insights", **labels}) or 0.0


LOST = BrokerError("not acknowledged")


async def total(stage: Stage, name: str = "comments") -> int:
    kept = (await stage.state()).sums.get(window_key(CAMPAIGN, "all"))
    return orjson.loads(kept).get(name, 0) if kept else 0
