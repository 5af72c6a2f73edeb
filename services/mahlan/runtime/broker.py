"""What a service needs of a broker, and nothing more. Two brokers keep the same promises: Kafka and memory.

``tests/broker`` holds both to one behaviour suite. Services get a ``Broker`` and never import a Kafka client
(the Faust normaliser apart, which consumes through Faust and produces through this).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

Headers = tuple[tuple[str, bytes], ...]


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read. ``value`` is None for a tombstone; ``timestamp_ms`` is the broker's."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to write. Without ``partition`` the key decides (murmur2, as every Kafka client of the JVM does)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic to create. ``config`` holds Kafka's own topic settings."""

    name: str
    partitions: int
    replication: int = 1
    config: Mapping[str, str] = field(default_factory=dict)


Guard = Callable[[], bool]
PartitionsHook = Callable[[Sequence[Partition]], Awaitable[None]]


#: Where a reader begins: the next offset of each partition it is to follow, or one end of all that there are.
def header(headers: Headers, name: str) -> bytes:
    """The first header of that name; empty where there is none."""
    return next((value for told, value in headers if told == name), b"")


Positions = Mapping[int, int] | Literal["start", "end"]


class Producer(Protocol):
    """Writes batches. Idempotent, acknowledged by all in-sync replicas."""

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Write all records, in order per partition; return once every one is acknowledged.

        Raises ``BrokerError`` when one was not: what was written of the batch is then unknown.
        """
        ...

    async def append(self, partition: Partition, records: Sequence[Outgoing]) -> int:
        """Write all records (at least one) to one partition as one batch: all of them or none, one after the other.

        Returns the offset of the first. Raises ``OversizeError`` where the topic does not take them as one batch and
        ``BrokerError`` when they were not acknowledged: whether they were written is then unknown.
        """
        ...

    async def close(self) -> None: ...


class Consumer(Protocol):
    """A member of a consumer group that polls batches and commits by hand."""

    async def poll(self, max_records: int, max_wait: float) -> list[Record]:
        """Up to ``max_records``, in order per partition; empty after ``max_wait`` seconds without any."""
        ...

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Commit the next offset to read of each partition. Raises ``BrokerError`` when the group refused."""
        ...

    async def lag(self) -> Mapping[Partition, int]:
        """Records not yet polled, by assigned partition."""
        ...

    async def close(self) -> None: ...


class Reader(Protocol):
    """Follows partitions of one topic without a group: it commits nothing and shares with nobody."""

    async def poll(self, max_records: int, max_wait: float) -> list[Record]:
        """Up to ``max_records``, in order per partition; empty after ``max_wait`` seconds without any.

        Raises ``BrokerError`` while the broker is away; the next poll tries again where this reader was. Where a
        position is no longer in the log, the first record that is there comes next.
        """
        ...

    def positions(self) -> Mapping[int, int]:
        """The next offset of each partition: what has been polled is before it. A reader opened there goes on."""
        ...

    async def close(self) -> None: ...


class Broker(Protocol):
    """Connects. Everything it opens is closed by whoever asked for it."""

    async def create_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        """Create the topics that are missing; return their names. Existing ones are left as they are."""
        ...

    async def producer(self, guard: Guard | None = None) -> Producer:
        """A producer. ``guard`` is asked at the last moment before anything leaves: False fails the ``send``."""
        ...

    async def consumer(
        self,
        topics: Sequence[str],
        group: str,
        *,
        on_assigned: PartitionsHook | None = None,
        on_revoked: PartitionsHook | None = None,
    ) -> Consumer:
        """Join ``group``, from the earliest record where nothing was committed yet.

        The hooks are awaited before the first record of a new assignment and before partitions are given up.
        """
        ...

    async def reader(self, topic: str, *, positions: Positions) -> Reader:
        """A reader from there on: of the partitions named, or with ``"start"`` and ``"end"`` of all there are now.

        Raises ``BrokerError`` for a topic or a partition that does not exist, and while the broker is away.
        """
        ...

    async def read_partition(self, partition: Partition, *, last: int | None = None) -> list[Record]:
        """Every record up to the end as it is now, or the last ``last`` of them. Joins no group."""
        ...

    async def positions_at(self, topic: str, milliseconds: int) -> Mapping[int, int]:
        """By partition, where the first record is that was written then (since 1970) or later; the end without any.

        Raises ``BrokerError`` for a topic that does not exist.
        """
        ...

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has; 0 where it does not exist."""
        ...

    async def close(self) -> None: ...
