"""The false-nudge budget: rates as the workbook has them, and evidence that chance cannot make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import comb, exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.core.budget import (
    BETS,
    BUCKET,
    ENOUGH,
    LONGEST,
    PAIRS,
    Counts,
    bucket_of,
    burn_rate,
    counts_in,
    evidence,
    find_burn,
    is_evidence,
)

NOW = datetime(2026, 11, 23, 10, 2, tzinfo=UTC)
HERE = bucket_of(NOW)
HOUR = timedelta(hours=1)

shares = st.floats(0.001, 0.5)


@st.composite
def counted(draw, most=300):
    shown = draw(st.integers(0, most))
    disputed = draw(st.integers(0, shown))
    return Counts(shown, disputed, draw(st.integers(0, disputed)))


ages = st.integers(-3, LONGEST // BUCKET + 50)
histories = st.dictionaries(ages, counted(), max_size=40).map(lambda found: {HERE - age: n for age, n in found.items()})


def alike(shown, disputed, buckets, disputers=None):
    """The same counts in each of the last buckets."""
    each = Counts(shown, disputed, disputed if disputers is None else disputers)
    return {HERE - age: each for age in range(buckets)}


def test_burn_rates_are_those_of_the_workbook():
    # A month's budget at the rate of each pair: 2 % in an hour, 5 % in six hours, 10 % in three days.
    spent = [pair.burn * (pair.long / timedelta(days=30)) for pair in PAIRS]
    assert spent == pytest.approx([0.02, 0.05, 0.10])
    assert [pair.long / pair.short for pair in PAIRS] == [12, 12, 12]


def test_a_burn_rate_is_the_share_disputed_over_the_share_allowed():
    assert burn_rate(Counts(200, 4, 4), 0.02) == pytest.approx(1.0)
    assert burn_rate(Counts(200, 58, 9), 0.02) == pytest.approx(14.5)
    assert burn_rate(Counts(), 0.02) is None


def test_a_window_has_its_whole_buckets_and_the_one_being_filled():
    buckets = {HERE - age: Counts(10**age, 0, 0) for age in range(4)} | {HERE + 1: Counts(5, 5, 5)}
    assert counts_in(buckets, NOW, BUCKET).shown == 11
    assert counts_in(buckets, NOW, 2 * BUCKET).shown == 111
    assert counts_in(buckets, NOW, HOUR).shown == 1111
    # 09:56 lies in a bucket that began at 09:55, so only those from 10:00 on count.
    assert counts_in(buckets, NOW, HOUR, NOW - timedelta(minutes=6)).shown == 1
    assert counts_in(buckets, NOW, HOUR, NOW - timedelta(minutes=7)).shown == 11


@given(histories, st.integers(1, 864), st.none() | st.integers(-10, 900))
def test_however_many_buckets_there_are_a_window_sums_the_same(buckets, size, ago):
    since = None if ago is None else NOW - ago * BUCKET
    first = HERE - size
    wanted = [
        n
        for at, n in buckets.items()
        if first <= at <= HERE and (since is None or at * BUCKET.seconds >= since.timestamp())
    ]
    assert counts_in(buckets, NOW, size * BUCKET, since) == sum(wanted, Counts())


@pytest.mark.parametrize("allowed", [0.005, 0.02, 0.1, 0.5])
@pytest.mark.parametrize("of", [1.0, 0.8, 0.3])
@pytest.mark.parametrize("shown", [1, 3, 40, 250])
def test_evidence_is_an_e_value(allowed, of, shown):
    """Its mean is at most 1 for every share within the budget: summed over all that can happen, not sampled."""
    share = allowed * of
    chances = (comb(shown, k) * share**k * (1 - share) ** (shown - k) for k in range(shown + 1))
    mean = sum(chance * exp(evidence(Counts(shown, k, k), allowed)) for k, chance in enumerate(chances))
    assert mean <= 1 + 1e-9
    if of == 1.0:
        assert mean == pytest.approx(1.0)


@given(counted(2000), shares)
def test_each_disputer_adds_evidence_and_each_nudge_that_helped_takes_some(counts, allowed):
    known = evidence(counts, allowed)
    shown, disputed, disputers = counts.shown, counts.disputed, counts.disputers
    assert evidence(Counts(shown + 1, disputed + 1, disputers + 1), allowed) > known
    assert evidence(Counts(shown + 1, disputed, disputers), allowed) < known
    assert evidence(Counts(shown, shown, disputers), allowed) == known


@given(st.integers(0, 5), st.integers(0, 10_000), shares)
def test_five_authors_are_never_enough(disputers, others, allowed):
    assert evidence(Counts(disputers + others, disputers, disputers), allowed) < ENOUGH


def test_one_of_three_burns_16_times_too_fast_and_is_no_reason_to_brake():
    buckets = {HERE: Counts(3, 1, 1)}
    assert burn_rate(buckets[HERE], 0.02) == pytest.approx(16.7, abs=0.1)
    assert find_burn(buckets, NOW, 0.02) is None


def test_one_author_who_disputes_everything_brakes_nothing():
    assert find_burn(alike(20, 20, 12), NOW, 0.02) is not None
    assert find_burn({**alike(20, 20, 12, disputers=0), HERE - 11: Counts(20, 20, 1)}, NOW, 0.02) is None


@pytest.mark.parametrize(
    ("buckets", "code"),
    [
        (alike(20, 6, 12), "burning_1h"),
        (alike(10, 2, 72), "burning_6h"),
        (alike(50, 2, 864), "burning_3d"),
        (alike(50, 1, 864), None),  # exactly the budget, for ever
        (alike(1, 0, 864), None),
        ({}, None),
    ],
)
def test_the_fastest_burn_is_found(buckets, code):
    burn = find_burn(buckets, NOW, 0.02)
    assert (burn.windows.code if burn else None) == code


def test_what_has_stopped_burning_is_left_alone():
    burning = {at - 72: counts for at, counts in alike(20, 6, 12).items()}
    assert find_burn(burning | alike(20, 0, 72), NOW, 0.02) is None


def test_what_was_shown_before_the_brake_was_set_counts_no_more():
    assert find_burn(alike(20, 6, 12), NOW, 0.02, NOW - HOUR) is not None
    assert find_burn(alike(20, 6, 12), NOW, 0.02, NOW) is None


@settings(max_examples=300)
@given(histories, shares, st.none() | st.integers(0, 900))
def test_a_burn_is_always_fast_in_both_windows_and_beyond_chance(buckets, allowed, ago):
    since = None if ago is None else NOW - ago * BUCKET
    burn = find_burn(buckets, NOW, allowed, since)
    if burn is None:
        return
    assert burn.counts == counts_in(buckets, NOW, burn.windows.long, since)
    assert burn.counts.disputers > 5
    for window in (burn.windows.long, burn.windows.short):
        assert burn_rate(counts_in(buckets, NOW, window, since), allowed) >= burn.windows.burn
    assert evidence(burn.counts, allowed) >= ENOUGH


@given(histories, histories, shares)
def test_counts_of_two_workers_add_up_to_one_view(one, other, allowed):
    numbers = one.keys() | other.keys()
    both = {number: one.get(number, Counts()) + other.get(number, Counts()) for number in numbers}
    for pair in PAIRS:
        apart = counts_in(one, NOW, pair.long) + counts_in(other, NOW, pair.long)
        assert counts_in(both, NOW, pair.long) == apart
    assert find_burn(both, NOW, allowed) == find_burn(dict(sorted(both.items(), reverse=True)), NOW, allowed)


def test_an_authors_disputes_are_evidence_once_in_the_longest_window():
    assert is_evidence(None, NOW)
    assert not is_evidence(NOW, NOW + LONGEST - BUCKET)
    assert not is_evidence(NOW, NOW - BUCKET)  # told late
    assert is_evidence(NOW, NOW + LONGEST)


def test_every_bet_is_on_more_than_is_allowed():
    assert min(BETS) > 1
    assert max(BETS) == PAIRS[0].burn
