"""A reader without a group on the memory broker. Opened by ``runtime/memory.py``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Protocol

from mahlan.errors import BrokerError
from mahlan.runtime.broker import Partition, Positions, Record


class Logs(Protocol):
    """What it needs of the broker."""

    def check_open(self) -> None: ...
    def log(self, partition: Partition) -> list[Record]: ...
    async def wait_news(self, seconds: float) -> None: ...


class MemoryReader:
    """Implements ``runtime.broker.Reader``."""

    def __init__(self, logs: Logs, topic: str, positions: Positions, count: int) -> None:
        self._logs = logs
        self._topic = topic
        self._closed = False
        if isinstance(positions, Mapping):
            self._positions = dict(positions)
        else:
            self._positions = dict.fromkeys(range(count), 0)
        lengths = {number: len(self._log(number)) for number in self._positions}
        if positions == "end":
            self._positions = lengths

    def positions(self) -> Mapping[int, int]:
        return dict(self._positions)

    async def poll(self, max_records: int, max_wait: float) -> list[Record]:
        deadline = time.monotonic() + max_wait
        while True:
            self._logs.check_open()
            if self._closed:
                raise BrokerError("the reader is closed")
            records = self._take(max_records)
            left = max(0.0, deadline - time.monotonic())
            if records or left == 0:
                return records
            await self._logs.wait_news(left)

    async def close(self) -> None:
        self._closed = True

    def _take(self, max_records: int) -> list[Record]:
        taken: list[Record] = []
        for number, position in list(self._positions.items()):
            log = self._log(number)
            begin = position if position <= len(log) else 0  # as Kafka: where that offset is not, the first that is
            fresh = log[begin : begin + max_records - len(taken)]
            if fresh:
                self._positions[number] = begin + len(fresh)
            taken += fresh
        return taken

    def _log(self, number: int) -> list[Record]:
        return self._logs.log(Partition(self._topic, number))
