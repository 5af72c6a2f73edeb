"""The sample-ratio check: a martingale under the plan, an alarm on a mismatch, the formula against scipy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.core.experiment.ratio import ALPHA, MOST, STRENGTHS, log_e_value, sample_ratio

scipy_stats = pytest.importorskip("scipy.stats", reason="scipy is of the extra train")

SHARES = st.floats(0.05, 0.5)


def e_value(counts, shares):
    return math.exp(log_e_value(counts, shares))


@given(st.integers(0, 400), st.integers(0, 400), SHARES)
@settings(deadline=None)
def test_it_is_a_beta_binomial_over_a_binomial(treated, holdout, share):
    n = treated + holdout
    planned = scipy_stats.binom.logpmf(holdout, n, share)
    others = [scipy_stats.betabinom.logpmf(holdout, n, k * share, k * (1 - share)) for k in STRENGTHS]
    wanted = np.logaddexp.reduce(others) - math.log(len(others)) - planned
    assert log_e_value((treated, holdout), (1 - share, share)) == pytest.approx(wanted, abs=1e-6)


@given(st.integers(0, 60), SHARES)
def test_under_the_plan_its_mean_is_one_at_every_n(n, share):
    mean = sum(
        scipy_stats.binom.pmf(holdout, n, share) * e_value((n - holdout, holdout), (1 - share, share))
        for holdout in range(n + 1)
    )
    assert mean == pytest.approx(1.0)


@given(st.integers(0, 30), st.integers(0, 30), SHARES)
def test_the_next_author_does_not_change_what_is_expected(treated, holdout, share):
    """The martingale itself: what is expected of the next look is what is seen now."""
    now = e_value((treated, holdout), (1 - share, share))
    after = (1 - share) * e_value((treated + 1, holdout), (1 - share, share))
    after += share * e_value((treated, holdout + 1), (1 - share, share))
    assert after == pytest.approx(now)


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3))
def test_more_arms_than_two_work_alike(counts):
    shares = (0.2, 0.3, 0.5)
    now = e_value(counts, shares)
    after = sum(
        share * e_value([count + (at == which) for at, count in enumerate(counts)], shares)
        for which, share in enumerate(shares)
    )
    assert after == pytest.approx(now)


def test_watched_all_the_time_it_hardly_ever_alarms_without_cause():
    rng = np.random.default_rng(6)
    looks = range(10, 2001, 10)
    alarmed = 0
    for _ in range(300):
        held = (rng.random(2000) < 0.1).cumsum()
        largest = max(sample_ratio(n - int(held[n - 1]), int(held[n - 1]), 0.1).e_value for n in looks)
        alarmed += largest >= 20
    assert 0 < alarmed <= 300 * 0.05


def test_it_alarms_when_one_in_twelve_is_held_out_instead_of_one_in_ten():
    assert not sample_ratio(917, 83, 0.1).alarm
    assert sample_ratio(18_340, 1_660, 0.1).alarm


def test_nothing_seen_says_nothing():
    found = sample_ratio(0, 0, 0.1)
    assert (found.e_value, found.alarm) == (pytest.approx(1.0), False)
    assert ALPHA == 0.001


def test_a_gross_mismatch_does_not_overflow():
    assert sample_ratio(0, 1_000_000, 0.1).e_value == pytest.approx(MOST)
