"""Which partition a record goes to: the same answer as every JVM client of Kafka. Used by both brokers' producers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from mahlan.errors import BrokerError, OversizeError
from mahlan.runtime.broker import Outgoing, Partition

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_MASK = 0xFFFFFFFF
#: A record's own framing: lengths, offset and time deltas, attributes.
_FRAME_BYTES = 64


@lru_cache(maxsize=65_536)
def murmur2(key: bytes) -> int:
    """Murmur2 as Kafka seeds it, unsigned 32 bit. Cached: the same authors come again and again.

    Source: ``org.apache.kafka.common.utils.Utils.murmur2`` (Apache Kafka).
    """
    length = len(key)
    whole = length & ~3
    hashed = (_SEED ^ length) & _MASK
    for at in range(0, whole, 4):
        word = int.from_bytes(key[at : at + 4], "little") * _MIX & _MASK
        word = (word ^ word >> 24) * _MIX & _MASK
        hashed = hashed * _MIX & _MASK ^ word
    if length != whole:
        hashed = (hashed ^ int.from_bytes(key[whole:], "little")) * _MIX & _MASK
    hashed = (hashed ^ hashed >> 13) * _MIX & _MASK
    return hashed ^ hashed >> 15


def partition_for(key: bytes, count: int) -> int:
    """The partition, of ``count``, that a key belongs to."""
    return (murmur2(key) & 0x7FFFFFFF) % count


def record_bytes(record: Outgoing) -> int:
    """At most this many bytes of a batch are one record's: rather a few dozen too many than one too few."""
    size = len(record.key or b"") + len(record.value or b"") + _FRAME_BYTES
    for name, value in record.headers:
        size += 4 * len(name) + len(value) + 10  # UTF-8 takes four bytes at most, a length five
    return size


class Placement:
    """Sorts records by partition, in order. One per producer: records without a key take turns, call by call."""

    def __init__(self) -> None:
        self._turn = 0

    def place(
        self, records: Sequence[Outgoing], counts: Mapping[str, int], limits: Mapping[str, int]
    ) -> dict[Partition, list[int]]:
        """Partition to indexes into ``records``; ``counts`` and ``limits`` (bytes of a record) go by topic.

        Raises ``BrokerError`` for a partition that does not exist and ``OversizeError`` for a record over its
        topic's limit: in both cases before anything is written.
        """
        self._turn += 1
        placed: dict[Partition, list[int]] = {}
        for index, record in enumerate(records):
            if record_bytes(record) > limits[record.topic]:
                raise OversizeError(f"a record for {record.topic} is larger than {limits[record.topic]} bytes", index)
            number = self._number(record, counts[record.topic])
            placed.setdefault(Partition(record.topic, number), []).append(index)
        return placed

    def _number(self, record: Outgoing, count: int) -> int:
        if record.partition is None:
            return self._turn % count if record.key is None else partition_for(record.key, count)
        if not 0 <= record.partition < count:
            raise BrokerError(f"{record.topic} has {count} partitions, none with number {record.partition}")
        return record.partition
