"""A simulated experiment, watched: at each look core's own rows are read and held against the planted effects."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from mahlan.core.experiment.comparison import Pair, compare
from mahlan.core.experiment.effects import Effect, effects
from mahlan.core.experiment.observation import HOLDOUT, MEASURES, Measure
from mahlan.core.experiment.plan import Plan
from mahlan.core.experiment.ratio import sample_ratio
from mahlan.simulation.behaviour import Kinds
from mahlan.simulation.looks import ARM, LANGUAGE, Setup, draw, pairs_at_looks


@dataclass(slots=True)
class Watched:
    """What became of one measure's interval in one experiment."""

    #: Looks at which there was an interval, and at which it, or one for a single look, missed the planted effect.
    shown: int = 0
    missed: int = 0
    missed_by_usual: int = 0
    #: At the last look.
    covers_at_end: bool = False
    usual_covers_at_end: bool = False
    width: float = 0.0
    usual_width: float = 0.0
    #: Width of the same interval without, over that with the adjustment; 1 where there is none.
    gain: float = 1.0
    #: Authors at which an effect was first stated, and whether ever in the wrong direction.
    stated_at: int | None = None
    stated_wrongly: bool = False


class Watching(NamedTuple):
    """One experiment: each measure, and whether all secondary intervals covered at every look."""

    measures: dict[Measure, Watched]

    def family_covers(self) -> bool:
        """Whether no secondary interval ever missed."""
        return not any(one.missed for measure, one in self.measures.items() if measure != MEASURES[0])


def watch(kinds: Kinds, truths: dict[Measure, float], setup: Setup, plan: Plan, rng: np.random.Generator) -> Watching:
    """Run one experiment and look at it ``setup.looks`` times."""
    found = {measure: Watched() for measure in MEASURES}
    for pair in pairs_at_looks(draw(kinds, setup, rng), setup.looks):
        groups = {(LANGUAGE, ARM): pair.treated, (LANGUAGE, HOLDOUT): pair.control}
        for row in effects(groups, plan):
            if row.state != "not_enough":
                _look(found[row.measure], row, pair, truths[row.measure])
    return Watching(found)


def largest_e_value(setup: Setup, rng: np.random.Generator) -> tuple[float, int | None]:
    """The largest e-value of the sample-ratio check over all looks, and the authors at its first alarm."""
    each = setup.authors // setup.looks
    held = rng.binomial(each, setup.held_out, setup.looks).cumsum().tolist()
    largest, alarmed_at = 0.0, None
    for look, held_out in enumerate(held, start=1):
        found = sample_ratio(look * each - held_out, held_out, setup.planned_share)
        largest = max(largest, found.e_value)
        alarmed_at = look * each if found.alarm and alarmed_at is None else alarmed_at
    return largest, alarmed_at


def _look(watched: Watched, row: Effect, pair: Pair, truth: float) -> None:
    assert row.low is not None
    assert row.high is not None
    z = NormalDist().inv_cdf((1 + row.level) / 2)
    estimate = compare(pair, row.measure, adjusted=row.adjusted)
    plain = compare(pair, row.measure)
    watched.shown += 1
    watched.covers_at_end = row.low <= truth <= row.high
    watched.usual_covers_at_end = abs(estimate.difference - truth) <= z * estimate.error
    watched.missed += not watched.covers_at_end
    watched.missed_by_usual += not watched.usual_covers_at_end
    watched.width = row.high - row.low
    watched.usual_width = 2 * z * estimate.error
    watched.gain = plain.error / estimate.error
    if row.state in {"lower", "higher"}:
        watched.stated_at = watched.stated_at or estimate.authors
        watched.stated_wrongly |= truth == 0 or (row.state == "lower") != (truth < 0)
