"""A record that cannot be processed becomes a dead letter: its bytes as they were, the reason in headers."""

from __future__ import annotations

from datetime import datetime

from mahlan.errors import RecordError
from mahlan.events.dead_letter import describe, original_headers
from mahlan.events.topics import DEAD_LETTERS
from mahlan.runtime.broker import Outgoing, Record


def dead_letter(record: Record, error: RecordError, *, service: str, now: datetime) -> Outgoing:
    """The record to write to ``<service>.dlq.v1``, with the original key, value and headers."""
    origin = (record.topic, record.partition, record.offset)
    letter = describe(error, service=service, origin=origin, failed_at=now.isoformat())
    headers = (*original_headers(record.headers), *letter.headers())
    return Outgoing(DEAD_LETTERS[service].name, record.key, record.value, headers)
