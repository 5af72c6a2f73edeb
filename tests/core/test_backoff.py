"""When a delivery is tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.backoff import Backoff, read_retry_after

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_the_ceiling_doubles_up_to_the_longest():
    backoff = Backoff(attempts=9, first=0.5, longest=4.0, deadline=1e9)
    ceilings = [backoff.wait(failed, 0.0, 1.0) for failed in range(1, 9)]
    assert ceilings == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0, 4.0]
    assert backoff.wait(9, 0.0, 0.0) is None


@given(
    failed=st.integers(1, 10_000),
    elapsed=st.floats(0, 1e6),
    dice=st.floats(0, 1, exclude_max=True),
    asked=st.none() | st.floats(0, 1e6),
    backoff=st.builds(
        Backoff, attempts=st.integers(1, 10_000), first=st.floats(0.01, 9), longest=st.floats(0.01, 99),
        deadline=st.floats(0.1, 1e5),
    ),
)  # fmt: skip
def test_a_wait_is_bounded_and_never_shorter_than_asked_for(failed, elapsed, dice, asked, backoff):
    wait = backoff.wait(failed, elapsed, dice, asked)
    if wait is None:
        assert failed >= backoff.attempts or elapsed + (asked or 0) + backoff.longest >= backoff.deadline
    else:
        assert (asked or 0) <= wait <= backoff.longest + (asked or 0)
        assert elapsed + wait < backoff.deadline


def test_the_whole_row_of_jitter_is_used():
    waits = {Backoff().wait(3, 0.0, dice / 10) for dice in range(10)}
    assert len(waits) == 10
    assert min(waits) == 0.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("99999999999999", 999_999_999.0),
        ("Mon, 23 Nov 2026 10:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 +0200", 30.0),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("٧", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_as_seconds_or_date(header, seconds):
    assert read_retry_after(header, NOW) == seconds


@given(st.text())
def test_retry_after_is_read_from_anything(header):
    seconds = read_retry_after(header, NOW)
    assert seconds is None or seconds >= 0
