"""Histograms and their distance."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.drift import LEAST, histogram, shares, stability

EDGES = (0.1, 0.3, 0.6)
ROWS = st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(sum).map(shares)


def test_every_score_falls_in_one_bin():
    assert histogram([0.0, 0.1, 0.2, 0.3, 0.59, 0.6, 1.0], EDGES) == [1, 2, 2, 2]
    assert histogram([], EDGES) == [0, 0, 0, 0]
    assert shares([0, 0]) == [0.0, 0.0]


def test_a_known_distance():
    assert stability((0.5, 0.5), (0.75, 0.25)) == pytest.approx(0.25 * math.log(1.5) - 0.25 * math.log(0.5))


@given(ROWS, ROWS)
def test_a_distance_is_symmetric_finite_and_zero_only_for_the_same(one, other):
    assert stability(one, other) == pytest.approx(stability(other, one))
    assert 0.0 <= stability(one, other) < math.inf
    assert stability(one, one) == 0.0
    if max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.01:
        assert stability(one, other) > 0.0


def test_chance_stays_below_what_counts_as_stable_once_there_are_enough():
    rng = random.Random(3)
    expected = [0.25] * 4
    drawn = [shares(histogram((rng.random() for _ in range(LEAST)), (0.25, 0.5, 0.75))) for _ in range(200)]
    assert max(stability(expected, row) for row in drawn) < 0.1


def test_rows_of_different_length_are_a_mistake():
    with pytest.raises(ValueError, match=r"zip\(\) argument"):
        stability((0.5, 0.5), (1.0,))
