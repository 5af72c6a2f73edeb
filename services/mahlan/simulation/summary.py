"""What many watched experiments say of the statistics: coverage, width, power, false alarms. Called by the command."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from mahlan.core.experiment.observation import MEASURES, Measure
from mahlan.core.experiment.ratio import ALPHA
from mahlan.simulation.watching import Watched, Watching


class NotEnoughError(ValueError):
    """The experiments are too small for a single interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSummary:
    """One measure over all experiments. Shares are of the experiments in which there was an interval at all."""

    measure: Measure
    planted: float
    #: Promised: the interval covers at every look with at least this probability.
    level: float
    covers_at_every_look: float
    covers_at_end: float
    usual_covers_at_every_look: float
    usual_covers_at_end: float
    #: Mean and greatest width at the end, in widths of an interval for one look.
    width: float
    widest: float
    #: How much narrower the adjustment makes the interval: 1.25 is a fifth.
    gain: float
    stated: float
    stated_wrongly: float
    authors_when_stated: float | None
    experiments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSummary:
    """The sample-ratio check over all experiments."""

    planned_share: float
    held_out: float
    alpha: float
    experiments: int
    #: Share of experiments with an alarm at any look, and authors at the first (median).
    alarmed: float
    authors_at_alarm: float | None
    #: Share in which the e-value ever reached 20; at most 0.05 where the ratio is right.
    reached_twenty: float


def summarise(
    runs: Sequence[Watching], truths: dict[Measure, float], levels: dict[Measure, float]
) -> list[MeasureSummary]:
    """A row for each measure that had an interval in any experiment; ``levels`` are those of the intervals.

    Raises ``NotEnoughError`` where none had.
    """
    shown = {measure: [run.measures[measure] for run in runs if run.measures[measure].shown] for measure in MEASURES}
    rows = [_of_measure(measure, each, truths[measure], levels[measure]) for measure, each in shown.items() if each]
    if not rows:
        raise NotEnoughError("no experiment had enough authors for a single interval: take more --authors")
    return rows


def family_coverage(runs: Sequence[Watching]) -> float:
    """Share of experiments in which no secondary interval ever missed."""
    return fmean(run.family_covers() for run in runs)


def summarise_ratio(found: Sequence[tuple[float, int | None]], planned_share: float, held_out: float) -> RatioSummary:
    """``found``: the largest e-value and the authors at the first alarm, of each experiment."""
    alarms = [at for _, at in found if at is not None]
    return RatioSummary(
        planned_share=planned_share,
        held_out=held_out,
        alpha=ALPHA,
        experiments=len(found),
        alarmed=len(alarms) / len(found),
        authors_at_alarm=median(alarms) if alarms else None,
        reached_twenty=fmean(largest >= 20 for largest, _ in found),
    )


def is_as_promised(share: float, level: float, experiments: int) -> bool:
    """Whether ``share`` of experiments is ``level`` or more, or less by no more than chance makes it once in a hundred.

    The exact one-sided test: so few or fewer of so many have a probability of at least 0.01 where ``level`` is true.
    """
    kept = round(share * experiments)
    log_odds = math.log(level), math.log1p(-level)
    tail = sum(
        math.exp(_log_choose(experiments, at) + at * log_odds[0] + (experiments - at) * log_odds[1])
        for at in range(kept + 1)
    )
    return share >= level or tail >= 0.01


def _log_choose(of: int, chosen: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)


def _of_measure(measure: Measure, shown: Sequence[Watched], planted: float, level: float) -> MeasureSummary:
    stated = [run.stated_at for run in shown if run.stated_at is not None]
    widths = [run.width / run.usual_width for run in shown]
    return MeasureSummary(
        measure=measure,
        planted=planted,
        level=level,
        covers_at_every_look=fmean(not run.missed for run in shown),
        covers_at_end=fmean(run.covers_at_end for run in shown),
        usual_covers_at_every_look=fmean(not run.missed_by_usual for run in shown),
        usual_covers_at_end=fmean(run.usual_covers_at_end for run in shown),
        width=fmean(widths),
        widest=max(widths),
        gain=fmean(run.gain for run in shown),
        stated=len(stated) / len(shown),
        stated_wrongly=fmean(run.stated_wrongly for run in shown),
        authors_when_stated=median(stated) if stated else None,
        experiments=len(shown),
    )
