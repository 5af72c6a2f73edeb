"""One submitted record to what is written for it: a normalised event or a dead letter. Called by the agent.

Total: whatever the bytes are, exactly one record comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mahlan.core.identity import author_key
from mahlan.core.normalise import normalise
from mahlan.core.signals import find_signals
from mahlan.errors import FieldError, InternalError, RecordError
from mahlan.events import codec, topics
from mahlan.events.comment import CommentNormalised, CommentSubmitted
from mahlan.runtime.broker import Outgoing, Record
from mahlan.runtime.dead_letters import dead_letter

SERVICE = "normaliser"
SOURCE = "mahlan/normaliser"
#: Clocks differ; a comment from tomorrow is a wrong unit or a wrong year.
AHEAD = timedelta(days=1)


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
    if submitted.occurred_at > now + AHEAD:
        raise FieldError("lies more than a day ahead; check the clock and the unit", "$.occurred_at")
    event = _normalise(submitted, _key(submitted, salt))
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


def _key(submitted: CommentSubmitted, salt: str) -> str:
    if submitted.author_key is not None:
        return submitted.author_key
    if not salt:
        raise FieldError("needs MAHLAN_AUTHOR_SALT to be set; or send author_key instead", "$.author_id")
    return author_key(submitted.author_id or "", salt)


def _normalise(submitted: CommentSubmitted, key: str) -> CommentNormalised:
    read = normalise(submitted.text, submitted.language_hint)
    return CommentNormalised(
        comment_id=submitted.comment_id,
        revision=submitted.revision,
        state=submitted.state,
        author_key=key,
        surface=submitted.surface,
        occurred_at=submitted.occurred_at,
        readings=read.readings,
        language=read.language,
        script=read.script,
        length=read.length,
        truncated=read.truncated,
        runs=read.runs,
        hashtags=read.hashtags,
        mentions=read.mentions,
        urls=read.urls,
        signals=find_signals([reading.text for reading in read.readings]),
        context=submitted.context,
        thread_id=submitted.thread_id,
        parent_id=submitted.parent_id,
        platform=submitted.platform,
    )
