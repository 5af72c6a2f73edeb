"""Following a whole topic without a group: all it holds, then what comes. For what every worker must know.

Used by the gateway for authors' histories, and by whoever decides for brakes. Without the broker a worker goes on with
what it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from mahlan.runtime.broker import Broker, Record
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.retries import retried

T = TypeVar("T")

BATCH = 1000
WAIT = 0.5
"""Seconds a poll waits for news."""


class TopicFollower:
    """``learn`` is given the records in order, and an empty list where there were none for a while.

    ``caught_up`` is set once all that was in the topic at the start is read.
    """

    def __init__(self, topic: str, learn: Callable[[Sequence[Record]], None], metrics: Metrics, service: str) -> None:
        self.caught_up = asyncio.Event()
        self._topic = topic
        self._learn = learn
        self._metrics = metrics
        self._service = service

    async def follow(self, broker: Broker) -> None:
        """Until cancelled. A broker that is away is tried again and again."""
        ends = await self._tried(lambda: self._ends(broker))
        reader = await self._tried(lambda: broker.reader(self._topic, positions="start"))
        try:
            while True:
                if not self.caught_up.is_set() and _is_past(reader.positions(), ends):
                    self.caught_up.set()
                self._take(await self._tried(lambda: reader.poll(BATCH, WAIT)))
        finally:
            await reader.close()

    async def _tried(self, work: Callable[[], Awaitable[T]]) -> T:
        return await retried(work, self._metrics, self._service)

    def _take(self, records: Sequence[Record]) -> None:
        self._metrics.events_in.labels(self._service, self._topic).inc(len(records))
        self._learn(records)

    async def is_known(self, seconds: float) -> bool:
        """Wait until it has caught up, so long at most; whether it has."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.caught_up.wait(), seconds)
        return self.caught_up.is_set()

    async def _ends(self, broker: Broker) -> Mapping[int, int]:
        """Where each partition ends now."""
        reader = await broker.reader(self._topic, positions="end")
        try:
            return reader.positions()
        finally:
            await reader.close()


def _is_past(positions: Mapping[int, int], ends: Mapping[int, int]) -> bool:
    return all(positions.get(number, 0) >= end for number, end in ends.items())
