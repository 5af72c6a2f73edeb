"""Reading Kafka without a group: a reader that follows partitions, the end of a partition, where a time is.

Used by ``runtime/kafka.py``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from mahlan.errors import BrokerError
from mahlan.runtime.broker import Partition, Positions, Record
from mahlan.runtime.kafka_consumer import bounded, end, to_record, translated

#: Seconds without a record after which the broker is asked whether it is there: aiokafka itself would wait in silence.
_SILENT = 2.0
_SETTINGS: dict[str, Any] = {
    "enable_auto_commit": False,
    # Where a position is no longer, or not yet, in the log: the first record that is.
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    "max_partition_fetch_bytes": 2 * 1024 * 1024,
}


class KafkaReader:
    """Implements ``runtime.broker.Reader``. Polled by one task.

    While the broker is away it holds no connection; each ``poll`` then tries to open one where it left off.
    """

    def __init__(self, connection: Mapping[str, Any], topic: str) -> None:
        self._connection = connection
        self._topic = topic
        self._patience = connection["request_timeout_ms"] / 1000
        self._positions: dict[int, int] = {}
        self._consumer: AIOKafkaConsumer | None = None
        self._heard_at = 0.0
        self._closed = False

    async def open(self, positions: Positions, count: int) -> None:
        """Take the positions, or find them for all ``count`` partitions. Raises ``BrokerError``."""
        if isinstance(positions, Mapping):
            strange = [number for number in positions if not 0 <= number < count]
            if strange:
                raise BrokerError(f"there is no partition {strange[0]} of {self._topic}")
            self._positions = dict(positions)
        else:
            self._positions = dict.fromkeys(range(count), 0)
        consumer = await self._connected()
        if positions == "end":
            self._positions = await self._ends(consumer)
            self._seek(consumer)

    def positions(self) -> Mapping[int, int]:
        return dict(self._positions)

    async def poll(self, max_records: int, max_wait: float) -> list[Record]:
        consumer = await self._connected()
        if not self._positions:
            await asyncio.sleep(max_wait)
            return []
        with translated(f"following {self._topic}"):
            fetched = await consumer.getmany(timeout_ms=int(max_wait * 1000), max_records=max_records)
        records = [to_record(raw) for batch in fetched.values() for raw in batch]
        # Where aiokafka is, not where the last record was: markers of transactions and gaps hold nothing to hand out.
        consumed = consumer._subscription.subscription.assignment.all_consumed_offsets()
        self._positions |= {place.partition: at.offset for place, at in consumed.items()}
        if records:
            self._heard_at = time.monotonic()
        elif time.monotonic() - self._heard_at > _SILENT:
            await self._ask(consumer)
        return records

    async def close(self) -> None:
        self._closed = True
        await self._drop()

    async def _connected(self) -> AIOKafkaConsumer:
        if self._closed:
            raise BrokerError("the reader is closed")
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**_SETTINGS, **self._connection)
            async with bounded(f"following {self._topic}", self._patience):
                try:
                    await consumer.start()
                except BaseException:
                    await end(consumer)
                    raise
            consumer.assign(_places(self._topic, self._positions))
            self._seek(consumer)
            self._consumer, self._heard_at = consumer, time.monotonic()
        return self._consumer

    def _seek(self, consumer: AIOKafkaConsumer) -> None:
        for number, offset in self._positions.items():
            consumer.seek(TopicPartition(self._topic, number), offset)

    async def _ask(self, consumer: AIOKafkaConsumer) -> None:
        """Hear from the broker, or let go of it. Raises ``BrokerError``."""
        try:
            await self._ends(consumer)
        except BrokerError:
            await self._drop()
            raise
        self._heard_at = time.monotonic()

    async def _ends(self, consumer: AIOKafkaConsumer) -> dict[int, int]:
        async with bounded(f"following {self._topic}", self._patience):
            ends = await consumer.end_offsets(_places(self._topic, self._positions))
        return {place.partition: offset for place, offset in ends.items()}

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await end(consumer)


def _places(topic: str, numbers: Iterable[int]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in numbers]


async def read_end(connection: Mapping[str, Any], partition: Partition, last: int | None) -> list[Record]:
    """The last ``last`` records of a partition that exists, or all. Raises ``BrokerError``."""
    place = TopicPartition(*partition)
    async with _assigned(connection, [place]) as reader:
        begin = (await reader.beginning_offsets([place]))[place]
        finish = (await reader.end_offsets([place]))[place]
        if last is None:
            return await _read(reader, place, begin, finish)
        width = last
        while True:
            # Compaction leaves gaps: the last n offsets may hold fewer than n records, so look further back.
            start = max(begin, finish - width)
            records = await _read(reader, place, start, finish)
            if len(records) >= last or start == begin:
                return records[len(records) - last :] if len(records) > last else records
            width *= 4


async def find_positions(connection: Mapping[str, Any], topic: str, count: int, milliseconds: int) -> dict[int, int]:
    """As ``Broker.positions_at``, of a topic with ``count`` partitions. Raises ``BrokerError``."""
    places = _places(topic, range(count))
    async with _assigned(connection, places) as reader:
        found = await reader.offsets_for_times(dict.fromkeys(places, milliseconds))
        ends = await reader.end_offsets(places)
    return {place.partition: found[place].offset if found[place] else ends[place] for place in places}


@asynccontextmanager
async def _assigned(connection: Mapping[str, Any], places: list[TopicPartition]) -> AsyncIterator[AIOKafkaConsumer]:
    # aiokafka fetches at the end before we seek, and would wait there for half a second.
    reader = AIOKafkaConsumer(**_SETTINGS, fetch_max_wait_ms=20, **connection)
    with translated(f"reading {places[0].topic}"):
        try:
            await reader.start()
            reader.assign(places)
            yield reader
        finally:
            await end(reader)


async def _read(reader: AIOKafkaConsumer, place: TopicPartition, start: int, finish: int) -> list[Record]:
    """The records from ``start`` up to ``finish``; the position, not the last record, tells when it is reached."""
    records: list[Record] = []
    if start >= finish:
        return records
    reader.seek(place, start)
    while await reader.position(place) < finish:
        fetched = await reader.getmany(place, timeout_ms=500)
        records += [to_record(record) for batch in fetched.values() for record in batch if record.offset < finish]
    return records
