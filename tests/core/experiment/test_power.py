"""How many authors: the formulas invert each other, and experiments of that size show the effect as often as said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.experiment.power import Design, authors_needed, detectable_effect, yes_no_variance
from mahlan.core.experiment.sequences import factor

DESIGNS = st.builds(Design, holdout=st.floats(0.05, 0.5), alpha=st.floats(0.001, 0.1), power=st.floats(0.5, 0.95))


@given(DESIGNS, st.floats(0.01, 0.5), st.floats(0.05, 0.95))
def test_the_authors_needed_show_just_that_effect(design, effect, base):
    variance = yes_no_variance(base)
    needed = authors_needed(effect, variance, variance, design)
    assert detectable_effect(needed, variance, variance, design) <= effect
    assert detectable_effect(needed - 1, variance, variance, design) >= effect * (1 - 1e-9)


def test_a_smaller_holdout_takes_more_authors():
    needed = [authors_needed(0.05, 0.1, 0.1, Design(holdout=share)) for share in (0.05, 0.1, 0.25, 0.5)]
    assert needed == sorted(needed, reverse=True)


def test_so_many_authors_show_the_effect_as_often_as_was_said():
    base, effect, design = 0.9, 0.05, Design(holdout=0.1, power=0.8)
    needed = authors_needed(effect, yes_no_variance(base - effect), yes_no_variance(base), design)
    held, asked = round(needed * 0.1), round(needed * 0.9)
    rng = np.random.default_rng(6)
    low = rng.binomial(asked, base - effect, 20_000) / asked
    high = rng.binomial(held, base, 20_000) / held
    error = np.sqrt(yes_no_variance(base - effect) / asked + yes_no_variance(base) / held)
    assert ((high - low) / error > factor(1.0, design.alpha)).mean() == pytest.approx(0.8, abs=0.02)
