"""How invented authors behave, asked or not, and what the true effects are: exactly, from sums, not from a sample.

There are some hundred kinds of authors, all equally common. Activity is heavy-tailed (lognormal) and shows before and
after the entry; how rough an author is varies apart from it, and rough authors are less moved by being asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mahlan.core.experiment.observation import Measure
from mahlan.core.experiment.totals import MOST

Floats = NDArray[np.float64]

KINDS = 600
_LAYOUT = 20261120  # which activity goes with which roughness: part of the model, not of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What authors do by themselves, and by how much of it being asked changes that.

    Of authors who are not asked, a share of ``toxic_posted`` posts what hurts and of ``cancelled`` nothing; they write
    ``volume`` comments on average during the follow-up (before winsorising), of which a share of ``offending`` hurts.
    """

    toxic_posted: float = 0.93
    cancelled: float = 0.02
    volume: float = 6.0
    offending: float = 0.06
    #: Standard deviation of log activity: 1.2 makes one author in a hundred write 16 times as much as the median.
    tail: float = 1.2
    #: Standard deviation of how log activity changes between before and after: 0 is the same, large is unrelated.
    drift: float = 0.6
    #: Comments seen before entry, as a multiple of those after; and the share of whom nothing was seen.
    seen_before: float = 1.0
    newcomers: float = 0.3
    #: Changes by being asked: of shares and counts in proportion (-0.06 is 6 % fewer), of ``cancelled`` in points.
    effect_toxic_posted: float = -0.06
    effect_cancelled: float = 0.03
    effect_later_offences: float = -0.05
    effect_volume: float = 0.0


class Rates(NamedTuple):
    """Of each kind: two probabilities (together at most 1) and two mean counts."""

    toxic_posted: Floats
    cancelled: Floats
    later_offences: Floats
    volume: Floats


class Kinds(NamedTuple):
    """All kinds of authors: their rates not asked and asked, and the mean number of comments seen before."""

    control: Rates
    treated: Rates
    before: Floats


def kinds_of(behaviour: Behaviour) -> Kinds:
    """The kinds of authors that behave so on average. Raises ValueError where probabilities do not fit."""
    layout = np.random.default_rng(_LAYOUT)
    quantiles = np.array([NormalDist().inv_cdf((at + 0.5) / KINDS) for at in range(KINDS)])
    activity = np.exp(behaviour.tail * quantiles)
    drifted = activity * np.exp(behaviour.drift * layout.permutation(quantiles))
    rough = 0.5 + layout.permutation(KINDS) / (KINDS - 1)  # 0.5 to 1.5
    moved = 2.0 - rough
    newcomer = layout.permutation(KINDS) < behaviour.newcomers * KINDS
    volume = behaviour.volume * drifted / drifted.mean()
    control = Rates(
        np.minimum(1 - (1 - behaviour.toxic_posted) * moved, 1.0),
        behaviour.cancelled * moved,
        volume * behaviour.offending * rough,
        volume,
    )
    before = behaviour.volume * behaviour.seen_before * activity / activity.mean()
    kinds = Kinds(control, _asked(control, behaviour, moved), np.where(newcomer, 0.0, before))
    _check(kinds)
    return kinds


def true_effect(kinds: Kinds, measure: Measure) -> float:
    """The difference of means that a flawless experiment would find: of counts as ``Totals`` bounds them."""
    asked, alone = (getattr(rates, measure) for rates in (kinds.treated, kinds.control))
    if measure in {"later_offences", "volume"}:
        asked, alone = _bounded_mean(asked), _bounded_mean(alone)
    return float((asked - alone).mean())


def _asked(control: Rates, behaviour: Behaviour, moved: Floats) -> Rates:
    toxic = control.toxic_posted * (1 + behaviour.effect_toxic_posted * moved)
    return Rates(
        toxic,
        control.cancelled + behaviour.effect_cancelled * moved,
        control.later_offences * (1 + behaviour.effect_later_offences * moved) * (1 + behaviour.effect_volume),
        control.volume * (1 + behaviour.effect_volume),
    )


def _check(kinds: Kinds) -> None:
    for rates in (kinds.control, kinds.treated):
        together = rates.toxic_posted + rates.cancelled
        if together.max() > 1 or min(each.min() for each in rates) < 0:
            raise ValueError("more than all authors, or fewer than none, would do it: take smaller effects")


def _bounded_mean(rates: Floats) -> Floats:
    """The mean of min(count, MOST) of Poisson counts: MOST less the sum over k < MOST of (MOST - k) P(k)."""
    at = np.arange(MOST)
    logs = at * np.log(rates[:, None]) - rates[:, None] - np.array([lgamma(one + 1) for one in at])
    means: Floats = MOST - np.sum((MOST - at) * np.exp(logs), axis=1)
    return means
