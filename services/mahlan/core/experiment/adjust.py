"""What was known of authors before they entered, used to be surer of what asking changed. Called by ``comparison``.

The adjustment is CUPED (Deng, Xu, Kohavi and Walker, "Improving the sensitivity of online controlled experiments by
utilizing pre-experiment data", WSDM 2013): a difference of the arms in ``before``, which asking cannot have caused, is
taken off with the slope of the measure on ``before``. In a randomised experiment the result means the same and is
surer. That sequences stay valid with it: Lindon, Ham, Tingley and Bojinov, arXiv 2210.08589.
"""

from __future__ import annotations

from collections.abc import Iterable

from mahlan.core.experiment.observation import Measure
from mahlan.core.experiment.totals import Totals

ADJUSTED: frozenset[Measure] = frozenset({"later_offences", "volume"})
"""Measures that ``before`` tells something about, fixed in advance. docs/experiments.md says what that gains."""


def slope(arms: Iterable[Totals], measure: Measure) -> float:
    """The least-squares slope of the measure on ``before`` within the arms, one for all; 0 where that does not vary.

    Within, not across: a difference between the arms must not become part of what it is corrected by.
    """
    arms = [totals for totals in arms if totals.n]
    spread = sum(before_squares(totals) for totals in arms)
    return sum(joint_squares(totals, measure) for totals in arms) / spread if spread > 0 else 0.0


def residual_squares(totals: Totals, measure: Measure, by: float) -> float:
    """Sum of squares of measure - ``by`` * before, each less its mean; never negative."""
    sums = totals.of(measure)
    squares = sums.squares - sums.total**2 / totals.n
    return max(squares - 2 * by * joint_squares(totals, measure) + by**2 * before_squares(totals), 0.0)


def joint_squares(totals: Totals, measure: Measure) -> float:
    """Sum of products of measure and ``before``, each less its mean."""
    sums = totals.of(measure)
    return sums.with_before - sums.total * totals.before / totals.n


def before_squares(totals: Totals) -> float:
    """Sum of squares of ``before`` less its mean."""
    return totals.before_squares - totals.before**2 / totals.n
