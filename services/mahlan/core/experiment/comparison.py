"""Two arms from their totals: a difference of means and its standard error. Called by ``effects``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from mahlan.core.experiment.adjust import residual_squares, slope
from mahlan.core.experiment.observation import Measure
from mahlan.core.experiment.sequences import Estimate
from mahlan.core.experiment.totals import Totals, merge_all

YES_NO: frozenset[Measure] = frozenset({"toxic_posted", "cancelled"})


class Pair(NamedTuple):
    """The totals of two arms that are compared."""

    treated: Totals
    control: Totals


def mean(totals: Totals, measure: Measure) -> float | None:
    """The mean of the measure over the authors; None where there are none."""
    return totals.of(measure).total / totals.n if totals.n else None


def compare(pair: Pair, measure: Measure, *, adjusted: bool = False) -> Estimate:
    """How far the treated mean lies above the control's, by authors. Each arm needs two of them at least."""
    by = slope(pair, measure) if adjusted else 0.0
    treated, control = ((totals.of(measure).total - by * totals.before) / totals.n for totals in pair)
    squared_error = sum(_variance(totals, measure, by) / totals.n for totals in pair)
    return Estimate(treated - control, math.sqrt(squared_error), pair.treated.n + pair.control.n)


def compare_strata(strata: Sequence[Pair], measure: Measure, *, adjusted: bool = False) -> Estimate:
    """The same within each stratum (at least one), weighted by authors: for arms that not all strata have alike."""
    estimates = [compare(pair, measure, adjusted=adjusted) for pair in strata]
    authors = sum(one.authors for one in estimates)
    difference = sum(one.authors * one.difference for one in estimates) / authors
    squared_error = sum((one.authors * one.error) ** 2 for one in estimates) / authors**2
    return Estimate(difference, math.sqrt(squared_error), authors)


def merge_strata(strata: Sequence[Pair]) -> Pair:
    """The authors of all strata."""
    return Pair(merge_all(pair.treated for pair in strata), merge_all(pair.control for pair in strata))


def _variance(totals: Totals, measure: Measure, by: float) -> float:
    """The variance of measure - ``by`` * before among authors.

    Of a yes-or-no measure that of one more yes and one more no (Agresti and Caffo, The American Statistician 54, 2000):
    an arm in which everybody did the same so far is not one in which everybody always will.
    """
    if measure in YES_NO and not by:
        share = (totals.of(measure).total + 1) / (totals.n + 2)
        return share * (1 - share)
    return residual_squares(totals, measure, by) / (totals.n - 1)
