"""Normalised records to scored events or dead letters. Called by the scorer's loop. No text leaves here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mahlan.core.campaign import Campaign
from mahlan.errors import RecordError
from mahlan.events import codec, topics
from mahlan.events.comment import CommentNormalised
from mahlan.events.envelope import Envelope
from mahlan.runtime.broker import Outgoing, Record
from mahlan.runtime.dead_letters import dead_letter
from mahlan.scoring.comments import scored_comment
from mahlan.scoring.model import Scores

SERVICE = "scorer"
SOURCE = "mahlan/scorer"


@dataclass(frozen=True, slots=True)
class Item:
    """A record that can be scored."""

    record: Record
    comment: CommentNormalised
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that cannot, and why."""

    record: Record
    error: RecordError


def opened(record: Record) -> Item | Failure:
    """Decode one record of ``comments.normalised.v1``."""
    try:
        comment, envelope = codec.decode(CommentNormalised, record.value, record.headers)
    except RecordError as error:
        return Failure(record, error)
    return Item(record, comment, envelope)


def letter(failure: Failure, now: datetime) -> Outgoing:
    """The dead letter of a failure."""
    return dead_letter(failure.record, failure.error, service=SERVICE, now=now)


def scored(
    item: Item,
    found: Scores,
    *,
    model: str,
    campaigns: Mapping[str, Campaign],
    now: datetime,
) -> Outgoing:
    """The scored event of one comment: everything of the normalised one but its text."""
    event = scored_comment(item.comment, found, model, campaigns.values())
    written = codec.envelope_of(
        event,
        id=f"{event.comment_id}/{event.revision}",
        source=SOURCE,
        time=codec.stamp(now),
        parent=item.envelope,
    )
    value, headers = codec.encode(event, written)
    return Outgoing(topics.SCORED.name, event.author_key.encode(), value, headers)
