"""Following a whole topic without a group: all it holds, then what comes. For what every worker must know.

Used by the gateway for authors' histories, and by whoever decides for brakes. Without the broker a worker goes on with
what it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from mahlan.errors import RetryError
from mahlan.runtime.broker import Broker, Reader, Record
from mahlan.runtime.loop import backoff
from mahlan.runtime.metrics import Metrics

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
        failures = 0
        reader: Reader | None = None
        try:
            while True:
                try:
                    if reader is None:
                        ends = await self._ends(broker)
                        reader = await broker.reader(self._topic, positions="start")
                    else:
                        self._take(await reader.poll(BATCH, WAIT))
                    failures = 0
                except RetryError as error:
                    self._metrics.retries.labels(self._service, type(error).__name__).inc()
                    await asyncio.sleep(backoff(failures))
                    failures += 1
                else:
                    if not self.caught_up.is_set() and _is_past(reader.positions(), ends):
                        self.caught_up.set()
        finally:
            if reader is not None:
                await reader.close()

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
