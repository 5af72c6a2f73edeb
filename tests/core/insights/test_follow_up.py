"""When an author's follow-up is counted: once nothing of it may still come, whatever came late until then."""

from __future__ import annotations

import pytest

from mahlan.core.insights.author import Author
from mahlan.core.insights.closing import close
from mahlan.core.insights.tally import Tally
from mahlan.core.insights.terms import Patience
from tests.core.insights.stories import ALL_TERMS, TERMS, decision, millis, outcome, take, told

DAYS = TERMS.follow_up_ms / 86_400_000
#: When the follow-up of an author who entered at noon is over, and when nobody waits for an outcome of it any more.
OVER, SETTLED = 24 * DAYS, 24 * DAYS + 24


def closed(author: Author, hours: float) -> Tally:
    tally = Tally()
    close(author, millis(hours), millis(hours), ALL_TERMS, Patience(), tally)
    return tally


@pytest.mark.parametrize(("hours", "counted"), [(OVER, 0), (SETTLED - 0.01, 0), (SETTLED, 1), (SETTLED + 100, 1)])
def test_an_author_is_counted_once_outcomes_of_the_last_day_are_no_longer_waited_for(hours, counted):
    author, _ = told(decision("c-1", "holdout"))
    assert len(closed(author, hours).observations) == counted
    assert len(closed(author, SETTLED + 200).observations) == 1 - counted


def test_what_is_told_late_of_the_follow_up_counts_and_what_happened_after_it_does_not():
    author, _ = told(decision("c-1", "nudge"), outcome("c-1", "sent_unchanged", hours=0.1))
    closed(author, OVER + 5)
    take(author, Tally(), [decision("c-2", hours=OVER - 3, state="posted")])  # from a phone without a network
    take(author, Tally(), [decision("c-3", hours=OVER + 1, state="posted")])
    (observed,) = closed(author, SETTLED).observations
    assert observed.volume == 1


def test_a_comment_of_the_last_day_may_still_be_cancelled():
    author, _ = told(decision("c-1", "nudge"), decision("c-2", "nudge", hours=OVER - 1))
    closed(author, OVER + 5)
    take(author, Tally(), [outcome("c-2", "cancelled", hours=OVER + 6)])
    (observed,) = closed(author, SETTLED).observations
    assert (observed.volume, observed.later_offences) == (0, 1)
