"""An idempotent producer that writes whole batches, one per partition. Opened by ``runtime/kafka.py``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, ProducerClosed, RecordListTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.protocol.produce import ProduceRequest

from mahlan.errors import BrokerError, OversizeError
from mahlan.events.topics import MAX_DEAD_LETTER_BYTES, MAX_RECORD_BYTES
from mahlan.runtime.broker import Guard, Outgoing, Partition
from mahlan.runtime.kafka_consumer import translated
from mahlan.runtime.partitioner import Placement

#: Half of Kafka's default limit of a batch, so that a topic without our settings takes them too.
_BATCH_BYTES = 512 * 1024
#: Seconds for what is on its way when a producer is stopped.
_STOP_WITHIN = 2.0
#: As aiokafka counts its codecs.
_UNCOMPRESSED = 0
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class _HeldBackError(KafkaError):  # type: ignore[misc]  # aiokafka is not typed
    """The guard did not let a request out; not retriable, so that its batches fail at once."""


def _put_behind(guard: Guard, client: Any) -> None:
    """Ask ``guard`` before each produce request, also a repeated one, when aiokafka hands it to the connection.

    ``send`` only queues: a process that was frozen in between would write when it wakes up, whoever owns its
    partitions by then.
    """
    send = client.send

    async def guarded(node_id: Any, request: Any, **options: Any) -> Any:
        if isinstance(request, ProduceRequest) and not guard():
            raise _HeldBackError
        return await send(node_id, request, **options)

    client.send = guarded


@dataclass(frozen=True, slots=True)
class _Sent:
    """One batch on its way: its delivery, and which records of the call it holds."""

    delivery: asyncio.Future[Any]
    indexes: Sequence[int]


class KafkaProducer:
    """Implements ``runtime.broker.Producer``. Any failure makes the next ``send`` start afresh.

    An idempotent producer numbers its batches; after one was lost, the broker would refuse all that follow.
    """

    def __init__(self, connection: Mapping[str, Any], delivery_timeout: float, guard: Guard | None = None) -> None:
        self._guard = guard
        self._connection = connection
        self._delivery_timeout = delivery_timeout
        self._placement = Placement()
        self._batch_bytes = _BATCH_BYTES
        self._opening = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None
        self._closed = False

    async def open(self) -> AIOKafkaProducer:
        """Connect, unless connected."""
        if self._closed:
            raise BrokerError("the producer is closed")
        async with self._opening:
            if self._producer is None:
                self._producer = await self._connect()
            return self._producer

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            enable_idempotence=True,
            acks="all",
            max_batch_size=self._batch_bytes,
            **self._connection,
        )
        with translated("opening a producer"):
            try:
                await producer.start()
            except BaseException:
                await _end(producer)
                raise
        if self._guard is not None:
            _put_behind(self._guard, producer.client)
        return producer

    async def send(self, records: Sequence[Outgoing]) -> None:
        """As the protocol says; ``OversizeError`` names a record that is larger than its topic takes.

        A broker that is away is waited for, without repeating anything, until the delivery timeout is over.
        """
        try:
            async with asyncio.timeout(self._delivery_timeout):
                await self._write(records)
        except TimeoutError:
            await self._forget()
            raise BrokerError(f"not acknowledged within {self._delivery_timeout:g} s") from None

    async def append(self, partition: Partition, records: Sequence[Outgoing]) -> int:
        """As the protocol says: Kafka takes one batch as a whole, in the log and in its copies."""
        try:
            async with asyncio.timeout(self._delivery_timeout):
                return await self._append(partition, records)
        except TimeoutError:
            await self._forget()
            raise BrokerError(f"not acknowledged within {self._delivery_timeout:g} s") from None

    async def _append(self, partition: Partition, records: Sequence[Outgoing]) -> int:
        producer = await self.open()
        batch = BatchBuilder(MAX_RECORD_BYTES, _UNCOMPRESSED)
        if not all(_appended(batch, record) for record in records):
            raise OversizeError(f"one batch for {partition.topic} would be larger than {MAX_RECORD_BYTES} bytes", 0)
        batch.close()
        try:
            return await _written(producer, partition, batch)
        except BrokerError as error:
            await self._forget()
            if isinstance(error.__cause__, _TOO_LARGE):
                raise OversizeError(f"{partition.topic} does not take so large a batch", 0) from error
            raise

    async def _write(self, records: Sequence[Outgoing]) -> None:
        producer = await self.open()
        topics = {record.topic for record in records}
        with translated("looking up topics"):
            counts = {topic: len(await producer.partitions_for(topic)) for topic in topics}
        placed = self._placement.place(records, counts, dict.fromkeys(topics, MAX_DEAD_LETTER_BYTES))
        sent: list[_Sent] = []
        try:
            with translated("sending"):
                for partition, indexes in placed.items():
                    async for one in _queued(producer, partition, records, indexes):
                        sent.append(one)  # noqa: PERF401 (kept even if the next one fails)
            await self._delivered(sent)
        except (BrokerError, OversizeError):
            await asyncio.gather(*(one.delivery for one in sent), return_exceptions=True)
            await self._forget()
            raise

    async def _delivered(self, sent: Sequence[_Sent]) -> None:
        """Wait for every batch, the failed ones too, so that nothing of this call is written after it has ended."""
        results = await asyncio.gather(*(one.delivery for one in sent), return_exceptions=True)
        for one, result in zip(sent, results, strict=True):
            if isinstance(result, _TOO_LARGE):
                self._refused(one)
            if isinstance(result, BaseException):
                raise BrokerError(f"not acknowledged: {type(result).__name__}") from result

    def _refused(self, one: _Sent) -> None:
        """The topic takes less than this batch: a lone record is at fault itself, others go in smaller batches."""
        if len(one.indexes) == 1:
            raise OversizeError("a record is larger than its topic takes", one.indexes[0])
        self._batch_bytes = max(1, self._batch_bytes // 8)

    async def _forget(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _end(producer)

    async def close(self) -> None:
        self._closed = True
        await self._forget()


async def _end(producer: AIOKafkaProducer) -> None:
    """Stop it, by force when it will not: an idempotent aiokafka producer waits for its broker without end."""
    try:
        async with asyncio.timeout(_STOP_WITHIN):
            await producer.stop()
    except TimeoutError:
        await producer._sender.close()
        waiting = producer._message_accumulator
        queued = [batch for batches in waiting._batches.values() for batch in batches]
        waiting.fail_all(ProducerClosed())
        for batch in queued:
            batch._drain_waiter.exception()  # looked at, so that asyncio does not report it as forgotten
        await producer.client.close()


async def _written(producer: AIOKafkaProducer, partition: Partition, batch: BatchBuilder) -> int:
    """Write one batch; the offset of its first record. Raises ``BrokerError``."""
    with translated("sending"):
        there = await producer.partitions_for(partition.topic)
        if partition.number in there:
            delivery = await producer.send_batch(batch, partition.topic, partition=partition.number)
            return int((await delivery).offset)
    raise BrokerError(f"there is no partition {partition.number} of {partition.topic}")


async def _queued(
    producer: AIOKafkaProducer, partition: Partition, records: Sequence[Outgoing], indexes: Sequence[int]
) -> AsyncIterator[_Sent]:
    """Fill as many batches as one partition's records need and queue them in order."""
    start = 0
    while start < len(indexes):
        batch = producer.create_batch()
        end = start
        while end < len(indexes) and _appended(batch, records[indexes[end]]):
            end += 1
        batch.close()
        delivery = await producer.send_batch(batch, partition.topic, partition=partition.number)
        yield _Sent(delivery, indexes[start:end])
        start = end


def _appended(batch: Any, record: Outgoing) -> bool:
    """False when the batch is full; an empty batch takes any record."""
    added = batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
    return added is not None
