"""The fold that remembers nudges: idempotent, bounded, and forgetting in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.history import KEPT_FOR, MOST_KEPT, is_expired, merge, no_history, remember
from mahlan.core.policy import decide
from tests.core.policy_cases import FRIENDLY, NOON, campaign, history, scored

CAMPAIGN = campaign()
EMPTY = no_history("a" * 32, NOON)


def _decided(comment: int, minutes: int = 0):
    return decide(scored(f"c-{comment}"), CAMPAIGN, EMPTY, NOON + timedelta(minutes=minutes))


def test_only_nudges_and_holdouts_are_remembered():
    none = decide(scored(verdict=FRIENDLY), CAMPAIGN, EMPTY, NOON)
    assert remember(EMPTY, none) is EMPTY
    holdout = replace(_decided(1), kind="holdout")
    assert [past.kind for past in remember(EMPTY, holdout).nudges] == ["holdout"]


decisions = st.lists(st.builds(_decided, st.integers(0, 8), st.integers(0, 600)), max_size=20)


@given(decisions, st.randoms())
def test_repeats_and_order_change_nothing(told, dice):
    distinct = list({decision.decision_id: decision for decision in told}.values())
    again = [*distinct, *dice.choices(distinct, k=5)] if distinct else []
    first, second = EMPTY, EMPTY
    for decision in distinct:
        first = remember(first, decision)
    dice.shuffle(again)
    for decision in again:
        second = remember(second, decision)
    assert first == second
    assert merge(first, second) == first


def test_what_is_older_than_the_longest_window_and_a_day_is_dropped():
    old = remember(EMPTY, _decided(1))
    later = replace(_decided(2), decided_at=NOON + KEPT_FOR)
    assert [past.comment_id for past in remember(old, later).nudges] == ["c-2"]
    assert is_expired(old, NOON + KEPT_FOR)
    assert not is_expired(old, NOON + KEPT_FOR - timedelta(seconds=1))
    assert is_expired(EMPTY, NOON)


def test_a_history_is_bounded_whatever_was_written():
    flood = history(*(n / 100 for n in range(500)))
    assert len(merge(flood, flood).nudges) == MOST_KEPT
    assert len(remember(flood, _decided(1)).nudges) == MOST_KEPT


def test_merging_two_doors_keeps_what_either_wrote():
    one, other = remember(EMPTY, _decided(1)), remember(EMPTY, _decided(2, 5))
    assert [past.comment_id for past in merge(one, other).nudges] == ["c-1", "c-2"]
    assert merge(one, other) == merge(other, one)
