"""From what the gateway was told to the records it writes. Every id is derived: a repeat has the id it had before."""

from __future__ import annotations

import uuid
from datetime import datetime

from mahlan.core.assignment import decision_id
from mahlan.events.codec import encode, envelope_of, stamp
from mahlan.events.comment import CommentScored, CommentSubmitted
from mahlan.events.envelope import Envelope
from mahlan.events.nudge import NudgeOutcome
from mahlan.events.topics import HISTORY, OUTCOMES, SCORED, SUBMITTED
from mahlan.gateway import SOURCE
from mahlan.runtime.broker import Outgoing


def submitted_record(event: CommentSubmitted, now: datetime) -> tuple[str, Outgoing]:
    """A comment to publish, and its id. Its ``author_key`` is set and no id is in it."""
    name = f"{event.comment_id}/{event.revision}"
    return name, _outgoing(SUBMITTED.name, event, name, event.author_key or "", now)


def ruling_record(event: CommentScored) -> Outgoing:
    """A checked draft: scores without text, and the ruling that its author has seen."""
    assert event.ruling is not None
    # Not the id that the scorer would give: the same comment may come through the stream as well.
    name = f"check/{decision_id(event.ruling.campaign, event.comment_id, event.revision)}"
    return _outgoing(SCORED.name, event, name, event.author_key, event.ruling.decided_at)


def outcome_record(event: NudgeOutcome, now: datetime) -> tuple[str, Outgoing]:
    """What an author did, and its id: told twice, it is the same event."""
    name = f"{event.decision_id}/{event.outcome}"
    return name, _outgoing(OUTCOMES.name, event, name, event.author_key, now)


def erasure_record(author_key: str, now: datetime) -> tuple[str, Outgoing]:
    """The tombstone that makes compaction, dispatchers and gateways forget an author, and its id."""
    name = f"erasure-{uuid.uuid4().hex}"
    headers = Envelope(name, HISTORY.type, SOURCE, stamp(now)).headers()
    return name, Outgoing(HISTORY.name, author_key.encode(), None, headers)


def _outgoing(topic: str, event: object, name: str, author_key: str, now: datetime) -> Outgoing:
    value, headers = encode(event, envelope_of(event, id=name, source=SOURCE, time=stamp(now)))
    return Outgoing(topic, author_key.encode(), value, headers)
