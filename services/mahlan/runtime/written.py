"""Which events are in the log already, by their ids. Asked by the outbox before it sends again what may be there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mahlan.runtime.broker import Broker, Headers, Outgoing, Reader, header
from mahlan.runtime.partitioner import partition_for

#: Later than any record: where the log ends.
_NEVER_MS = 2**53
_POLLED = 2000
_WAIT = 0.5

Sought = Iterable[tuple[str, Outgoing]]


def event_id(headers: Headers) -> str:
    """The ``ce_id`` of a record, empty where it has none."""
    return header(headers, "ce_id").decode("utf-8", "replace")


async def find_written(broker: Broker, topic: str, sought: Sought, since_ms: int) -> set[str]:
    """Those of the sought events of one topic that were written to it since then. Raises ``BrokerError``.

    Reads the partitions they belong to up to their end as it is now; holds no more than one poll in memory.
    """
    starts = await broker.positions_at(topic, since_ms)
    ends = await broker.positions_at(topic, _NEVER_MS)
    wanted = _by_partition(sought, len(starts))
    places = {number: starts[number] for number in wanted if starts[number] < ends[number]}
    reader = await broker.reader(topic, positions=places)
    try:
        return await _read(reader, ends, wanted)
    finally:
        await reader.close()


async def _read(reader: Reader, ends: Mapping[int, int], wanted: Mapping[int, set[str]]) -> set[str]:
    found: set[str] = set()
    left = set[str]().union(*wanted.values())
    while left - found and any(at < ends[number] for number, at in reader.positions().items()):
        records = await reader.poll(_POLLED, _WAIT)
        found |= {name for record in records if (name := event_id(record.headers)) in wanted[record.partition]}
    return found


def _by_partition(sought: Sought, count: int) -> dict[int, set[str]]:
    wanted: dict[int, set[str]] = {}
    for identity, record in sought:
        for number in _numbers(record, count):
            wanted.setdefault(number, set()).add(identity)
    return wanted


def _numbers(record: Outgoing, count: int) -> Iterable[int]:
    """Where it is, if it is anywhere: without a key or a partition it could be in any."""
    if record.partition is not None:
        return (record.partition,)
    return range(count) if record.key is None else (partition_for(record.key, count),)
