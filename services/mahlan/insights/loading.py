"""Reading what is new in the log of a partition's state. Called when a partition comes, and when a write went wrong."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from mahlan.errors import StateError
from mahlan.events.topics import INSIGHTS_STATE
from mahlan.insights import SERVICE
from mahlan.insights.state import PartitionState
from mahlan.runtime.broker import Broker
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics

#: Later than any record: where a log ends.
NEVER_MS = 2**53
#: By topic and partition.
Offsets = dict[tuple[str, int], int]
_POLLED = 5000
_WAIT = 0.5


async def read_on(broker: Broker, state: PartitionState, metrics: Metrics) -> None:
    """Take in the log from where it was read up to its end as it is now. Raises ``BrokerError``.

    Who calls holds the state's lock. What was read before an error has been taken in.
    """
    started, count, number = time.monotonic(), 0, state.number
    end = (await broker.positions_at(INSIGHTS_STATE.name, NEVER_MS))[number]
    if state.read_to > end:
        # The log is shorter than it was: what we hold of it is more than anybody else will ever read.
        state.empty()
    if state.read_to == end:
        return
    reader = await broker.reader(INSIGHTS_STATE.name, positions={number: state.read_to})
    try:
        while reader.positions()[number] < end:
            for record in await reader.poll(_POLLED, _WAIT):
                state.take(record.offset, record.key or b"", record.value, record.headers)
                count += 1
        state.read_to = max(state.read_to, reader.positions()[number])
    finally:
        await reader.close()
    seconds = time.monotonic() - started
    metrics.rebuild_seconds.labels(SERVICE).observe(seconds)
    metrics.rebuild_records.labels(SERVICE, INSIGHTS_STATE.name).inc(count)
    logger().info("rebuilt", partition=number, authors=len(state.authors), records=count, seconds=round(seconds, 3))


async def find_places(broker: Broker, states: Sequence[PartitionState], topics: Iterable[str]) -> Offsets:
    """Where each topic goes on, by topic and partition. Raises ``BrokerError``; ``StateError`` for a topic made anew.

    Such a topic counts its records from 0 again, and all of them would look old.
    """
    places: dict[tuple[str, int], int] = {}
    for topic in topics:
        starts, ends = await broker.positions_at(topic, 0), await broker.positions_at(topic, NEVER_MS)
        for state in states:
            applied, end = state.progress.applied.get(topic, 0), ends.get(state.number, 0)
            if applied > end:
                raise StateError(_made_anew(topic, state.number, applied, end))
            places[topic, state.number] = max(applied, starts.get(state.number, 0))
    return places


def _made_anew(topic: str, number: int, applied: int, end: int) -> str:
    return (
        f"{topic} ends at {end} in partition {number}, and insights has read it up to {applied}: the topic was made "
        f"anew. To count from what it holds now, stop insights and delete the topic {INSIGHTS_STATE.name}"
    )
