"""How many authors it takes to see an effect, and how small an effect so many show. For ``mahlan experiment plan``.

``mahlan simulate`` holds it against experiments: there an effect is seen a little more often than promised here, since
it may be seen before the planned end too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from mahlan.core.experiment.sequences import factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How an effect is looked for."""

    #: Share of authors held out, between 0 and 1 and neither.
    holdout: float
    #: Chance, at most, of an effect where there is none, over all looks.
    alpha: float = 0.05
    #: Chance, at least, of seeing an effect that is there by the time the plan is reached.
    power: float = 0.8


def authors_needed(effect: float, treated_variance: float, control_variance: float, design: Design) -> int:
    """Authors of both arms that show a difference of means of ``effect`` (not 0) with the design's power.

    The interval at the plan is ``factor(1)`` standard errors wide on each side, so the effect must be that many and a
    normal quantile more: n = (factor + z)² (v1 / (1 - holdout) + v0 / holdout) / effect².
    """
    return math.ceil(_squared_reach(design) * _unit_variance(treated_variance, control_variance, design) / effect**2)


def detectable_effect(authors: int, treated_variance: float, control_variance: float, design: Design) -> float:
    """The least difference of means that so many authors of both arms show with the design's power."""
    return math.sqrt(_squared_reach(design) * _unit_variance(treated_variance, control_variance, design) / authors)


def yes_no_variance(share: float) -> float:
    """The variance of a measure that is 1 for this share of authors and 0 for the others."""
    return share * (1 - share)


def _squared_reach(design: Design) -> float:
    return (factor(1.0, design.alpha) + NormalDist().inv_cdf(design.power)) ** 2


def _unit_variance(treated: float, control: float, design: Design) -> float:
    return treated / (1 - design.holdout) + control / design.holdout
