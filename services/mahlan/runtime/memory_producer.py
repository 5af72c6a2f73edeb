"""A producer on the memory broker. Opened by ``runtime/memory.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from mahlan.errors import BrokerError, OversizeError
from mahlan.runtime.broker import Guard, Outgoing, Partition, Record
from mahlan.runtime.partitioner import Placement, record_bytes


class Written(Protocol):
    """What it needs of the broker."""

    topics: dict[str, list[list[Record]]]
    limits: dict[str, int]
    clock: Callable[[], float]

    def check_open(self) -> None: ...
    def log(self, partition: Partition) -> list[Record]: ...
    def announce(self) -> None: ...


class MemoryProducer:
    """Writes at once."""

    def __init__(self, broker: Written, guard: Guard | None = None) -> None:
        self._broker = broker
        self._guard = guard
        self._placement = Placement()
        self._closed = False

    async def send(self, records: Sequence[Outgoing]) -> None:
        self._check_open()
        for record in records:
            if record.topic not in self._broker.topics:
                raise BrokerError(f"there is no topic {record.topic}: create it first")
        counts = {name: len(logs) for name, logs in self._broker.topics.items()}
        for partition, indexes in self._placement.place(records, counts, self._broker.limits).items():
            self._write(partition, [records[index] for index in indexes])
        self._broker.announce()

    async def append(self, partition: Partition, records: Sequence[Outgoing]) -> int:
        self._check_open()
        log = self._broker.log(partition)
        if sum(map(record_bytes, records)) > self._broker.limits[partition.topic]:
            raise OversizeError(f"one batch for {partition.topic} would be larger than it takes", 0)
        first = len(log)
        self._write(partition, records)
        self._broker.announce()
        return first

    async def close(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        self._broker.check_open()
        if self._closed:
            raise BrokerError("the producer is closed")
        if self._guard is not None and not self._guard():
            raise BrokerError("the guard does not let it out")

    def _write(self, partition: Partition, records: Sequence[Outgoing]) -> None:
        log, now_ms = self._broker.log(partition), int(self._broker.clock() * 1000)
        log.extend([_written(partition, len(log) + at, record, now_ms) for at, record in enumerate(records)])


def _written(partition: Partition, offset: int, record: Outgoing, now_ms: int) -> Record:
    return Record(partition.topic, partition.number, offset, record.key, record.value, tuple(record.headers), now_ms)
