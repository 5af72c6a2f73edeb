"""A broker inside the process, for tests and trials: the promises of Kafka without its durability.

Keeps partitions, keys, offsets, groups and rebalances as ``runtime/kafka.py`` does; ``tests/broker`` holds both to one
suite. It forgets everything with the process, never compacts and never expires.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from mahlan.errors import BrokerError, RebalanceError
from mahlan.runtime.broker import Guard, Partition, PartitionsHook, Positions, Record, TopicSpec
from mahlan.runtime.memory_producer import MemoryProducer
from mahlan.runtime.memory_reader import MemoryReader
from mahlan.runtime.rebalance import Rebalance

#: Kafka's own default of ``max.message.bytes``.
DEFAULT_RECORD_BYTES = 1_048_588


class MemoryBroker:
    """Topics and groups shared by every producer and consumer it opens. One event loop only.

    For tests to set: while ``away`` everything fails as if the broker could not be reached; ``clock`` (seconds since
    1970) stamps the records.
    """

    def __init__(self) -> None:
        self.away = False
        self.clock: Callable[[], float] = time.time
        self.topics: dict[str, list[list[Record]]] = {}
        self.limits: dict[str, int] = {}
        self.groups: dict[str, Group] = {}
        self._news = asyncio.Event()
        self._closed = False

    async def create_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        self.check_open()
        missing = [spec for spec in specs if spec.name not in self.topics]
        for spec in missing:
            self.topics[spec.name] = [[] for _ in range(spec.partitions)]
            self.limits[spec.name] = int(spec.config.get("max.message.bytes", DEFAULT_RECORD_BYTES))
        return [spec.name for spec in missing]

    async def producer(self, guard: Guard | None = None) -> MemoryProducer:
        self.check_open()
        return MemoryProducer(self, guard)

    async def consumer(
        self,
        topics: Sequence[str],
        group: str,
        *,
        on_assigned: PartitionsHook | None = None,
        on_revoked: PartitionsHook | None = None,
    ) -> MemoryConsumer:
        self.check_open()
        joined = self.groups.setdefault(group, Group(self))
        consumer = MemoryConsumer(self, joined, topics, Rebalance(on_assigned, on_revoked))
        await joined.join(consumer)
        return consumer

    async def reader(self, topic: str, *, positions: Positions) -> MemoryReader:
        return MemoryReader(self, topic, positions, await self._existing(topic))

    async def read_partition(self, partition: Partition, *, last: int | None = None) -> list[Record]:
        self.check_open()
        records = self.log(partition)
        return records[max(0, len(records) - last) :] if last is not None else list(records)

    async def positions_at(self, topic: str, milliseconds: int) -> Mapping[int, int]:
        count = await self._existing(topic)
        logs = [self.log(Partition(topic, number)) for number in range(count)]
        since = [[record.offset for record in log if record.timestamp_ms >= milliseconds] for log in logs]
        return {number: found[0] if found else len(logs[number]) for number, found in enumerate(since)}

    async def partitions(self, topic: str) -> int:
        self.check_open()
        return len(self.topics.get(topic, ()))

    async def close(self) -> None:
        self._closed = True
        self.announce()

    async def _existing(self, topic: str) -> int:
        count = await self.partitions(topic)
        if count == 0:
            raise BrokerError(f"there is no topic {topic}: create it first")
        return count

    def check_open(self) -> None:
        """Raise ``BrokerError`` once closed, and while away."""
        if self._closed:
            raise BrokerError("the broker connection is closed")
        if self.away:
            raise BrokerError("the broker is away")

    def log(self, partition: Partition) -> list[Record]:
        """The records of a partition; raises ``BrokerError`` when there is no such partition."""
        logs = self.topics.get(partition.topic, [])
        if not 0 <= partition.number < len(logs):
            raise BrokerError(f"there is no partition {partition.number} of {partition.topic}")
        return logs[partition.number]

    def announce(self) -> None:
        """Wake every poll that waits for records."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def wait_news(self, seconds: float) -> None:
        """Until something is written, or ``seconds`` are over."""
        news = self._news
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            pass


class MemoryConsumer:
    """One member of a group."""

    def __init__(self, broker: MemoryBroker, group: Group, topics: Sequence[str], rebalance: Rebalance) -> None:
        self.topics = tuple(topics)
        self.rebalance = rebalance
        self.positions: dict[Partition, int] = {}
        self._broker = broker
        self._group = group
        self._closed = False

    async def poll(self, max_records: int, max_wait: float) -> list[Record]:
        deadline = time.monotonic() + max_wait
        while True:
            self._check_open()
            left = max(0.0, deadline - time.monotonic())
            if not await self.rebalance.wait_settled(left):
                return []
            records = self._take(max_records)
            if records or left == 0:
                return records
            await self._broker.wait_news(left)

    def _take(self, max_records: int) -> list[Record]:
        taken: list[Record] = []
        for partition, position in list(self.positions.items()):
            room = max_records - len(taken)
            fresh = self._broker.log(partition)[position : position + room]
            self.positions[partition] = position + len(fresh)
            taken += fresh
        return taken

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        self._check_open()
        strange = [partition for partition in positions if partition not in self.positions]
        if strange:
            raise RebalanceError(f"{len(strange)} of {len(positions)} partitions belong to another member now")
        self._group.committed.update(positions)

    async def lag(self) -> Mapping[Partition, int]:
        self._check_open()
        return {partition: len(self._broker.log(partition)) - at for partition, at in self.positions.items()}

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._group.leave(self)

    def _check_open(self) -> None:
        self._broker.check_open()
        if self._closed:
            raise BrokerError("the consumer is closed")


class Group:
    """A consumer group: who is in it, and how far it has committed. Partitions are shared out in ranges."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.committed: dict[Partition, int] = {}
        self._broker = broker
        self._members: list[MemoryConsumer] = []
        self._moving = asyncio.Lock()

    async def join(self, member: MemoryConsumer) -> None:
        """Take the member in and share the partitions out anew."""
        async with self._moving:
            await self._revoke()
            self._members.append(member)
            await self._assign()

    async def leave(self, member: MemoryConsumer) -> None:
        """Let the member go; the others take its partitions over."""
        async with self._moving:
            self._members.remove(member)
            member.positions = {}
            await self._revoke()
            await self._assign()

    async def _revoke(self) -> None:
        for member in self._members:
            await member.rebalance.revoke(list(member.positions))
            member.positions = {}

    async def _assign(self) -> None:
        for topic in sorted({topic for member in self._members for topic in member.topics}):
            takers = [member for member in self._members if topic in member.topics]
            for number in range(len(self._broker.topics.get(topic, ()))):
                partition = Partition(topic, number)
                taker = takers[number * len(takers) // len(self._broker.topics[topic])]
                taker.positions[partition] = self.committed.get(partition, 0)
        for member in self._members:
            await member.rebalance.assign(list(member.positions))
        self._broker.announce()
