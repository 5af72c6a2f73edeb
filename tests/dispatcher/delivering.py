"""A delivery on the memory broker, with a channel that fails or waits as a test says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mahlan.core.backoff import Backoff
from mahlan.dispatcher.courier import Courier
from mahlan.dispatcher.delivery import Delivery
from mahlan.events.codec import encode, envelope_of
from mahlan.events.dead_letter import read as read_dead_letter
from mahlan.events.topics import DECIDED
from mahlan.runtime.broker import Outgoing, Partition
from tests.dispatcher.harness import PATIENCE, Timer


@dataclass
class Recorder:
    """A channel that keeps what it is given, and first fails or waits as told."""

    name: str = "recorder"
    errors: list[Exception] = field(default_factory=list)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    delivered: list[str] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    async def deliver(self, decision) -> None:
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await asyncio.sleep(0)
            if decision.comment_id in self.held:
                await self.held[decision.comment_id].wait()
            if self.errors:
                raise self.errors.pop(0)
            self.delivered.append(decision.comment_id)
        finally:
            self.busy -= 1

    async def close(self) -> None:
        pass


async def publish(stage, *decisions, partition=0):
    producer = await stage.broker.producer()
    for decision in decisions:
        value, headers = (
            (decision, ())
            if isinstance(decision, bytes)
            else encode(decision, envelope_of(decision, id=decision.decision_id, source="test", time="t"))
        )
        await producer.send([Outgoing(DECIDED.name, b"a" * 32, value, headers, partition)])


@asynccontextmanager
async def delivering(stage, *channels, waits=None, producer=None, **options):
    """One delivery worker; waits between tries take no time but are noted."""
    timer = Timer()

    async def sleep(seconds: float) -> None:
        timer.seconds += seconds
        if waits is not None:
            waits.append(seconds)
        await asyncio.sleep(0)

    producer = producer or await stage.broker.producer()
    tries = options.pop("backoff", Backoff(attempts=4, first=1.0, longest=8.0, deadline=60.0))
    courier = Courier(channels, producer, tries, stage.metrics, stage.clock, lambda: 0.5, sleep, timer)
    delivery = Delivery(stage.broker, courier, lambda: None, "d", **{"drain": 0.2, "max_wait": 0.02, **options})
    stop = asyncio.Event()
    task = asyncio.create_task(delivery.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def committed(stage, partition: int = 0) -> int:
    group = stage.broker.groups.get("d")
    return group.committed.get(Partition(DECIDED.name, partition), 0) if group else 0


async def reasons(stage) -> Counter:
    return Counter(read_dead_letter(letter.headers).reason for letter in await stage.dead_letters())
