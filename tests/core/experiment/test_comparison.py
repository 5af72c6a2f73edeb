"""Two arms compared: against scipy and a least-squares fit, within strata, and where everybody did the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.core.experiment.adjust import slope
from mahlan.core.experiment.comparison import Pair, compare, compare_strata, merge_strata
from mahlan.core.experiment.observation import Observation
from mahlan.core.experiment.totals import total

scipy_stats = pytest.importorskip("scipy.stats", reason="scipy is of the extra train")

ROWS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=60)


def authors(rows, arm="plain", language="arz"):
    return [
        Observation(
            campaign="fakkar-eg",
            arm=arm,
            language=language,
            toxic_posted=int(value > 10),
            cancelled=0,
            later_offences=0,
            volume=value,
            before=float(before),
        )
        for value, before in rows
    ]


def pair_of(treated, control):
    return Pair(total(authors(treated)), total(authors(control, "holdout")))


@given(ROWS, ROWS)
def test_without_adjustment_it_is_welchs(treated, control):
    found = compare(pair_of(treated, control), "volume")
    a, b = (np.array([value for value, _ in rows], dtype=float) for rows in (treated, control))
    assert found.difference == pytest.approx(a.mean() - b.mean())
    assert found.error == pytest.approx(np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)), abs=1e-6)
    assert found.authors == len(treated) + len(control)


@given(ROWS, ROWS)
@settings(deadline=None)
def test_with_adjustment_it_is_the_coefficient_of_a_regression(treated, control):
    """The difference of analysis of covariance: measure on arm and ``before``, by least squares."""
    rows = np.array([*treated, *control], dtype=float)
    arm = np.r_[np.ones(len(treated)), np.zeros(len(control))]
    spread = sum(np.var(np.array(part)[:, 1]) for part in (treated, control))
    found = compare(pair_of(treated, control), "volume", adjusted=True)
    if spread == 0:
        assert found.difference == pytest.approx(compare(pair_of(treated, control), "volume").difference)
        return
    fitted, *_ = np.linalg.lstsq(np.c_[np.ones(len(rows)), arm, rows[:, 1]], rows[:, 0], rcond=None)
    assert found.difference == pytest.approx(fitted[1], abs=1e-6)
    assert slope(pair_of(treated, control), "volume") == pytest.approx(fitted[2], abs=1e-6)


def test_adjustment_makes_surer_what_before_tells_of():
    rng = np.random.default_rng(6)
    before = rng.poisson(8, 4000)
    value = np.minimum(before + rng.poisson(2, 4000), 40)
    rows = list(zip(value.tolist(), before.tolist(), strict=True))
    pair = pair_of(rows[:3600], rows[3600:])
    plain, adjusted = (compare(pair, "volume", adjusted=how) for how in (False, True))
    assert adjusted.error == pytest.approx(plain.error * np.sqrt(2 / 10), rel=0.1)
    assert abs(adjusted.difference) < 3 * adjusted.error


def test_an_arm_in_which_all_did_the_same_is_not_certain():
    found = compare(pair_of([(20, 0)] * 50, [(20, 0)] * 50), "toxic_posted")
    assert found.difference == 0
    assert 0.01 < found.error < 0.05


def test_within_strata_an_arm_of_one_language_is_not_compared_with_another_language():
    """Calm authors write in one language, rough ones in another; the arm exists in the rough one only."""
    rough, calm = [(30, 0), (31, 0)] * 50, [(1, 0), (2, 0)] * 200
    treated = total(authors(rough, language="arz"))
    held_out = total(authors(rough, "holdout", "arz")), total(authors(calm, "holdout", "en"))
    pooled = compare(Pair(treated, total(authors(rough + calm, "holdout"))), "volume")
    within = compare_strata([Pair(treated, held_out[0])], "volume")
    assert pooled.difference > 20
    assert within.difference == 0


def test_strata_are_weighted_by_their_authors():
    pairs = [
        pair_of([(10, 0), (12, 0)] * 30, [(5, 0), (7, 0)] * 30),
        pair_of([(2, 0), (4, 0)] * 10, [(2, 0), (4, 0)] * 10),
    ]
    found = compare_strata(pairs, "volume")
    parts = [compare(pair, "volume") for pair in pairs]
    assert found.difference == pytest.approx(0.75 * 5)
    assert found.error == pytest.approx(np.hypot(0.75 * parts[0].error, 0.25 * parts[1].error))
    assert (found.authors, merge_strata(pairs).treated.n) == (160, 80)
