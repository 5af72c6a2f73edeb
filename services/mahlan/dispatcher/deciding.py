"""One batch of scored comments to decisions and dead letters, in memory. Used by the worker, which writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mahlan.core.assignment import decision_id
from mahlan.core.campaign import Campaign
from mahlan.core.decision import apply_ruling
from mahlan.core.policy import decide
from mahlan.core.reading import check_time
from mahlan.dispatcher import SERVICE
from mahlan.dispatcher.state import PartitionState
from mahlan.errors import InternalError, RecordError
from mahlan.events.codec import decode, encode, envelope_of
from mahlan.events.comment import CommentScored
from mahlan.events.envelope import Envelope
from mahlan.events.nudge import AuthorHistory, NudgeDecided
from mahlan.events.topics import DECIDED, HISTORY
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.broker import Outgoing, Record
from mahlan.runtime.dead_letters import dead_letter


@dataclass(slots=True)
class Batch:
    """What came of some records. Every record is in exactly one of ``decisions``, ``errors`` and ``repeats``."""

    outgoing: list[Outgoing] = field(default_factory=list)
    decisions: list[NudgeDecided] = field(default_factory=list)
    arrivals_ms: list[int] = field(default_factory=list)
    errors: list[RecordError] = field(default_factory=list)
    repeats: int = 0


def decide_batch(
    records: Iterable[Record],
    states: Mapping[int, PartitionState],
    campaign: Campaign,
    brakes: Brakes,
    now: datetime,
    source: str,
    *,
    whole: bool = True,
) -> Batch:
    """Decide each comment once, in order, and remember it in the state of its partition. Total over bytes.

    ``whole=False`` leaves the value out of dead letters, for a topic that does not take records as large as ours.
    """
    batch = Batch()
    for record in records:
        try:
            if not _decide_record(batch, record, states[record.partition], campaign, brakes, now, source):
                batch.repeats += 1
        except RecordError as error:
            batch.errors.append(error)
            kept = record if whole else replace(record, value=None)
            batch.outgoing.append(dead_letter(kept, error, service=SERVICE, now=now))
    return batch


def _decide_record(
    batch: Batch,
    record: Record,
    state: PartitionState,
    campaign: Campaign,
    brakes: Brakes,
    now: datetime,
    source: str,
) -> bool:
    """Add the decision to the batch; False where it was made before. Raises ``RecordError``.

    A comment that comes with its ruling was decided before it was posted, and its author has seen what came of it:
    that is what is written down, whatever would be decided now.
    """
    comment, envelope = decode(CommentScored, record.value, record.headers)
    ruling = comment.ruling
    if ruling is not None:
        check_time(ruling.decided_at, now, "$.ruling.decided_at")
    ruled_by = ruling.campaign if ruling else campaign.id
    if state.has_decided(decision_id(ruled_by, comment.comment_id, comment.revision), comment.author_key):
        return False
    try:
        decision = apply_ruling(comment, ruling) if ruling else _decide(comment, campaign, brakes, state, now)
        outgoing = _decided(decision, envelope, record.partition, source)
    except Exception as error:  # noqa: BLE001 (not even a bug of ours may stop a partition)
        raise InternalError(f"{type(error).__name__} while deciding; this is a bug") from None
    state.apply(decision)
    batch.decisions.append(decision)
    batch.arrivals_ms.append(envelope.received_ms)
    batch.outgoing.append(outgoing)
    return True


def _decide(
    comment: CommentScored, campaign: Campaign, brakes: Brakes, state: PartitionState, now: datetime
) -> NudgeDecided:
    brake = brakes.level(campaign.id, comment.language)
    return decide(comment, campaign, state.history_of(comment.author_key, now), now, brake)


def _decided(decision: NudgeDecided, parent: Envelope, partition: int, source: str) -> Outgoing:
    time = decision.decided_at.isoformat()
    envelope = envelope_of(decision, id=decision.decision_id, source=source, time=time, parent=parent)
    value, headers = encode(decision, envelope)
    # The partition of the comment, whoever chose it: state, caps and order are kept by partition.
    return Outgoing(DECIDED.name, decision.author_key.encode(), value, headers, partition)


def history_record(author_key: str, history: AuthorHistory | None, partition: int, source: str) -> Outgoing:
    """An author's history as a record, in the partition of their comments. Its id is its last decision's.

    Of an author of whom nothing may be kept, it is the erasure.
    """
    if history is None:
        return Outgoing(HISTORY.name, author_key.encode(), None, (), partition)
    last = history.nudges[-1].decision_id if history.nudges else history.author_key
    envelope = envelope_of(history, id=f"history-{last}", source=source, time=history.updated_at.isoformat())
    value, headers = encode(history, envelope)
    return Outgoing(HISTORY.name, history.author_key.encode(), value, headers, partition)
