"""A dispatcher on the memory broker, with producers and consumers that fail when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mahlan.core.campaign import Campaign
from mahlan.dispatcher.counting import Counting
from mahlan.dispatcher.lease import Lease
from mahlan.dispatcher.worker import Worker, WorkerOptions
from mahlan.errors import BrokerError, RebalanceError
from mahlan.events.codec import decode, encode, envelope_of
from mahlan.events.comment import CommentScored
from mahlan.events.envelope import RECEIVED_AT
from mahlan.events.nudge import AuthorHistory, NudgeDecided
from mahlan.events.topics import DECIDED, DISPATCHER_DLQ, HISTORY, SCORED, TOPICS
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.broker import Consumer, Outgoing, Partition, Producer, Record, TopicSpec
from mahlan.runtime.http import Health
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import Metrics, build_metrics
from tests.core.policy_cases import NOON, campaign

PARTITIONS = 2
PATIENCE = 20.0


class KilledError(Exception):
    """Stands for kill -9: nothing below may catch it."""


@dataclass
class Clock:
    """A clock that a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Timer:
    """Seconds that a test moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class FlakyProducer:
    """Each send meets the next of ``fates``: ``(records that arrive, error raised)``; then all is well again."""

    inner: Producer
    fates: list[tuple[Callable[[int], int], Exception | None]] = field(default_factory=list)
    sends: int = 0

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.sends += 1
        arriving, error = self.fates.pop(0) if self.fates else (lambda count: count, None)
        await self.inner.send(records[: arriving(len(records))])
        if error is not None:
            raise error

    async def close(self) -> None:
        await self.inner.close()


def none_of(_: int) -> int:
    return 0


def half_of(count: int) -> int:
    return (count + 1) // 2


def all_of(count: int) -> int:
    return count


@dataclass
class StubbornConsumer:
    """Refuses the first commits, as a group does with a member it has put out, or answers late; or fails to read."""

    inner: Consumer
    refusals: list[Exception]
    held: list[asyncio.Event]
    unread: list[Exception]

    async def poll(self, max_records: int, max_wait: float) -> list[Record]:
        if self.unread:
            raise self.unread.pop(0)
        return await self.inner.poll(max_records, max_wait)

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        await self.inner.commit(positions)
        if self.held:
            await self.held.pop().wait()

    async def lag(self) -> Mapping[Partition, int]:
        return await self.inner.lag()

    async def close(self) -> None:
        await self.inner.close()


class FlakyBroker(MemoryBroker):
    """A memory broker whose consumers refuse commits or reads and whose log cannot be read, as often as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals: list[Exception] = []
        self.held: list[asyncio.Event] = []
        self.unread: list[Exception] = []
        self.unreadable = 0
        self.joined = 0

    async def consumer(self, topics: Sequence[str], group: str, **hooks: Any) -> Consumer:  # type: ignore[override]
        self.joined += 1
        inner = await super().consumer(topics, group, **hooks)
        return StubbornConsumer(inner, self.refusals, self.held, self.unread)

    async def read_partition(self, partition: Partition, *, last: int | None = None) -> list[Record]:
        if self.unreadable:
            self.unreadable -= 1
            raise BrokerError("the log cannot be read now")
        return await super().read_partition(partition, last=last)


@dataclass
class Stage:
    """One broker with mahlan's topics, one clock, and the workers on them."""

    broker: FlakyBroker = field(default_factory=FlakyBroker)
    clock: Clock = field(default_factory=Clock)
    metrics: Metrics = field(default_factory=build_metrics)
    campaign: Campaign = field(default_factory=campaign)
    brakes: Brakes = field(default_factory=lambda: Brakes(build_metrics(), "dispatcher"))

    async def open(self) -> Stage:
        self.broker.clock = lambda: self.clock().timestamp()
        await self.broker.create_topics([TopicSpec(t.name, PARTITIONS, config=t.config) for t in TOPICS])
        return self

    async def publish(self, *events: CommentScored | bytes, partition: int | None = None) -> None:
        """Scored comments as the scorer writes them; bytes as anybody might."""
        producer = await self.broker.producer()
        await producer.send([self._outgoing(event, partition) for event in events])

    def _outgoing(self, event: CommentScored | bytes, partition: int | None) -> Outgoing:
        if isinstance(event, bytes):
            return Outgoing(SCORED.name, b"somebody", event, (), partition)
        name = f"{event.comment_id}-{event.revision}"
        value, headers = encode(event, envelope_of(event, id=name, source="test", time=NOON.isoformat()))
        trace = ("traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01")
        arrived = (RECEIVED_AT, b"%d" % (NOON.timestamp() * 1000 - 2000))
        return Outgoing(SCORED.name, event.author_key.encode(), value, (*headers, trace, arrived), partition)

    async def worker(self, *fates: tuple[Callable[[int], int], Exception | None], **changes: Any) -> Worker:
        options = {"tail": 100, "batch": 100, "session_timeout": 10.0, **changes.pop("options", {})}
        return Worker(
            broker=self.broker,
            producer=FlakyProducer(await self.broker.producer(), list(fates)),
            campaign=self.campaign,
            brakes=self.brakes,
            options=WorkerOptions(group="g", source="test", max_wait=0.02, settle=0.0, **options),
            counting=Counting(self.metrics, self.campaign.languages),
            health=Health(),
            beat=lambda: None,
            clock=self.clock,
            **{"lease": Lease(10.0), **changes},
        )

    @asynccontextmanager
    async def running(self, *workers: Worker) -> AsyncIterator[list[asyncio.Task[None]]]:
        """Run workers; stop and drain them at the end. A killed one ends with ``KilledError``."""
        stop = asyncio.Event()
        tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
        try:
            yield tasks
        finally:
            stop.set()
            for task in tasks:
                with suppress(KilledError):
                    await task

    async def until_idle(self) -> None:
        """Until everything on the input is committed."""
        async with asyncio.timeout(PATIENCE):
            while self.lag():
                await asyncio.sleep(0.01)

    def lag(self) -> int:
        group = self.broker.groups.get("g")
        committed = group.committed if group else {}
        logs = self.broker.topics[SCORED.name]
        return sum(len(log) - committed.get(Partition(SCORED.name, n), 0) for n, log in enumerate(logs))

    async def read(self, topic: str) -> list[Record]:
        logs = [await MemoryBroker.read_partition(self.broker, Partition(topic, n)) for n in range(PARTITIONS)]
        return [record for log in logs for record in log]

    async def decisions(self) -> list[NudgeDecided]:
        return [decode(NudgeDecided, one.value, one.headers).event for one in await self.read(DECIDED.name)]

    async def histories(self) -> dict[str, AuthorHistory]:
        """The latest by author, as compaction leaves them."""
        read = [
            decode(AuthorHistory, one.value, one.headers).event for one in await self.read(HISTORY.name) if one.value
        ]
        return {history.author_key: history for history in read}

    async def dead_letters(self) -> list[Record]:
        return await self.read(DISPATCHER_DLQ.name)

    def counted(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, {"service": "dispatcher", **labels}) or 0.0


LOST = BrokerError("not acknowledged")
MOVED = RebalanceError("these partitions belong to another member")
