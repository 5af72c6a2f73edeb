"""Reading an erasure: a record of ``authors.history.v1`` without a value. Asked by the dispatcher and the gateway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mahlan.runtime.broker import Record, header

#: Timestamps of records are cut to this.
MILLISECOND = timedelta(milliseconds=1)


def author_of(record: Record) -> str:
    """Whose history, or erasure, a record of the histories' topic is."""
    return (record.key or b"").decode("utf-8", "replace")


def written_at(record: Record) -> datetime:
    """When a record was written, as its producer's clock had it."""
    return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)


def erased_at(record: Record, now: datetime) -> datetime:
    """Until when its author was erased: when that was asked for, though it may have waited for Kafka since.

    Where the record does not tell, it is when it was written. A clock that is ahead must not take away what is still to
    come.
    """
    return min(_asked_at(record) or now, written_at(record) + MILLISECOND, now)


def _asked_at(record: Record) -> datetime | None:
    try:
        moment = datetime.fromisoformat(header(record.headers, "ce_time").decode())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
