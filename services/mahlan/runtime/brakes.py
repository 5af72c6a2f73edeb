"""Every campaign's brakes, as ``campaigns.brakes.v1`` tells them. Followed by dispatcher, gateway and insights.

Where no brake is known, it is released; while Kafka is away, those known stay. ``read_brakes`` is the topic as it is
now, for whoever is about to write to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mahlan.errors import BrokerError, RecordError
from mahlan.events.brake import LEVELS, RELEASED, BrakeLevel, BrakeSet
from mahlan.events.codec import decode, encode, envelope_of
from mahlan.events.topics import BRAKES
from mahlan.runtime.broker import Broker, Outgoing, Partition, Record
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.topic_follower import TopicFollower

Key = tuple[str, str]
"""Campaign and language."""

MOST = 10_000
"""Keys remembered: far more than there are campaigns and languages, and a bound whatever was written."""


class Brakes:
    """In memory, the last brake of each campaign and language. ``caught_up`` is set once the topic was read whole."""

    def __init__(self, metrics: Metrics, service: str) -> None:
        self._known: dict[Key, BrakeSet] = {}
        self._metrics = metrics
        self._service = service
        self._follower = TopicFollower(BRAKES.name, self.learn, metrics, service)
        self.caught_up = self._follower.caught_up

    def level(self, campaign: str, language: str) -> BrakeLevel:
        """The campaign's brake in this language."""
        brake = self._known.get((campaign, language))
        return brake.level if brake is not None else RELEASED

    def of(self, campaign: str, language: str) -> BrakeSet | None:
        """The last that was set, released ones too; None where none ever was."""
        return self._known.get((campaign, language))

    def of_campaign(self, campaign: str) -> dict[str, BrakeSet]:
        """By language, the last that was set, released ones too."""
        return {language: brake for (name, language), brake in self._known.items() if name == campaign}

    async def follow(self, broker: Broker) -> None:
        """Until cancelled. A broker that is away is tried again and again."""
        await self._follower.follow(broker)

    async def wait_known(self, seconds: float) -> None:
        """Until the topic was read whole; after so many seconds go on with what is known, and say so."""
        if not await self._follower.is_known(seconds):
            logger().warning("brakes_unknown", seconds=seconds)

    def learn(self, records: Sequence[Record]) -> None:
        """Take over what the topic says."""
        unread = sum(not self._learn(record) for record in records)
        if unread:
            logger().warning("brakes_skipped", count=unread)

    def apply(self, brake: BrakeSet) -> bool:
        """Take over a brake; False where it is one more than can be remembered."""
        key = (brake.campaign, brake.language)
        if key not in self._known and len(self._known) >= MOST:
            return False
        if self.level(*key) != brake.level:
            names = {"campaign": brake.campaign, "language": brake.language}
            logger().info("brake", **names, brake=brake.level, reason=brake.code)
        self._known[key] = brake
        self._metrics.brake_level.labels(self._service, *key).set(LEVELS.index(brake.level))
        return True

    def _learn(self, record: Record) -> bool:
        try:
            told = _read(record)
        except RecordError:
            return False
        if isinstance(told, BrakeSet):
            return self.apply(told)
        if self._known.pop(told, None) is not None:
            self._metrics.brake_level.labels(self._service, *told).set(LEVELS.index(RELEASED))
        return True


async def read_brakes(broker: Broker) -> dict[Key, BrakeSet]:
    """The last brake of each campaign and language, released ones too, as the topic has them now.

    Raises ``BrokerError``, also where there is no such topic.
    """
    count = await broker.partitions(BRAKES.name)
    if not count:
        raise BrokerError(f"there is no topic {BRAKES.name} yet")
    logs = [await broker.read_partition(Partition(BRAKES.name, number)) for number in range(count)]
    return fold_brakes(record for log in logs for record in log)


def fold_brakes(records: Iterable[Record]) -> dict[Key, BrakeSet]:
    """The last of each key; what nobody can read is left out, as followers do."""
    known: dict[Key, BrakeSet] = {}
    for record in records:
        try:
            told = _read(record)
        except RecordError:
            continue
        if isinstance(told, BrakeSet):
            known[told.campaign, told.language] = told
        else:
            known.pop(told, None)
    return known


def brake_record(brake: BrakeSet, source: str) -> Outgoing:
    """A brake as a record. Set twice at the same moment it has the same id."""
    key = f"{brake.campaign}/{brake.language}"
    time = brake.set_at.isoformat()
    value, headers = encode(brake, envelope_of(brake, id=f"brake/{key}/{time}", source=source, time=time))
    return Outgoing(BRAKES.name, key.encode(), value, headers)


def _read(record: Record) -> BrakeSet | Key:
    """A brake, or the key of which nothing is to be known any more. Raises ``RecordError``."""
    if record.value is not None:
        event: BrakeSet = decode(BrakeSet, record.value, record.headers).event
        return event
    campaign, _, language = (record.key or b"").decode("utf-8", "replace").partition("/")
    return campaign, language
