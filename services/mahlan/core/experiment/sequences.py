"""Intervals that hold at every look: asymptotic confidence sequences. Called by ``effects`` and ``power``.

Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence
sequences", Annals of Statistics 52 (2024), arXiv 2103.06476; theorems are numbered as in its version 9.

A usual 95 % interval is right 95 times in 100 if it is looked at once, at a time fixed before. One that is looked at
every day misses the truth on some day far more often. The intervals here miss it on *any* day at most 5 times in 100,
so they may be watched, and the experiment stopped or prolonged, at will. The price is their width: 1.55 times the usual
one at the planned number of authors.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple


class Estimate(NamedTuple):
    """A difference of two means, its standard error, and the authors of both arms it rests on."""

    difference: float
    error: float
    authors: int


class Interval(NamedTuple):
    """What the difference lies between."""

    low: float
    high: float


@lru_cache(maxsize=64)
def tuning(alpha: float) -> float:
    """Rho squared times the planned number of authors: where the interval is to be narrowest.

    The x > 0 with x = log(1 + x) - 2 log(alpha), which minimises the width at the plan (the derivative of ``factor``
    squared is 0 there). It equals -W(-alpha² / e) - 1 with the lower branch of Lambert's W, as in the paper's appendix
    on optimising Robbins' normal mixture and in ``best_rho2_exact`` of its R package, drconfseq. The iteration
    contracts: its slope is 1 / (1 + x).
    """
    x = -2 * math.log(alpha)
    for _ in range(100):
        x = math.log1p(x) - 2 * math.log(alpha)
    return x


def factor(share_of_plan: float, alpha: float) -> float:
    """Half the width of the interval in standard errors, at ``share_of_plan`` (above 0) of the planned authors.

    Theorem 2.2: the margin at t observations with variance s² is s sqrt(2 (t rho² + 1) / (t² rho²) *
    log(sqrt(t rho² + 1) / alpha)). Put s = error * sqrt(t), and t rho² = x.
    """
    x = tuning(alpha) * share_of_plan
    return math.sqrt(2 * (x + 1) / x * (0.5 * math.log1p(x) - math.log(alpha)))


def interval(estimate: Estimate, planned: float, alpha: float) -> Interval:
    """What the difference lies between, at all looks together with probability of at least 1 - ``alpha``.

    ``planned`` authors, fixed before the first look, are where it is narrowest; from four tenths of them to four times
    as many it stays within 1.6 times the width of an interval that may be looked at once. The guarantee is one of large
    numbers (a strong approximation takes the place of the central limit theorem): ``effects`` says nothing before both
    arms have some, and ``mahlan simulate`` measures whether that suffices.

    A difference of means is the mean of its influence values, (A/p)(Y - m1) - ((1 - A)/(1 - p))(Y - m0), up to terms
    that vanish faster: the estimator of theorem 3.1 for randomised experiments, without regression. Their variance is
    the number of authors times the squared error.
    """
    margin = factor(estimate.authors / planned, alpha) * estimate.error
    return Interval(estimate.difference - margin, estimate.difference + margin)
