"""Retries with backoff, and the batch loop of consumers. Used by every service.

``run_batches`` is the one consume-transform-produce-commit loop: at least once, in order, with the next batch being
worked on while the last one is written and committed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mahlan.errors import RetryError
from mahlan.runtime.broker import Consumer, Outgoing, Partition, Producer, Record
from mahlan.runtime.http import Health
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics

T = TypeVar("T")
Transform = Callable[[Sequence[Record]], Awaitable[Sequence[Outgoing]]]


def backoff(attempt: int, *, base: float = 0.05, cap: float = 5.0) -> float:
    """Seconds to wait before try ``attempt`` (0 first): full jitter under a doubling ceiling."""
    return random.uniform(0, min(cap, base * 2**attempt))  # noqa: S311 (spreads load, guards nothing)


async def retried(work: Callable[[], Awaitable[T]], metrics: Metrics, service: str) -> T:
    """``work()``, again and again with backoff while it raises ``RetryError``: the broker will be back."""
    attempt = 0
    while True:
        try:
            return await work()
        except RetryError as error:
            metrics.retries.labels(service, type(error).__name__).inc()
            logger().warning("retry", attempt=attempt, error_type=type(error).__name__)
            await asyncio.sleep(backoff(attempt))
            attempt += 1


def positions_after(records: Sequence[Record]) -> dict[Partition, int]:
    """The offsets to commit once these records are done."""
    positions: dict[Partition, int] = {}
    for record in records:
        positions[Partition(record.topic, record.partition)] = record.offset + 1
    return positions


@dataclass(slots=True)
class BatchLoop:
    """Poll, transform, write, commit; the last two overlap with the next batch's first two.

    ``transform`` is total: it turns every record into an event or a dead letter. ``settle`` must be awaited before
    partitions are given up, so that what was written is also committed.
    """

    consumer: Consumer
    producer: Producer
    transform: Transform
    metrics: Metrics
    health: Health
    service: str
    max_records: int
    max_wait: float
    _finishing: asyncio.Task[None] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set; everything polled is then written and committed before this returns."""
        while not stop.is_set():
            self.health.beat()
            records = await self.consumer.poll(self.max_records, self.max_wait)
            if not records:
                continue
            self.metrics.in_flight.labels(self.service).inc(len(records))
            outgoing = await self.transform(records)
            await self.settle()
            self._finishing = asyncio.create_task(self._finish(records, outgoing))
        await self.settle()

    async def settle(self) -> None:
        """Wait until the batch being written is committed; raises what went wrong with it."""
        task, self._finishing = self._finishing, None
        if task is not None:
            await task

    async def _finish(self, records: Sequence[Record], outgoing: Sequence[Outgoing]) -> None:
        await retried(lambda: self.producer.send(outgoing), self.metrics, self.service)
        await self._commit(records)
        self.metrics.in_flight.labels(self.service).dec(len(records))

    async def _commit(self, records: Sequence[Record]) -> None:
        try:
            await self.consumer.commit(positions_after(records))
        except RetryError as error:
            # The group moved on while we wrote: whoever has the partition now does these records again.
            self.metrics.retries.labels(self.service, "commit").inc()
            logger().warning("commit_refused", error_type=type(error).__name__, records=len(records))
