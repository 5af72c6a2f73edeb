"""A reader without a group on Kafka: it follows partitions from where it is told. Opened by ``runtime/kafka.py``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from mahlan.errors import BrokerError
from mahlan.runtime.broker import Positions, Record
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
        self._positions |= {record.partition: record.offset + 1 for record in records}
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
