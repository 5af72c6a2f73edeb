"""One record of a source topic into a step. Total over bytes: it is taken in, skipped, or becomes a dead letter."""

from __future__ import annotations

from datetime import datetime

from mahlan.core.insights.tally import milliseconds
from mahlan.errors import InternalError, RecordError
from mahlan.events.codec import decode
from mahlan.events.nudge import NudgeDecided, NudgeOutcome
from mahlan.events.topics import DECIDED, HISTORY, OUTCOMES
from mahlan.insights import SERVICE
from mahlan.insights.step import Step
from mahlan.runtime.broker import Outgoing, Record
from mahlan.runtime.dead_letters import dead_letter
from mahlan.runtime.erasure import author_of, erased_at

#: What insights reads. Of the histories only the erasures matter.
TOPICS = (DECIDED.name, OUTCOMES.name, HISTORY.name)


def take_in(step: Step, record: Record, now: datetime) -> tuple[Outgoing, str] | None:
    """Take in one record, unless the state holds it already; a dead letter and its reason where nobody can."""
    if step.was_taken(record.topic, record.offset):
        return None
    step.passed(record.topic, record.offset)
    try:
        try:
            _take(step, record, now)
        except RecordError:
            raise
        except Exception as error:  # noqa: BLE001 (not even a bug of ours may stop a partition)
            raise InternalError(f"{type(error).__name__} while counting; this is a bug") from None
    except RecordError as error:
        return dead_letter(record, error, service=SERVICE, now=now), error.reason
    return None


def _take(step: Step, record: Record, now: datetime) -> None:
    if record.topic == DECIDED.name:
        step.decide(decode(NudgeDecided, record.value, record.headers).event)
    elif record.topic == OUTCOMES.name:
        step.tell(decode(NudgeOutcome, record.value, record.headers).event, record.timestamp_ms)
    elif record.value is None:
        step.erase(author_of(record), milliseconds(erased_at(record, now)))
