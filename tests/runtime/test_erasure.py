"""Until when an author was erased, as a record tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mahlan.runtime.broker import Record
from mahlan.runtime.erasure import erased_at

ASKED = datetime(2026, 11, 23, 10, 0, 0, 123456, UTC)
MINUTE = timedelta(minutes=1)


def record(told: bytes | None, written: datetime) -> Record:
    headers = () if told is None else (("ce_time", told),)
    return Record("authors.history.v1", 0, 0, b"author-1", None, headers, int(written.timestamp() * 1000))


def test_an_erasure_that_waited_for_kafka_counts_from_when_it_was_asked_for() -> None:
    late = record(ASKED.isoformat().encode(), ASKED + MINUTE)
    assert erased_at(late, ASKED + 2 * MINUTE) == ASKED


@pytest.mark.parametrize("told", [None, b"", b"\xff", b"yesterday", b"2026-11-23T10:00:00"])
def test_one_that_does_not_tell_counts_from_when_it_was_written(told: bytes | None) -> None:
    found = erased_at(record(told, ASKED), ASKED + MINUTE)
    assert ASKED < found <= ASKED + timedelta(milliseconds=1)


def test_a_clock_that_is_ahead_takes_away_nothing_that_is_to_come() -> None:
    ahead = ASKED + MINUTE
    assert erased_at(record(ahead.isoformat().encode(), ahead), ASKED) == ASKED
    assert erased_at(record(ahead.isoformat().encode(), ASKED), ahead) <= ASKED + timedelta(milliseconds=1)
