"""Rebuilding a partition's state from the log: after an assignment, and whenever it is unclear what was written.

Bounded by what the topics hold: histories are compacted and expire after three days, and of the decisions only the
last ``tail`` are read. ``docs/campaigns.md`` says what that bound means.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mahlan.core.history import COUNTED, KEPT_FOR
from mahlan.dispatcher import SERVICE
from mahlan.dispatcher.state import PartitionState
from mahlan.errors import RecordError
from mahlan.events.codec import decode, decode_json
from mahlan.events.nudge import AuthorHistory, NudgeDecided
from mahlan.events.ruling import Kind
from mahlan.events.topics import DECIDED, HISTORY
from mahlan.runtime.broker import Broker, Partition, Record
from mahlan.runtime.erasure import author_of, erased_at, written_at
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Told:
    """The part of a decision that every one is read for; only nudges and holdouts are read in full."""

    decision_id: str
    kind: Kind


@dataclass(slots=True)
class Reading:
    """A state while it is rebuilt: first from the histories, then from the decisions younger than ``oldest``."""

    state: PartitionState
    oldest: datetime
    now: datetime

    def learn(self, record: Record) -> None:
        """Take over one history, or forget an author. Raises ``RecordError``."""
        if record.value is None:
            self.state.forget(author_of(record), erased_at(record, self.now))
        else:
            self.state.learn(decode(AuthorHistory, record.value, record.headers).event)

    def apply(self, record: Record) -> None:
        """Remember one decision. Raises ``RecordError``."""
        told = decode_json(Told, record.value or b"")
        self.state.see(told.decision_id)
        if told.kind not in COUNTED:
            return
        decision = decode(NudgeDecided, record.value, record.headers).event
        erased = self.state.erased_at(decision.author_key)
        if decision.decided_at > self.oldest and (erased is None or written_at(record) > erased):
            # A crash between decision and history leaves the author in ``changed``: written with the next batch.
            self.state.apply(decision)


async def rebuild(broker: Broker, number: int, tail: int, now: datetime, metrics: Metrics) -> PartitionState:
    """The state of partition ``number`` as the log tells it now. Raises ``BrokerError``."""
    started = time.monotonic()
    histories, decisions = await asyncio.gather(
        broker.read_partition(Partition(HISTORY.name, number)),
        broker.read_partition(Partition(DECIDED.name, number), last=tail),
    )
    reading = Reading(PartitionState(tail), now - KEPT_FOR, now)
    unread = _each(histories, reading.learn) + _each(decisions, reading.apply)
    state = reading.state
    state.read_to = histories[-1].offset + 1 if histories else 0
    state.expire(now)
    seconds = time.monotonic() - started
    metrics.rebuild_seconds.labels(SERVICE).observe(seconds)
    metrics.rebuild_records.labels(SERVICE, HISTORY.name).inc(len(histories))
    metrics.rebuild_records.labels(SERVICE, DECIDED.name).inc(len(decisions))
    _tell(number, state, len(decisions), len(histories), seconds, unread)
    return state


def _tell(number: int, state: PartitionState, decisions: int, histories: int, seconds: float, unread: int) -> None:
    logger().info(
        "rebuilt",
        partition=number,
        authors=state.authors,
        decisions=decisions,
        records=histories,
        seconds=round(seconds, 3),
    )
    if unread:
        logger().warning("rebuild_skipped", partition=number, count=unread)


def _each(records: Sequence[Record], read: Callable[[Record], None]) -> int:
    """Read every record; the count of those that nobody can read. They are ours or the gateway's: there are none."""
    unread = 0
    for record in records:
        try:
            read(record)
        except RecordError:
            unread += 1
    return unread
