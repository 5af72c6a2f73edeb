"""Reads the topics of a run back, while it goes and to their end, into its ledger. Used by the demo's run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mahlan.demo.ledger import FOLLOWED, Ledger
from mahlan.errors import FatalError, RetryError
from mahlan.events.topics import NORMALISED, SCORED, SUBMITTED, Topic
from mahlan.runtime.broker import Broker, Consumer, Partition, Record

POLL = 2000
#: Seconds within which a group of one must have its partitions; Kafka takes under one.
ASSIGNED_WITHIN = 60.0
#: Seconds within which the topics must be read to their end once nobody writes any more.
READ_WITHIN = 60.0

#: Which topic each service's group reads.
READS: Mapping[str, Topic] = {"normaliser": SUBMITTED, "scorer": NORMALISED, "dispatcher": SCORED}


@dataclass(slots=True)
class Follower:
    """A consumer of every topic that a comment may turn up on. ``tell`` hears of each record too."""

    consumer: Consumer
    ledger: Ledger
    tell: Callable[[Record], None] | None = None
    _reading: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Read on in the background."""
        self._reading = asyncio.create_task(self._read(), name="ledger")

    async def _read(self) -> None:
        while True:
            for record in await self.consumer.poll(POLL, 0.2):
                self._see(record)

    def check(self) -> None:
        """Raise what went wrong with the reading."""
        if self._reading is not None and self._reading.done():
            self._reading.result()

    async def read_to_end(self) -> None:
        """Until there is nothing more on any topic; then stop. Raises ``FatalError`` when that end is not reached."""
        await self._stop_reading()
        deadline = time.monotonic() + READ_WITHIN
        while time.monotonic() < deadline:
            records = await self.consumer.poll(POLL, 0.2)
            for record in records:
                self._see(record)
            lag = await self.consumer.lag()
            if not records and lag and not any(lag.values()):
                return
        raise FatalError("the topics could not be read to their end: nothing can be said of what was lost")

    async def close(self) -> None:
        """Stop reading and leave the group."""
        await self._stop_reading()
        with suppress(RetryError):
            await self.consumer.close()

    def _see(self, record: Record) -> None:
        self.ledger.see(record)
        if self.tell is not None:
            self.tell(record)

    async def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
            self._reading = None


async def follow(broker: Broker, ledger: Ledger, group: str, starts: Mapping[Partition, int]) -> Follower:
    """A follower that begins at ``starts`` (else at the beginning)."""
    ledger.ends.update(starts)
    names = [topic.name for topic in FOLLOWED]
    await begin_at(broker, group, names, starts)
    return Follower(await broker.consumer(names, group), ledger)


async def ends_of(broker: Broker, names: Sequence[str]) -> dict[Partition, int]:
    """The offset after the last record of every partition that has any."""
    places = [Partition(name, number) for name in names for number in range(await broker.partitions(name))]
    lasts = await asyncio.gather(*(broker.read_partition(place, last=1) for place in places))
    return {place: records[-1].offset + 1 for place, records in zip(places, lasts, strict=True) if records}


async def begin_services_at(broker: Broker, prefix: str, starts: Mapping[Partition, int]) -> None:
    """Let the services' groups begin at ``starts``, so that a run does not do the work of others over again."""
    for service, topic in READS.items():
        await begin_at(broker, f"{prefix}.{service}", [topic.name], starts)


async def begin_at(broker: Broker, group: str, names: Sequence[str], starts: Mapping[Partition, int]) -> None:
    """Commit ``starts`` for a group that nobody is in."""
    wanted = {place: offset for place, offset in starts.items() if place.topic in names}
    if not wanted:
        return
    consumer = await broker.consumer(names, group)
    try:
        deadline = time.monotonic() + ASSIGNED_WITHIN
        while not wanted.keys() <= (await consumer.lag()).keys():
            if time.monotonic() > deadline:
                raise FatalError(f"Kafka gave group {group} no partitions within {ASSIGNED_WITHIN:.0f} s")
            await asyncio.sleep(0.05)
        await consumer.commit(wanted)
    finally:
        await consumer.close()
