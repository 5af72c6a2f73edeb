"""The batch loop of a consumer. Run by the scorer; ``positions_after`` is for whoever commits.

``BatchLoop`` is the one consume-transform-produce-commit loop: at least once, in order, with the next batch being
worked on while the last one is written and committed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mahlan.errors import RetryError
from mahlan.runtime.broker import Consumer, Outgoing, Partition, Producer, Record
from mahlan.runtime.http import Health
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.retries import retried

Transform = Callable[[Sequence[Record]], Awaitable[Sequence[Outgoing]]]


def positions_after(records: Sequence[Record]) -> dict[Partition, int]:
    """The offsets to commit once these records are done."""
    positions: dict[Partition, int] = {}
    for record in records:
        positions[Partition(record.topic, record.partition)] = record.offset + 1
    return positions


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much a loop takes at once: records, seconds to wait for them, batches on their way together."""

    max_records: int
    max_wait: float
    depth: int = 2


class BatchLoop:
    """Poll, transform, write, commit. Up to ``limits.depth`` batches are on their way at once, each finished in order.

    ``transform`` is total: it turns every record into an event or a dead letter. While it computes in a thread, the
    next batch is fetched and decoded and the last one written: none of the three waits for the others.
    """

    def __init__(
        self,
        consumer: Consumer,
        producer: Producer,
        transform: Transform,
        *,
        metrics: Metrics,
        health: Health,
        service: str,
        limits: BatchLimits,
    ) -> None:
        self.consumer = consumer
        self.producer = producer
        self._transform = transform
        self._metrics = metrics
        self._health = health
        self._service = service
        self._limits = limits
        #: Partition to the broker's timestamp (milliseconds) of the last record polled.
        self.places: dict[Partition, int] = {}
        self._batches: deque[asyncio.Task[None]] = deque()

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set; everything polled is then written and committed before this returns."""
        while not stop.is_set():
            self._health.beat()
            records = await retried(self._poll, self._metrics, self._service)
            if records:
                self.places |= {Partition(one.topic, one.partition): one.timestamp_ms for one in records}
                before = self._batches[-1] if self._batches else None
                self._batches.append(asyncio.create_task(self._process(records, before)))
            while len(self._batches) > self._limits.depth or (self._batches and self._batches[0].done()):
                await self._batches.popleft()
        await self.settle()

    async def settle(self) -> None:
        """Wait until all that was polled is committed; raises what went wrong with it."""
        while self._batches:
            await self._batches.popleft()

    async def _poll(self) -> list[Record]:
        return await self.consumer.poll(self._limits.max_records, self._limits.max_wait)

    async def _process(self, records: Sequence[Record], before: asyncio.Task[None] | None) -> None:
        in_flight = self._metrics.in_flight.labels(self._service)
        in_flight.inc(len(records))
        self._metrics.batch_records.labels(self._service).observe(len(records))
        outgoing = await self._transform(records)
        if before is not None:
            await before
        with self._metrics.stage_seconds.labels(self._service, "write").time():
            await retried(lambda: self._write(outgoing), self._metrics, self._service)
        await self._commit(records)
        in_flight.dec(len(records))

    async def _write(self, outgoing: Sequence[Outgoing]) -> None:
        # Each try is a sign of life: while the broker is away, a restart of this process would help nobody.
        self._health.beat()
        await self.producer.send(outgoing)

    async def _commit(self, records: Sequence[Record]) -> None:
        try:
            await self.consumer.commit(positions_after(records))
        except RetryError as error:
            # The group moved on while we wrote: whoever has the partition now does these records again.
            self._metrics.retries.labels(self._service, "commit").inc()
            logger().warning("commit_refused", error_type=type(error).__name__, records=len(records))
