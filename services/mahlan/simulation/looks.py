"""One experiment as the board would have seen it: the totals of both arms at every look.

Only the adding is vectorised; tests/simulation holds it against ``totals.total`` of the same authors, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mahlan.core.experiment.comparison import Pair
from mahlan.core.experiment.observation import HOLDOUT, MEASURES, Measure, Observation
from mahlan.core.experiment.totals import MOST, Sums, Totals
from mahlan.simulation.behaviour import Floats, Kinds, Rates

Whole = NDArray[np.int64]
ARM = "plain"
LANGUAGE = "arz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How large an experiment is. ``held_out`` is who really is, ``planned_share`` who should be."""

    authors: int
    looks: int
    held_out: float
    planned_share: float


class Authors(NamedTuple):
    """Arrays with an entry for each author, in the order in which they are closed."""

    held_out: NDArray[np.bool_]
    before: Whole
    toxic_posted: Whole
    cancelled: Whole
    later_offences: Whole
    volume: Whole


def draw(kinds: Kinds, setup: Setup, rng: np.random.Generator) -> Authors:
    """So many authors, each of a kind and an arm by chance."""
    kind = rng.integers(len(kinds.before), size=setup.authors)
    held_out = rng.random(setup.authors) < setup.held_out
    rates = Rates(*(np.where(held_out, a[kind], b[kind]) for a, b in zip(kinds.control, kinds.treated, strict=True)))
    chance = rng.random(setup.authors)
    return Authors(
        held_out=held_out,
        before=rng.poisson(kinds.before[kind]),
        toxic_posted=(chance < rates.toxic_posted).astype(np.int64),
        cancelled=(chance >= 1 - rates.cancelled).astype(np.int64),
        later_offences=rng.poisson(rates.later_offences),
        volume=rng.poisson(rates.volume),
    )


def pairs_at_looks(authors: Authors, looks: int) -> Iterator[Pair]:
    """The totals of the asked and the held out after each of ``looks`` equal parts of the authors."""
    ends = _ends(len(authors.held_out), looks)
    arms = [_totals_at(authors, ends, chosen) for chosen in (~authors.held_out, authors.held_out)]
    return (Pair(*both) for both in zip(*arms, strict=True))


def observations(authors: Authors) -> Iterator[Observation]:
    """The same authors as insights would close them."""
    for held_out, before, toxic, cancelled, later, volume in zip(*(each.tolist() for each in authors), strict=True):
        yield Observation(
            campaign="simulation",
            arm=HOLDOUT if held_out else ARM,
            language=LANGUAGE,
            toxic_posted=toxic,
            cancelled=cancelled,
            later_offences=later,
            volume=volume,
            before=float(before),
        )


def _ends(authors: int, looks: int) -> Whole:
    return np.unique(np.ceil(np.arange(1, looks + 1) * authors / looks).astype(np.int64))


def _totals_at(authors: Authors, ends: Whole, chosen: NDArray[np.bool_]) -> Iterator[Totals]:
    before = np.minimum(authors.before, MOST)
    columns = {measure: _columns(authors, measure, before, chosen, ends) for measure in MEASURES}
    n, first, second = (_cumulated(values * chosen, ends) for values in (np.ones_like(before), before, before**2))
    for at in range(len(ends)):
        sums = {measure: _sums(column, at) for measure, column in columns.items()}
        yield Totals(n=int(n[at]), before=float(first[at]), before_squares=float(second[at]), **sums)


def _columns(
    authors: Authors, measure: Measure, before: Whole, chosen: NDArray[np.bool_], ends: Whole
) -> tuple[Floats, ...]:
    value = np.minimum(getattr(authors, measure), MOST) * chosen
    return tuple(_cumulated(each, ends) for each in (value, value**2, value * before, value > 0))


def _sums(columns: tuple[Floats, ...], at: int) -> Sums:
    total, squares, with_before, positive = (float(column[at]) for column in columns)
    return Sums(total=total, squares=squares, with_before=with_before, positive=int(positive))


def _cumulated(values: NDArray[np.generic], ends: Whole) -> Floats:
    """Sums of the first ``ends`` values."""
    found: Floats = np.cumsum(values, dtype=np.float64)[ends - 1]
    return found
