"""Handing nudges to the channels: a consumer group of its own over ``nudges.decided.v1``, which is the outbox.

At least once: an offset is committed when every channel has the nudge or it became a dead letter. A bounded number
is under way at a time, and each for a bounded time, so that a channel that hangs stops nothing for long.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mahlan.dispatcher import SERVICE
from mahlan.dispatcher.courier import Courier
from mahlan.dispatcher.memberships import Memberships
from mahlan.dispatcher.offsets import Offsets
from mahlan.errors import BrokerError, RecordError, RetryError
from mahlan.events.codec import decode
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DECIDED
from mahlan.runtime.broker import Broker, Consumer, Partition, Record
from mahlan.runtime.logs import logger

#: A member that does not poll for a minute is put out of the group (``runtime/kafka_consumer.py``).
_POLL_EVERY = 20.0
_POLLED = 512


@dataclass(slots=True)
class Delivery:
    """One member of the delivery group.

    ``in_flight`` bounds the nudges under way. ``drain`` (for those, at the end) and ``max_wait`` (for records) are
    in seconds.
    """

    broker: Broker
    courier: Courier
    beat: Callable[[], None]
    group: str
    in_flight: int = 64
    drain: float = 5.0
    max_wait: float = 0.5
    _offsets: Offsets = field(default_factory=Offsets)
    _waiting: deque[Record] = field(default_factory=deque)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _memberships: Memberships = field(init=False)

    def __post_init__(self) -> None:
        self._memberships = Memberships(self._rejoining)

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set; what is under way may then end within ``drain``, the rest is delivered next time."""
        await self._memberships.run(self._belong, stop)

    def _rejoining(self, error: RetryError) -> None:
        self.courier.metrics.retries.labels(SERVICE, type(error).__name__).inc()
        logger().warning("rejoining", error_type=type(error).__name__)

    async def _belong(self, stop: asyncio.Event) -> None:
        """One membership of the group, from joining it to leaving it."""
        consumer = await self.broker.consumer([DECIDED.name], self.group, on_revoked=self._revoked)
        try:
            await self._deliver_until(stop, consumer)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=self.drain)
            await self._commit(consumer)
        finally:
            await self._abandon()
            with suppress(BrokerError):
                await consumer.close()

    async def _deliver_until(self, stop: asyncio.Event, consumer: Consumer) -> None:
        polled_at = time.monotonic()
        while not stop.is_set():
            self.beat()
            if self._waiting and len(self._tasks) >= self.in_flight:
                await asyncio.wait(self._tasks, timeout=self.max_wait, return_when=asyncio.FIRST_COMPLETED)
            self._begin_waiting()
            if not self._waiting:
                self._waiting.extend(await consumer.poll(_POLLED, self.max_wait))
                polled_at = time.monotonic()
            elif time.monotonic() - polled_at > _POLL_EVERY:
                self._waiting.extend(await consumer.poll(1, 0.0))
                polled_at = time.monotonic()
            self._begin_waiting()
            await self._commit(consumer)

    def _begin_waiting(self) -> None:
        while self._waiting and len(self._tasks) < self.in_flight:
            self._begin(self._waiting.popleft())

    def _begin(self, record: Record) -> None:
        self._offsets.start(record)
        try:
            decision = decode(NudgeDecided, record.value, record.headers).event
        except RecordError as error:
            self._start(record, self.courier.bury(record, error))
            return
        # What was decided at the door has been shown there.
        if decision.kind == "nudge" and decision.door == "stream":
            self._start(record, self.courier.deliver(record, decision))
        else:
            self._offsets.finish(record)

    def _start(self, record: Record, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(record, done))

    def _ended(self, record: Record, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is None:
            self._offsets.finish(record)

    async def _commit(self, consumer: Consumer) -> None:
        positions = self._offsets.take()
        if not positions:
            return
        try:
            await consumer.commit(positions)
        except BrokerError as error:
            # Whoever has the partition delivers these again; the decision id lets the platform drop them.
            self.courier.metrics.retries.labels(SERVICE, "commit").inc()
            logger().warning("commit_refused", error_type=type(error).__name__)
        else:
            self._memberships.worked()

    async def _revoked(self, partitions: Sequence[Partition]) -> None:
        self._offsets.drop(partitions)
        gone = {partition.number for partition in partitions}
        kept = [record for record in self._waiting if record.partition not in gone]
        self._waiting.clear()
        self._waiting.extend(kept)

    async def _abandon(self) -> None:
        """Stop what is under way: it is delivered again after the next assignment."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._offsets = Offsets()
        self._waiting.clear()
