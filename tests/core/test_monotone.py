"""The rising curve: as scikit-learn's, never falling, and its values between and beyond the points."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.core.monotone import Curve, fit_monotone

sklearn = pytest.importorskip("sklearn.isotonic", reason="scikit-learn is of the extra train")
SHARES = st.floats(0, 1, allow_subnormal=False).map(lambda value: round(value, 3))
PAIRS = st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=60)


@given(PAIRS)
@settings(deadline=None)
def test_it_is_the_curve_of_the_library(pairs: list[tuple[float, float]]) -> None:
    isotonic = sklearn.IsotonicRegression(out_of_bounds="clip")
    x, y = zip(*pairs, strict=True)
    isotonic.fit(np.array(x), np.array(y))
    curve = fit_monotone(pairs)
    asked = [*x, *(at / 20 for at in range(21))]
    assert [curve.at(one) for one in asked] == pytest.approx(isotonic.predict(np.array(asked)).tolist(), abs=1e-9)


@given(PAIRS)
def test_it_never_falls_and_its_points_can_be_told_apart(pairs: list[tuple[float, float]]) -> None:
    curve = fit_monotone(pairs)
    assert all(left < right for left, right in pairwise(curve.x))
    assert all(left <= right + 1e-12 for left, right in pairwise(curve.y))


def test_between_the_points_it_is_straight_and_outside_flat() -> None:
    curve = Curve((0.2, 0.4), (0.1, 0.9))
    assert [curve.at(x) for x in (0.0, 0.2, 0.3, 0.4, 1.0)] == pytest.approx([0.1, 0.1, 0.5, 0.9, 0.9])


def test_neighbours_that_fall_are_pooled() -> None:
    assert fit_monotone([(0.1, 0.0), (0.2, 1.0), (0.3, 0.0), (0.4, 1.0)]) == (
        (0.1, 0.2, 0.3, 0.4),
        (0.0, 0.5, 0.5, 1.0),
    )


def test_nothing_has_no_curve() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        fit_monotone([])
