"""Dead letters as the CLI reads them and sends them back. Used by ``mahlan dlq``.

Progress is a consumer group per reason: what one replay of a reason has sent, the next one passes over, and a replay
of one reason says nothing of another.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mahlan.errors import FatalError
from mahlan.events import dead_letter
from mahlan.events.dead_letter import DeadLetter
from mahlan.events.topics import BY_NAME, DEAD_LETTERS
from mahlan.runtime.broker import Broker, Outgoing, Partition, Record
from mahlan.runtime.settings import Settings

#: Records sent and acknowledged together.
BATCH = 500
#: Seconds within which Kafka must give a group of one its partitions.
ASSIGNED_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dead letters; None is any."""

    service: str | None = None
    reason: str | None = None
    places: tuple[str, ...] = ()

    def topics(self) -> list[str]:
        """The dead letter topics to look at."""
        return [topic.name for service, topic in DEAD_LETTERS.items() if self.service in {None, service}]

    def takes(self, letter: Letter) -> bool:
        """Whether this one is chosen."""
        by_place = not self.places or letter.at in self.places
        return by_place and self.reason in {None, letter.why.reason}


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: the record as it is on its topic, and why it is there."""

    record: Record
    why: DeadLetter

    @property
    def at(self) -> str:
        """Its own place: ``TOPIC:PARTITION:OFFSET``."""
        return f"{self.record.topic}:{self.record.partition}:{self.record.offset}"

    @property
    def original(self) -> Outgoing:
        """What it was before it failed."""
        headers = dead_letter.original_headers(self.record.headers)
        return Outgoing(self.why.topic, self.record.key, self.record.value, headers)


@dataclass(slots=True)
class Replay:
    """What is to be sent back, and how far each reason's group has then come."""

    letters: list[Letter] = field(default_factory=list)
    positions: dict[str, dict[Partition, int]] = field(default_factory=dict)


async def read_letters(broker: Broker, choice: Choice) -> list[Letter]:
    """The chosen dead letters, in order per partition."""
    return [letter for letter in await _all_letters(broker, choice) if choice.takes(letter)]


async def _all_letters(broker: Broker, choice: Choice) -> list[Letter]:
    found: list[Letter] = []
    for topic in choice.topics():
        for number in range(await broker.partitions(topic)):
            for record in await broker.read_partition(Partition(topic, number)):
                why = dead_letter.read(record.headers)
                if why is not None:
                    found.append(Letter(record, why))
    return found


async def plan_replay(broker: Broker, settings: Settings, choice: Choice) -> Replay:
    """What a replay would send. Raises ``FatalError`` for a place where there is no dead letter."""
    letters = await _all_letters(broker, choice)
    chosen = [letter for letter in letters if choice.takes(letter)]
    strange = sorted({letter.why.topic for letter in chosen} - BY_NAME.keys())
    if strange:
        raise FatalError(f"dead letters came from topics this build does not know: {', '.join(strange)}")
    if choice.places:
        missing = sorted(set(choice.places) - {letter.at for letter in chosen})
        if missing:
            raise FatalError(f"no such dead letter: {', '.join(missing)}; see `mahlan dlq show --each`")
        return Replay(chosen)
    return await _without_those_sent(broker, settings, chosen)


async def _without_those_sent(broker: Broker, settings: Settings, chosen: Sequence[Letter]) -> Replay:
    replay = Replay()
    topics = sorted({letter.record.topic for letter in chosen})
    for reason in sorted({letter.why.reason for letter in chosen}):
        of_reason = [letter for letter in chosen if letter.why.reason == reason]
        begun = await _positions(broker, _group(settings, reason), topics)
        replay.letters += [one for one in of_reason if one.record.offset >= begun.get(_place(one), 0)]
        replay.positions[reason] = {_place(one): one.record.offset + 1 for one in of_reason}
    return replay


async def send_back(broker: Broker, settings: Settings, replay: Replay) -> Mapping[str, int]:
    """Send, wait for the acknowledgement, then remember; how many went to each topic."""
    done: Counter[str] = Counter()
    producer = await broker.producer()
    try:
        for first in range(0, len(replay.letters), BATCH):
            batch = replay.letters[first : first + BATCH]
            await producer.send([letter.original for letter in batch])
            done.update(letter.why.topic for letter in batch)
    finally:
        await producer.close()
    sent = {letter.why.reason for letter in replay.letters}
    for reason in sorted(sent & replay.positions.keys()):
        await _remember(broker, _group(settings, reason), replay.positions[reason])
    return done


async def _positions(broker: Broker, group: str, topics: Sequence[str]) -> dict[Partition, int]:
    """Where the group stands in each partition that has records."""
    consumer = await broker.consumer(topics, group)
    try:
        lag: Mapping[Partition, int] = {}
        deadline = time.monotonic() + ASSIGNED_WITHIN
        while not lag:
            if time.monotonic() > deadline:
                raise FatalError(f"Kafka gave group {group} no partitions; is another replay running?")
            await asyncio.sleep(0.05)
            lag = await consumer.lag()
    finally:
        await consumer.close()
    ends = {place: await broker.read_partition(place, last=1) for place in lag}
    return {place: records[-1].offset + 1 - lag[place] for place, records in ends.items() if records}


async def _remember(broker: Broker, group: str, positions: Mapping[Partition, int]) -> None:
    consumer = await broker.consumer(sorted({place.topic for place in positions}), group)
    try:
        deadline = time.monotonic() + ASSIGNED_WITHIN
        while not positions.keys() <= (await consumer.lag()).keys():
            if time.monotonic() > deadline:
                raise FatalError(f"sent, but Kafka gave group {group} no partitions to remember it by")
            await asyncio.sleep(0.05)
        await consumer.commit(positions)
    finally:
        await consumer.close()


def _group(settings: Settings, reason: str) -> str:
    return f"{settings.group_prefix}.replay.{reason}"


def _place(letter: Letter) -> Partition:
    return Partition(letter.record.topic, letter.record.partition)
