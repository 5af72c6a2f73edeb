"""Forgets authors as soon as they are erased. Run beside the worker's loop, for the partitions that are its own.

An erasure is a record of ``authors.history.v1`` without a value: compaction then removes what the log holds of the
author, and this what the memory does. A history that was on its way meanwhile comes after the erasure: it is seen here
too, and the log is put right with the next batch of its partition.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from mahlan.dispatcher import SERVICE
from mahlan.dispatcher.counting import Counting
from mahlan.dispatcher.state import PartitionState
from mahlan.errors import RecordError
from mahlan.events.codec import decode
from mahlan.events.nudge import AuthorHistory
from mahlan.events.topics import HISTORY
from mahlan.runtime.broker import Broker, Reader, Record
from mahlan.runtime.erasure import author_of, erased_at
from mahlan.runtime.retries import retried

#: Records and seconds of one look.
_POLLED = 500
_EVERY = 0.5

States = Mapping[int, PartitionState]
Clock = Callable[[], datetime]


async def follow_erasures(broker: Broker, states: States, clock: Clock, counting: Counting) -> None:
    """Until cancelled. ``states`` may change meanwhile, as partitions come and go and are rebuilt."""
    while True:
        await retried(lambda: _follow(broker, states, clock, counting), counting.metrics, SERVICE)


async def _follow(broker: Broker, states: States, clock: Clock, counting: Counting) -> None:
    """As long as the states are those it began with: each knows how far it has read."""
    if not states:
        await asyncio.sleep(_EVERY)
        return
    followed = dict(states)
    reader = await broker.reader(HISTORY.name, positions={number: state.read_to for number, state in followed.items()})
    try:
        while followed == dict(states):
            await _look(reader, followed, clock, counting)
    finally:
        await reader.close()


async def _look(reader: Reader, states: States, clock: Clock, counting: Counting) -> None:
    known = 0
    for record in await reader.poll(_POLLED, _EVERY):
        state = states[record.partition]
        known += take_in(state, record, clock())
        state.read_to = record.offset + 1
    if known:
        counting.erased(known)
        counting.remembered(states.values())


def take_in(state: PartitionState, record: Record, now: datetime) -> bool:
    """Take in one record of the histories' topic. True where it erased an author of whom anything was known."""
    author = author_of(record)
    if record.value is None:
        return state.forget(author, erased_at(record, now))
    if state.erased_at(author) is not None:
        try:
            state.learn(decode(AuthorHistory, record.value, record.headers).event)
        except RecordError:
            return False  # as a rebuild does: nobody can read it, so it tells of nobody
    return False
