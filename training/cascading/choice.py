"""The numbers of a cascade: its band, and how much of the fast model is averaged in. Called by ``training/band.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mahlan.core.verdict import DEFAULT
from mahlan.scoring.cascade import stacked
from mahlan.scoring.plan import Plan
from training.calibrate import ENOUGH
from training.cascading.bands import Band, Bools, Said, narrowest, quality
from training.cascading.dev import Dev
from training.cascading.stacking import WEIGHTS, restated, scaled
from training.scores import LABEL

WORTH = 0.9
"""A stacked band must be this much of the plain one, or a score that is one model's own is worth more."""
WHOLE = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan but for its band, what is then said inside, and the narrowest band with it."""

    plan: Plan
    inside: Said
    band: Band


def candidates(dev: Dev, loss: float, weights: Sequence[float] = WEIGHTS) -> list[Candidate]:
    """The plain cascade first, then each weight of stacking."""
    return [_candidate(dev, dev.accurate.said, Plan(dev.fast.name, dev.accurate.name, WHOLE), loss)] + [
        _candidate(dev, _stacked_said(plan, dev), plan, loss) for plan in (_stacking(dev, weight) for weight in weights)
    ]


def choose(found: Sequence[Candidate]) -> Candidate:
    """The plain one, unless stacking makes the band clearly smaller."""
    best = min(found, key=lambda one: one.band.of_mix)
    return best if best.band.of_mix < WORTH * found[0].band.of_mix else found[0]


def planned(dev: Dev, chosen: Candidate, loss: float, *, by_language: bool = False) -> Plan:
    """The registry's entry."""
    default = (chosen.band.low, chosen.band.high)
    bands = {DEFAULT: default} | (_own_bands(dev, chosen, loss) if by_language else {})
    return replace(chosen.plan, band=bands if len(bands) > 1 else default)


def inside(plan: Plan, dev: Dev) -> Bools:
    """Which rows the accurate model would be asked about."""
    low, high = np.array([plan.band_of(language) for language in dev.languages.tolist()]).reshape(-1, 2).T
    return np.asarray((low <= dev.fast.scores) & (dev.fast.scores <= high))


def cascade_says(plan: Plan, dev: Dev) -> Said:
    """The verdicts of the cascade."""
    within = _stacked_said(plan, dev) if plan.weight_fast else dev.accurate.said
    return dev.fast.said.where(inside(plan, dev), within)


def other_half(dev: Dev, chosen: Candidate, loss: float) -> Said:
    """What is said where each half of the rows has the band chosen on the other: nothing vouches for itself."""
    half = np.arange(len(dev.rows)) % 2 == 0
    held = np.zeros(len(dev.rows), dtype=bool)
    for part in (half, ~half):
        band = _narrowest(dev, chosen.inside, ~part, loss)
        held[part] = band.holds(dev.fast.scores[part])
    return dev.fast.said.where(held, chosen.inside)


def _stacking(dev: Dev, weight: float) -> Plan:
    plan = Plan(dev.fast.name, dev.accurate.name, WHOLE, weight_fast=weight)
    return scaled(plan, dev.fast.scores, dev.accurate.scores)


def _stacked_said(plan: Plan, dev: Dev) -> Said:
    scores = stacked(plan, dev.fast.scores, dev.accurate.scores)
    return restated(LABEL, dev.accurate.results, dev.languages.tolist(), scores, dev.accurate.thresholds)


def _candidate(dev: Dev, said: Said, plan: Plan, loss: float) -> Candidate:
    return Candidate(plan, said, _narrowest(dev, said, np.ones(len(dev.rows), dtype=bool), loss))


def _narrowest(dev: Dev, said: Said, rows: Bools, loss: float) -> Band:
    truth = dev.truth[rows]
    wanted = quality(truth, dev.accurate.said.of(rows))
    return narrowest(truth, dev.fast.scores[rows], dev.fast.said.of(rows), said.of(rows), loss, wanted)


def _own_bands(dev: Dev, chosen: Candidate, loss: float) -> dict[str, tuple[float, float]]:
    """Bands of languages that lose more than ``loss`` by the common one and have rows enough to say so."""
    found: dict[str, tuple[float, float]] = {}
    together = dev.fast.said.where(chosen.band.holds(dev.fast.scores), chosen.inside)
    for language in sorted(set(dev.languages.tolist())):
        rows = dev.languages == language
        truth = dev.truth[rows]
        if min(truth.sum(), len(truth) - truth.sum()) < ENOUGH:
            continue
        alone, now = quality(truth, dev.accurate.said.of(rows)), quality(truth, together.of(rows))
        if not alone.allows(np.array(now.macro_f1), np.array(now.precision), loss):
            band = _narrowest(dev, chosen.inside, rows, loss)
            found[language] = (band.low, band.high)
    return found
