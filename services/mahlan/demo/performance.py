"""Plays the simulated week: what is due by its clock goes to Kafka, what is decided comes back as what authors do then.

A week takes as long as ``speed`` says, or longer: the clock waits for decisions, since authors do, and does not run
more than ``SLACK`` ahead of the oldest comment that has none. Used by the scenario.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

import orjson

from mahlan.demo.actors import Cast, Telling
from mahlan.demo.publisher import BATCH, TICK, send
from mahlan.demo.week import HOUR, Act
from mahlan.events.topics import DECIDED
from mahlan.runtime.broker import Outgoing, Producer, Record

#: Seconds of the week by which the clock may be ahead of a comment without a decision.
SLACK = 6 * HOUR


@dataclass(slots=True)
class Performance:
    """One week on its way. ``speed``: seconds of the week in a second, 0 for as fast as it goes.

    ``published``: names of comments that the broker acknowledged; ``told``: how many outcomes.
    """

    cast: Cast
    producer: Producer
    speed: float
    now: float = 0.0
    published: list[str] = field(default_factory=list)
    told: int = 0
    last_write: float = 0.0
    _due: list[tuple[float, int, Act | Telling]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def add(self, items: Iterable[Act | Telling]) -> None:
        """To be played when they are due."""
        for item in items:
            heapq.heappush(self._due, (item.sent, next(self._numbers), item))

    def hear(self, record: Record) -> None:
        """Let authors know what was decided."""
        if record.topic == DECIDED.name and record.value is not None:
            self.add(self.cast.react(orjson.loads(record.value), self.now))

    @property
    def over(self) -> bool:
        """Whether everybody has done everything."""
        return not self._due and not self.cast.undecided

    async def run(self) -> None:
        """Until the week is over. Raises ``BrokerError`` when the broker stays away."""
        seen = time.monotonic()
        while not self.over:
            before, seen = seen, time.monotonic()
            self.now = self._moved(seen - before)
            await self._play()
            await asyncio.sleep(TICK)

    def _moved(self, seconds: float) -> float:
        """The clock after so many seconds."""
        oldest = next(iter(self.cast.undecided.values()), None)
        waited_for = oldest.sent if oldest else self._due[0][0] if self._due else self.now
        wanted = self.now + seconds * self.speed if self.speed else waited_for + SLACK
        return max(self.now, min(wanted, waited_for + SLACK))

    async def _play(self) -> None:
        batch: list[Outgoing] = []
        names: list[str] = []
        while self._due and self._due[0][0] <= self.now and len(batch) < BATCH:
            _, _, item = heapq.heappop(self._due)
            if isinstance(item, Act):
                name, record = self.cast.write(item)
                names.append(name)
                batch.append(record)
            else:
                batch.append(item.record)
        if batch:
            await send(self.producer, batch)
            self.published += names
            self.told += len(batch) - len(names)
            self.last_write = time.time()
