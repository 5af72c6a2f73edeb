"""Events that must not be lost though Kafka may be away: kept on this machine's disk first, sent in order, none twice.

``add`` returns once its records are durable; ``run`` sends them. A record is marked before it is first sent. Whenever
it is unclear what became of marked ones, after a failed send or a kill, the log is read for their ids before anything
is sent again: what is there is dropped here.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mahlan.errors import BrokerError, OversizeError, SpoolError
from mahlan.events.topics import MAX_RECORD_BYTES
from mahlan.runtime.broker import Broker, Outgoing, Producer
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.partitioner import record_bytes
from mahlan.runtime.retries import retried
from mahlan.runtime.spool import Row, Spool
from mahlan.runtime.spool_writer import SpoolWriter
from mahlan.runtime.written import event_id, find_written

#: Clocks are set back now and then: the log is read from so much before a record was marked.
_SLACK_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxOptions:
    """How much waits at most, in bytes; how much is sent together; times in seconds.

    ``settle`` is waited before the log is read: a request that failed here may still be on its way into it. ``drain``
    is for what is left when the service is stopped; the rest is sent by the next process. ``sweep``: what was sent is
    in no file any more so long after; each time costs about what five commits do.
    """

    max_bytes: int
    batch: int = 500
    batch_bytes: int = 2 * MAX_RECORD_BYTES
    settle: float = 1.0
    drain: float = 3.0
    sweep: float = 1.0


class Outbox:
    """One per file and process: ``open``, ``add`` and ``run`` beside each other, ``close``.

    ``depth`` and ``bytes`` tell what waits.
    """

    def __init__(
        self,
        path: Path,
        broker: Broker,
        metrics: Metrics,
        service: str,
        options: OutboxOptions,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._broker = broker
        self._metrics = metrics
        self._service = service
        self._options = options
        self._clock = clock
        self._spool = Spool(path, options.max_bytes, clock)
        self._writer = SpoolWriter(self._spool)
        self._producer: Producer | None = None
        self._news = asyncio.Event()
        self._resting = False
        self._swept = -math.inf
        self._damaged = 0

    @property
    def depth(self) -> int:
        """Records that wait to be sent."""
        return self._spool.rows

    @property
    def bytes(self) -> int:
        """How large they are."""
        return self._spool.bytes

    async def open(self) -> None:
        """Begin, with what an earlier process left. Raises ``SettingsError`` where the file cannot be used."""
        await self._writer.open()
        self._measure([])
        logger().info("spool", records=self.depth, bytes=self.bytes)

    async def add(self, records: Sequence[Outgoing]) -> None:
        """Keep all of them, or none: they are durable when this returns, and sent after what was added before.

        Each needs a ``ce_id``, by which it is known again. Raises ``SpoolFullError``, ``SpoolError`` where the disk
        does not take them, and ``OversizeError`` for a record that no topic takes.
        """
        ids = [event_id(record.headers) for record in records]
        for index, record in enumerate(records):
            if not ids[index]:
                raise ValueError(f"a record for {record.topic} has no ce_id header")
            if record_bytes(record) > MAX_RECORD_BYTES:
                raise OversizeError(f"a record for {record.topic} is larger than {MAX_RECORD_BYTES} bytes", index)
        try:
            await self._writer.make(lambda spool: spool.add(records, ids))
        except SpoolError as error:
            self._metrics.spool_refused.labels(self._service, type(error).__name__).inc()
            raise
        self._metrics.spool_records.labels(self._service).set(self.depth)
        self._resting = False
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set, and then what is left, for as long as ``drain`` allows."""
        sending = asyncio.create_task(self._send_all())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._options.drain):
                    while not (self._resting or sending.done()):
                        await asyncio.sleep(0.02)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            stopping.cancel()
            await asyncio.gather(sending, stopping, return_exceptions=True)

    async def close(self) -> None:
        """Let the file and the connection go. What waits is kept."""
        if self._producer is not None:
            with suppress(BrokerError):
                await self._producer.close()
        await self._writer.close()

    async def _send_all(self) -> None:
        while True:
            await retried(self._send_first, self._metrics, self._service)

    async def _send_first(self) -> None:
        """The oldest records, once there are any."""
        self._news.clear()
        if self._sweep_in() == 0:
            await self._sweep()
        rows = await self._writer.make(lambda spool: spool.first(self._options.batch, self._options.batch_bytes))
        self._measure(rows)
        if not rows:
            await self._rest()
        elif doubtful := [row for row in rows if row.attempted_ms]:
            await self._settle(doubtful)
        else:
            await self._send(rows)

    async def _rest(self) -> None:
        """Until something was added, or it is time to sweep."""
        self._resting = not self._news.is_set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._sweep_in()):
                await self._news.wait()

    def _sweep_in(self) -> float | None:
        """Seconds until what was sent is to be swept away; None where there is nothing."""
        return max(0.0, self._swept + self._options.sweep - time.monotonic()) if self._spool.soiled else None

    async def _sweep(self) -> None:
        """Where it fails it is tried again, and what waits is sent nevertheless."""
        try:
            await self._writer.sweep()
        except SpoolError as error:
            logger().warning("spool_unswept", error=str(error))
        self._swept = time.monotonic()

    async def _send(self, rows: Sequence[Row]) -> None:
        if self._producer is None:
            self._producer = await self._broker.producer()
        await self._writer.make(lambda spool: spool.mark(rows))
        try:
            await self._producer.send([row.record for row in rows])
        except OversizeError as error:
            await self._give_up(rows[error.index])
        else:
            await self._writer.make(lambda spool: spool.delete(rows))
            self._count(rows)

    async def _settle(self, doubtful: Sequence[Row]) -> None:
        """Find out which of these are in the log; those that are not are as if they had never been sent."""
        await asyncio.sleep(self._options.settle)
        written: list[Row] = []
        for topic in dict.fromkeys(row.record.topic for row in doubtful):
            rows = [row for row in doubtful if row.record.topic == topic]
            since_ms = min(row.attempted_ms for row in rows) - _SLACK_MS
            sought = [(row.event_id, row.record) for row in rows]
            found = await find_written(self._broker, topic, sought, max(0, since_ms))
            written += [row for row in rows if row.event_id in found]
        gone = {row.id for row in written}
        unsent = [row for row in doubtful if row.id not in gone]
        await self._writer.make(partial(_settled, written, unsent))
        self._metrics.spool_found.labels(self._service).inc(len(written))
        self._count(written)

    async def _give_up(self, row: Row) -> None:
        """No topic will ever take it: what waits behind it must go on."""
        logger().error("spool_lost", topic=row.record.topic, reason="too_large", bytes=row.size)
        self._metrics.spool_lost.labels(self._service, "too_large").inc()
        await self._writer.make(lambda spool: spool.delete([row]))

    def _count(self, rows: Sequence[Row]) -> None:
        for topic in {row.record.topic for row in rows}:
            count = sum(row.record.topic == topic for row in rows)
            self._metrics.events_out.labels(self._service, topic).inc(count)

    def _measure(self, rows: Sequence[Row]) -> None:
        age = self._clock() - rows[0].added_ms / 1000 if rows else 0.0
        self._metrics.spool_oldest_seconds.labels(self._service).set(max(0.0, age))
        self._metrics.spool_records.labels(self._service).set(self.depth)
        self._metrics.spool_bytes.labels(self._service).set(self.bytes)
        self._tell_damage()

    def _tell_damage(self) -> None:
        """Files that were moved aside since the last time: what of them had not been sent is lost."""
        for size in self._spool.damaged[self._damaged :]:
            self._metrics.spool_lost.labels(self._service, "damaged").inc()
            logger().error("spool_lost", reason="damaged", bytes=size)
        self._damaged = len(self._spool.damaged)


def _settled(written: Sequence[Row], unsent: Sequence[Row], spool: Spool) -> None:
    spool.delete(written)
    spool.unmark(unsent)
