"""What a dead letter says beside the bytes that failed: where they came from and why, in headers.

Written by ``runtime/dead_letters.py``; read by ``mahlan dlq show|replay``. The value of a dead letter is the
original value, its key the original key, and the original headers come first, so that a replay is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

from mahlan.errors import RecordError
from mahlan.events.envelope import Headers

PREFIX = "mahlan_dead_"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Why a record could not be processed. ``reason`` is a code, ``message`` names the fix; neither holds text."""

    service: str
    topic: str
    partition: int
    offset: int
    reason: str
    field: str
    message: str
    failed_at: str

    def headers(self) -> Headers:
        """As Kafka headers, to stand after the original ones."""
        names = ("service", "topic", "partition", "offset", "reason", "field", "message", "failed_at")
        return tuple((PREFIX + name, str(getattr(self, name)).encode()) for name in names)


def describe(error: RecordError, *, service: str, origin: tuple[str, int, int], failed_at: str) -> DeadLetter:
    """The dead letter of ``error`` for the record at ``origin`` (topic, partition, offset)."""
    topic, partition, offset = origin
    return DeadLetter(service, topic, partition, offset, error.reason, error.field, str(error), failed_at)


def read(headers: Headers) -> DeadLetter | None:
    """The dead letter told by a record's headers, or None where it is not one."""
    named = {k.removeprefix(PREFIX): (v or b"").decode("utf-8", "replace") for k, v in headers if k.startswith(PREFIX)}
    try:
        return DeadLetter(
            named["service"],
            named["topic"],
            int(named["partition"]),
            int(named["offset"]),
            named["reason"],
            named["field"],
            named["message"],
            named["failed_at"],
        )
    except (KeyError, ValueError):
        return None


def original_headers(headers: Headers) -> Headers:
    """The headers the record had before it became a dead letter."""
    return tuple((name, value) for name, value in headers if not name.startswith(PREFIX))
