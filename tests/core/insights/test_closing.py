"""What ends by itself: nudges without an ending, follow-ups, authors; and what an erasure leaves."""

from __future__ import annotations

import pytest

from mahlan.core.experiment.observation import Observation
from mahlan.core.insights.author import Author
from mahlan.core.insights.closing import close, erase, is_forgotten
from mahlan.core.insights.tally import Tally
from mahlan.core.insights.terms import DAY_MS, Patience
from tests.core.insights.stories import ALL_TERMS, counted, decision, millis, outcome, take, told

PATIENCE = Patience(outcome_ms=DAY_MS, forget_ms=100 * DAY_MS)
WEEK = 7 * 24


def closed(author: Author, hours: float, now: float | None = None) -> tuple[bool, Tally]:
    tally = Tally()
    clock = millis(hours if now is None else now)
    return close(author, millis(hours), clock, ALL_TERMS, PATIENCE, tally), tally


def observed(*events) -> Observation:
    author, tally = told(*events)
    assert not tally.observations
    # As long after the follow-up as an outcome of its last day may take.
    assert closed(author, WEEK + 23.9)[1].observations == []
    found = closed(author, WEEK + 24.1)[1].observations
    assert closed(author, WEEK + 40)[1].observations == []  # an author is an observation once
    return found[0]


def test_a_nudge_without_an_ending_is_unknown_after_a_while_and_a_late_ending_still_counts():
    author, _ = told(decision("c-1", "nudge"), outcome("c-1", "shown"))
    assert closed(author, 23.9) == (False, Tally())
    changed, tally = closed(author, 24.1)
    assert changed
    assert counted(tally, prefix="outcome/") == {"unknown": 1}
    assert not closed(author, 24.2)[0]
    _, late = told(outcome("c-1", "revised", hours=1), author=author)
    assert counted(late, prefix="outcome/") | {"unknown": -1} == {"revised": 1, "unknown": -1}


def test_an_outcome_without_a_nudge_waits_by_the_clock_of_the_log_not_by_its_own():
    author, _ = told(outcome("c-1", "shown", hours=0))
    assert not closed(author, hours=500, now=23)[0]
    changed, tally = closed(author, hours=0, now=24.1)
    assert changed
    assert tally.unmatched == 1
    assert author.early == []


NUDGED = decision("c-1", "nudge")
CLEAN = {"kind": "none", "revision": 1, "hours": 0.1}
WORSE = {"kind": "suppress", "revision": 1, "hours": 0.1}


@pytest.mark.parametrize(
    ("events", "toxic", "cancelled"),
    [
        ([NUDGED], 1, 0),
        ([NUDGED, outcome("c-1", "sent_unchanged", hours=0.1)], 1, 0),
        ([NUDGED, outcome("c-1", "cancelled", hours=0.1)], 0, 1),
        ([NUDGED, outcome("c-1", "revised", hours=0.1)], 1, 0),  # nobody knows to what: as it was
        ([NUDGED, outcome("c-1", "revised", hours=0.1), decision("c-1", **CLEAN)], 0, 0),
        ([NUDGED, outcome("c-1", "revised", hours=0.1), decision("c-1", **WORSE)], 1, 0),
        ([NUDGED, decision("c-1", state="posted", **CLEAN), outcome("c-1", "cancelled", hours=0.1)], 0, 0),
        ([NUDGED, decision("c-1", **CLEAN), decision("c-1", "suppress", revision=2, state="posted")], 1, 0),
        ([decision("c-1", "holdout")], 1, 0),
        ([decision("c-1", "holdout"), decision("c-1", **CLEAN)], 0, 0),
        ([decision("c-1", "nudge", state="posted")], 1, 0),
        ([decision("c-1", "nudge", state="posted"), decision("c-1", state="posted", **CLEAN)], 0, 0),
    ],
)
def test_what_was_posted_in_the_end(events, toxic, cancelled):
    found = observed(*events)
    assert (found.toxic_posted, found.cancelled) == (toxic, cancelled)


def test_signs_of_self_harm_are_never_counted_as_toxic():
    support = decision("c-1", "suppress", revision=1, reason="self_harm", band="high", hours=0.1)
    assert observed(NUDGED, support).toxic_posted == 0
    assert observed(NUDGED, decision("c-2", "suppress", reason="self_harm", band="high", hours=1)).later_offences == 0


def test_a_follow_up_counts_comments_and_offences_between_entry_and_end():
    found = observed(
        decision("c-a", hours=-2),
        decision("c-b", hours=-1),
        NUDGED,
        decision("c-1", revision=1, hours=0.1),  # the entering comment is none of them
        decision("c-2", hours=1),
        decision("c-3", "suppress", hours=2, reason="capped"),
        decision("c-3", "suppress", hours=2, reason="capped", revision=1),
        decision("c-4", "nudge", hours=3),
        outcome("c-4", "cancelled", hours=3.1),  # written, but never posted
        decision("c-5", hours=WEEK - 1),
    )
    assert found == Observation(
        campaign="fakkar-eg",
        arm="plain",
        language="arz",
        toxic_posted=0,
        cancelled=0,
        later_offences=2,
        volume=3,
        before=2.0,
    )


def test_what_comes_after_the_follow_up_is_not_counted_though_it_is_not_closed_yet():
    assert observed(NUDGED, decision("c-2", "suppress", hours=WEEK + 1)).volume == 0


def test_an_author_enters_once_with_the_arm_that_they_were_in():
    found = observed(decision("c-1", "holdout"), decision("c-2", "holdout", hours=1))
    assert (found.arm, found.later_offences, found.volume) == ("holdout", 1, 1)
    _, tally = told(decision("c-1", "holdout"), decision("c-2", "holdout", hours=1))
    assert counted(tally, prefix="entered/") == {"holdout": 1}
    _, tally = told(NUDGED, decision("c-2", "nudge", hours=1))
    assert counted(tally, prefix="entered/") == {"treated": 1}


def test_who_is_not_asked_and_not_held_out_is_no_observation():
    author, _ = told(decision("c-1"), decision("c-2", "suppress", reason="capped"))
    assert closed(author, WEEK * 2)[1].observations == []


def test_an_author_who_was_not_heard_of_is_forgotten():
    author, _ = told(decision("c-1"))
    assert not is_forgotten(author, millis(99 * 24), PATIENCE)
    assert is_forgotten(author, millis(100 * 24), PATIENCE)


def test_an_erasure_leaves_that_it_was_and_no_more():
    author, _ = told(decision("c-1", "nudge"), decision("c-2", hashtags=("practicethepause",)), outcome("c-9", "shown"))
    tally = Tally()
    left = erase(author, millis(1), ALL_TERMS, tally)
    assert left == Author(last=millis(1), erased=millis(1))
    assert counted(tally, prefix="outcome/") == {"unknown": 1}
    assert tally.observations == []
    again = Tally()
    take(left, again, [decision("c-3", hours=2, hashtags=("practicethepause",))])
    assert counted(again, prefix="challenge/")["joiners"] == 1
