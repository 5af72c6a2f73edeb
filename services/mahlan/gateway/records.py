"""From what the gateway was told to the records it writes. Every id is derived: a repeat has the id it had before."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b

from mahlan.core.assignment import decision_id
from mahlan.events.codec import encode, envelope_of, stamp
from mahlan.events.comment import CommentNormalised, CommentScored, CommentSubmitted
from mahlan.events.envelope import Envelope
from mahlan.events.feedback import ScoreSuggested
from mahlan.events.nudge import NudgeOutcome
from mahlan.events.topics import HISTORY, OUTCOMES, SCORED, SUBMITTED, SUGGESTED
from mahlan.gateway import SOURCE
from mahlan.runtime.broker import Outgoing

LONGEST_TOKEN = 256
"""Characters of an opaque token (``events/feedback.py``)."""


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


def suggestion_record(
    read: CommentNormalised,
    scores: Mapping[str, float],
    model: str,
    values: Mapping[str, float],
    now: datetime,
    **told: str | None,
) -> Outgoing:
    """What somebody says a score should have been. Of the text its length and language go on, and our scores.

    ``told`` are ``platform``, ``community_id`` and ``client_token``; of the last two, what no event can hold is left
    out. With a token the same suggestion has the same id.
    """
    kept = {name: value if value and len(value) <= LONGEST_TOKEN else None for name, value in told.items()}
    name = _digest(*kept.values(), *map(str, sorted(values.items()))) if kept["client_token"] else uuid.uuid4().hex
    event = ScoreSuggested(
        suggestion_id=name,
        occurred_at=now,
        values=dict(values),
        scores=dict(scores),
        model=model,
        language=read.language,
        length=read.length,
        **kept,
    )
    return _outgoing(SUGGESTED.name, event, name, name, now)


def _digest(*parts: str | None) -> str:
    return blake2b("\0".join(part or "" for part in parts).encode(), digest_size=16).hexdigest()


def _outgoing(topic: str, event: object, name: str, author_key: str, now: datetime) -> Outgoing:
    value, headers = encode(event, envelope_of(event, id=name, source=SOURCE, time=stamp(now)))
    return Outgoing(topic, author_key.encode(), value, headers)
