"""A member of a consumer group on Kafka, and what any aiokafka error means to us. Opened by ``runtime/kafka.py``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, ConsumerStoppedError, IllegalOperation, IllegalStateError, KafkaError

from mahlan.errors import BrokerError, RebalanceError
from mahlan.runtime.broker import Headers, Partition, PartitionsHook, Record
from mahlan.runtime.rebalance import Rebalance

#: Seconds to say goodbye in; the session timeout ends what was not said.
_LEAVE_WITHIN = 5.0
_SETTINGS: dict[str, Any] = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    # The JVM clients' default too: partition n of every topic goes to the same member.
    "partition_assignment_strategy": (RangePartitionAssignor,),
    "max_partition_fetch_bytes": 2 * 1024 * 1024,
    # A worker that stops polling for so long is stuck: its partitions go to another.
    "max_poll_interval_ms": 60_000,
}


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Whatever aiokafka raises becomes a ``BrokerError`` that says what was being done."""
    try:
        yield
    except (CommitFailedError, IllegalStateError) as error:
        raise RebalanceError(f"{doing}: the group has moved these partitions ({type(error).__name__})") from error
    except (KafkaError, ConsumerStoppedError, IllegalOperation, OSError, TimeoutError) as error:
        raise BrokerError(f"{doing}: {type(error).__name__}") from error


@asynccontextmanager
async def bounded(doing: str, seconds: float) -> AsyncIterator[None]:
    """The same with an end: aiokafka looks for a group's coordinator until it finds one."""
    with translated(doing):
        async with asyncio.timeout(seconds):
            yield


def to_record(raw: Any) -> Record:
    """One aiokafka record as ours."""
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, _headers(raw.headers), raw.timestamp)


def _headers(raw: Any) -> Headers:
    """As they came; one without a value, which others may write, reads as empty."""
    for _, value in raw:
        if value is None:
            return tuple((name, value or b"") for name, value in raw)
    return tuple(raw)


async def end(consumer: AIOKafkaConsumer) -> None:
    """Stop it, by force when it will not.

    While its broker is away, aiokafka's ``stop`` may wait for long, or end with the cancellation of its own fetching:
    neither is the caller's.
    """
    stopping = asyncio.create_task(consumer.stop())
    await asyncio.wait({stopping}, timeout=_LEAVE_WITHIN)
    stopping.cancel()
    outcomes = await asyncio.gather(stopping, return_exceptions=True)
    if isinstance(outcomes[0], BaseException):
        await consumer._client.close()


class KafkaConsumer:
    """Implements ``runtime.broker.Consumer``. Polled by one task; hooks run in another, while that one works."""

    def __init__(
        self,
        connection: Mapping[str, Any],
        group: str,
        on_assigned: PartitionsHook | None,
        on_revoked: PartitionsHook | None,
    ) -> None:
        self._consumer = AIOKafkaConsumer(group_id=group, **_SETTINGS, **connection)
        self._rebalance = Rebalance(on_assigned, on_revoked)
        self._patience = connection["request_timeout_ms"] / 1000
        self._held: list[Record] = []
        self._closed = False

    async def open(self, topics: Sequence[str]) -> None:
        """Join the group."""
        self._consumer.subscribe(list(topics), listener=_Listener(self._rebalance, self._held))
        async with bounded("joining the group", self._patience):
            try:
                await self._consumer.start()
            except BaseException:
                await end(self._consumer)
                raise

    async def poll(self, max_records: int, max_wait: float) -> list[Record]:
        self._check_open()
        deadline = time.monotonic() + max_wait
        while True:
            left = max(0.0, deadline - time.monotonic())
            if not await self._rebalance.wait_settled(left):
                return []
            records = self._take_held() or await self._fetch(max_records, left)
            # aiokafka may hand out the first records of an assignment while its hook still runs: hold them until then.
            if not self._rebalance.settled:
                self._held += records
            elif records or left == 0:
                return records

    def _take_held(self) -> list[Record]:
        held = self._held[:]
        self._held.clear()
        return held

    async def _fetch(self, max_records: int, seconds: float) -> list[Record]:
        with translated("polling"):
            try:
                # aiokafka would wait for a rebalance to end, however long it takes. Records stay with it when the
                # time runs out: it hands them over without suspending.
                async with asyncio.timeout(seconds + 1.0):
                    fetched = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=max_records)
            except TimeoutError:
                return []
        return [to_record(raw) for batch in fetched.values() for raw in batch]

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        self._check_open()
        if positions:
            async with bounded("committing", self._patience):
                await self._consumer.commit({TopicPartition(*place): at for place, at in positions.items()})

    async def lag(self) -> Mapping[Partition, int]:
        self._check_open()
        if not self._rebalance.settled:
            return {}
        places = list(self._consumer.assignment())
        async with bounded("measuring lag", self._patience):
            ends = await self._consumer.end_offsets(places) if places else {}
            return {Partition(*place): ends[place] - await self._consumer.position(place) for place in places}

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await end(self._consumer)

    def _check_open(self) -> None:
        if self._closed:
            raise BrokerError("the consumer is closed")


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Hands aiokafka's calls on. Records held from before are fetched again from the committed offset."""

    def __init__(self, rebalance: Rebalance, held: list[Record]) -> None:
        self._rebalance = rebalance
        self._held = held

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        self._held.clear()
        await self._rebalance.revoke([Partition(*place) for place in revoked])

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        await self._rebalance.assign([Partition(*place) for place in assigned])
