"""Between Faust's agent and the topics: normalise in batches, write, and only then acknowledge. Used by the agent.

No timer: while one batch is being written the next one gathers, so that batches are small when it is quiet and
large when it is not.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime
from time import perf_counter, time

from mahlan.events import topics
from mahlan.normaliser.record import SERVICE, Result, normalised
from mahlan.runtime.broker import Producer
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.retries import retried
from mahlan.streams.message import Pending, Place, to_record

#: Batches' worth of records that may wait; then the agent waits, and through it the fetcher.
WAITING_BATCHES = 8


class Outbox:
    """Gathers events, writes what they become, acknowledges them. One task runs ``run``."""

    def __init__(self, producer: Producer, metrics: Metrics, salt: str, max_records: int) -> None:
        self._producer = producer
        self._metrics = metrics
        self._salt = salt
        self._max_records = max_records
        self._waiting: deque[Pending] = deque()
        self._wake = asyncio.Event()
        self._space = asyncio.Event()
        self._closed = False
        self.places: dict[tuple[str, int], Place] = {}

    async def add(self, event: Pending) -> None:
        """Take one event; waits while too many are waiting already."""
        self._waiting.append(event)
        self._wake.set()
        if len(self._waiting) > WAITING_BATCHES * self._max_records:
            self._space.clear()
            await self._space.wait()

    def close(self) -> None:
        """Let ``run`` return once everything taken is written and acknowledged."""
        self._closed = True
        self._wake.set()
        self._space.set()

    async def run(self) -> None:
        """Until closed and empty. The next batch is normalised while the last one is being written."""
        writing: asyncio.Task[None] | None = None
        while self._waiting or not self._closed:
            if not self._waiting:
                await _settled(writing)
                writing = None
                await self._wait()
                continue
            events = self._take()
            results = self._normalise(events)
            await _settled(writing)
            writing = asyncio.create_task(self._write(events, results))
            # Lets the write start and the agent gather before the next batch is normalised.
            await asyncio.sleep(0)
        await _settled(writing)

    async def _wait(self) -> None:
        if not self._waiting and not self._closed:
            self._wake.clear()
            await self._wake.wait()

    def _take(self) -> list[Pending]:
        count = min(len(self._waiting), self._max_records)
        events = [self._waiting.popleft() for _ in range(count)]
        self._space.set()
        return events

    def _normalise(self, events: list[Pending]) -> list[Result]:
        started = perf_counter()
        now = datetime.now(UTC)
        results = [normalised(to_record(event.message), self._salt, now) for event in events]
        self._metrics.events_in.labels(SERVICE, topics.SUBMITTED.name).inc(len(events))
        self._metrics.batch_records.labels(SERVICE).observe(len(events))
        self._metrics.in_flight.labels(SERVICE).inc(len(events))
        self._metrics.stage_seconds.labels(SERVICE, "normalise").observe(perf_counter() - started)
        return results

    async def _write(self, events: list[Pending], results: list[Result]) -> None:
        started = perf_counter()
        outgoing = [result.outgoing for result in results]
        await retried(lambda: self._producer.send(outgoing), self._metrics, SERVICE)
        for event in events:
            event.ack()
        last = {(event.message.topic, event.message.partition): event.message for event in events}
        for place, message in last.items():
            self.places[place] = Place(message.offset + 1, int((message.timestamp or 0) * 1000))
        self._metrics.stage_seconds.labels(SERVICE, "write").observe(perf_counter() - started)
        self._count(results)

    def _count(self, results: list[Result]) -> None:
        metrics, now_ms = self._metrics, time() * 1000
        metrics.in_flight.labels(SERVICE).dec(len(results))
        dead = [result.reason for result in results if result.reason]
        for reason in dead:
            metrics.events_dead.labels(SERVICE, reason).inc()
        metrics.events_out.labels(SERVICE, topics.NORMALISED.name).inc(len(results) - len(dead))
        observe = metrics.end_to_end_seconds.labels(SERVICE).observe
        for result in results:
            observe(max(0.0, (now_ms - result.received_ms) / 1000))


async def _settled(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        await task
