"""The interval: its formula against a second derivation, its width against a usual one, its limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.core.experiment.sequences import Estimate, factor, interval, tuning

scipy_optimize = pytest.importorskip("scipy.optimize", reason="scipy is of the extra train")
scipy_special = pytest.importorskip("scipy.special")
scipy_stats = pytest.importorskip("scipy.stats")

ALPHAS = st.floats(1e-4, 0.3)
ONE_LOOK = 1.959963984540054


@given(ALPHAS)
def test_the_tuning_is_lamberts_w(alpha):
    assert tuning(alpha) == pytest.approx(-scipy_special.lambertw(-(alpha**2) / math.e, -1).real - 1)


@given(ALPHAS)
def test_no_other_tuning_is_narrower_at_the_plan(alpha):
    def width(x):
        return (x + 1) / x * (math.log1p(x) - 2 * math.log(alpha))

    best = scipy_optimize.minimize_scalar(width, bounds=(1e-3, 200), method="bounded")
    assert factor(1.0, alpha) ** 2 <= best.fun + 1e-6


@given(st.integers(10, 10**6), st.integers(10, 10**6), ALPHAS, st.floats(0.01, 50))
def test_the_margin_is_that_of_robbins_mixture(authors, planned, alpha, deviation):
    """Written out with rho squared, as in the paper; s is the standard deviation of one observation."""
    rho2 = tuning(alpha) / planned
    inside = math.sqrt(authors * rho2 + 1) / alpha
    margin = deviation * math.sqrt(2 * (authors * rho2 + 1) / (authors**2 * rho2) * math.log(inside))
    low, high = interval(Estimate(0.5, deviation / math.sqrt(authors), authors), planned, alpha)
    assert (high - low) / 2 == pytest.approx(margin)
    assert (high + low) / 2 == pytest.approx(0.5)


@given(st.floats(0.01, 0.2), st.floats(0.05, 20))
@settings(deadline=None, max_examples=30)
def test_it_is_what_a_mixture_of_normal_alternatives_does_not_refute(alpha, share):
    """Second derivation: at its edge the mean likelihood ratio, over effects drawn from N(0, rho²), is 1 / alpha."""
    x = tuning(alpha) * share
    z = factor(share, alpha)  # the edge, in standard errors; the sum is z * sqrt(t), its variance t
    drawn = scipy_stats.norm(0, math.sqrt(x))  # effect times sqrt(t)
    at, weights = np.polynomial.legendre.leggauss(400)
    centre, half = z * x / (1 + x), 12 * math.sqrt(x / (1 + x))
    effects = centre + half * at
    ratio = float(np.sum(weights * half * np.exp(effects * z - effects**2 / 2) * drawn.pdf(effects)))
    assert ratio == pytest.approx(1 / alpha, rel=1e-6)


def test_at_the_plan_it_is_one_and_a_half_times_as_wide_as_for_one_look():
    assert factor(1.0, 0.05) / ONE_LOOK == pytest.approx(1.5486, abs=1e-4)


@given(st.floats(0.4, 4.0))
def test_near_the_plan_it_stays_within_one_point_six(share):
    assert factor(share, 0.05) / ONE_LOOK <= 1.6


def test_far_from_the_plan_it_is_wider():
    assert factor(0.01, 0.05) > factor(0.1, 0.05) > factor(1.0, 0.05) < factor(100.0, 0.05)


def test_looking_at_random_walks_all_the_time_misses_less_than_five_in_a_hundred():
    walks = np.random.default_rng(6).standard_normal((2000, 1000)).cumsum(axis=1)
    at = np.arange(1, 1001)
    usual = np.abs(walks / np.sqrt(at))[:, 20:] > ONE_LOOK
    ours = np.abs(walks / np.sqrt(at)) > np.array([factor(one / 1000, 0.05) for one in at])
    assert ours.any(axis=1).mean() < 0.05
    assert usual.any(axis=1).mean() > 0.3
