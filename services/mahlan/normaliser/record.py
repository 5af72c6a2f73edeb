"""One submitted record to what is written for it: a normalised event or a dead letter. Called by the agent.

Total: whatever the bytes are, exactly one record comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mahlan.core.reading import check_time, key_of, read_comment
from mahlan.errors import InternalError, RecordError
from mahlan.events import codec, topics
from mahlan.events.comment import CommentSubmitted
from mahlan.runtime.broker import Outgoing, Record
from mahlan.runtime.dead_letters import dead_letter

SERVICE = "normaliser"
SOURCE = "mahlan/normaliser"


@dataclass(frozen=True, slots=True)
class Result:
    """What to write, and the code of why it is a dead letter (empty when it is an event)."""

    outgoing: Outgoing
    reason: str
    received_ms: int


def normalised(record: Record, salt: str, now: datetime) -> Result:
    """What becomes of ``record``. ``now`` is aware."""
    try:
        try:
            return _event(record, salt, now)
        except RecordError:
            raise
        except Exception as error:  # noqa: BLE001 (total: see the module)
            # A fault of ours: the record is kept, with the place to look at and none of its text.
            raise InternalError(f"{type(error).__name__} while normalising; this is a bug") from None
    except RecordError as error:
        letter = dead_letter(record, error, service=SERVICE, now=now)
        return Result(letter, error.reason, record.timestamp_ms)


def _event(record: Record, salt: str, now: datetime) -> Result:
    submitted, envelope = codec.decode(CommentSubmitted, record.value, record.headers)
    check_time(submitted.occurred_at, now)
    event = read_comment(submitted, key_of(submitted, salt))
    received_ms = envelope.received_ms or record.timestamp_ms
    written = codec.envelope_of(
        event,
        id=f"{event.comment_id}/{event.revision}",
        source=SOURCE,
        time=codec.stamp(now),
        parent=envelope.received_at(received_ms),
    )
    value, headers = codec.encode(event, written)
    outgoing = Outgoing(topics.NORMALISED.name, event.author_key.encode(), value, headers)
    return Result(outgoing, "", received_ms)
