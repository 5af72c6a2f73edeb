"""The numbers of a cascade: its band, and how much of the fast model is averaged in. Called by ``training/band.py``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mahlan.core.verdict import DEFAULT
from mahlan.scoring.cascade import stacked
from mahlan.scoring.plan import Doubt, Plan
from mahlan.scoring.probabilities import sigmoid
from training.calibrate import ENOUGH
from training.cascading.bands import Band, Bools, Cases, Floats, Quality, Said, narrowest, quality
from training.cascading.dev import Dev, Known, Side
from training.cascading.stacking import WEIGHTS, restated, scaled
from training.scores import IMPLICIT, LABEL

WORTH = 0.9
"""A band with doubt must be this much of the plain one, or the simpler one is taken."""
GAIN = 0.002
"""Of macro-F1 that averaging must bring, or a score that is one model's own is worth more."""
WHOLE = (0.0, 1.0)
MIDDLE = 0.5
DOUBTS = sigmoid(np.arange(-4.0, 3.25, 0.25)).round(4)
"""Scores of ``implicit`` from which a fast model's doubt may count."""
PRICES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 1.0)
"""Losses of the suite that a band is shown for; 1: the suite is not asked."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be lost against the accurate model alone: of macro-F1 and precision on dev, of the suite's pass rate.

    ``precision``: of nudges, that the cascade must have whatever the accurate model's is. ``doubt``: the fast model
    must be doubted from this score of ``IMPLICIT`` on, above its band as ``above`` says; None: never.
    """

    loss: float
    suite: float
    precision: float = 0.0
    doubt: float = 1.0
    above: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan but for its band, what is then said inside, to rows and to cases, and the narrowest band with it."""

    plan: Plan
    inside: Said
    cases: Said
    band: Band

    def says(self, known: Known) -> tuple[Said, Said]:
        """What the cascade says to the rows and to the cases."""
        pairs = ((known.dev, self.inside), (known.suite, self.cases))
        dev, suite = (side.fast.said.where(self.band.holds(moved(self.plan, side.fast)), own) for side, own in pairs)
        return dev, suite


def moved(plan: Plan, fast: Side) -> Floats:
    """The fast model's scores, of what it doubts moved to ``MIDDLE``: inside any band around that."""
    scores = fast.scores
    if plan.doubt:
        below = (fast.doubts >= plan.doubt.least) | fast.hidden
        scores = np.where(below, np.maximum(scores, MIDDLE), scores)
    if plan.doubt_above:
        scores = np.where(fast.mentions >= plan.doubt_above.least, np.minimum(scores, MIDDLE), scores)
    return scores


def candidates(known: Known, allowed: Allowed, weights: Sequence[float] = WEIGHTS) -> list[Candidate]:
    """The plain cascade first, the best one with doubt where the fast model tells it, then each weight of stacking.

    Stacking changes what is said inside the band of the one that is best without, and not that band.
    """
    plain = Plan(known.dev.fast.name, known.dev.accurate.name, WHOLE)
    found = [_candidate(plain, known, allowed)]
    if known.dev.fast.doubts.any():
        found.append(
            min(
                (_candidate(plan, known, allowed) for plan in _doubting(plain, allowed)),
                key=lambda one: one.band.of_mix,
            )
        )
    begun = choose(found, known)
    return found + [_stacking(begun, known, weight) for weight in weights]


def choose(found: Sequence[Candidate], known: Known) -> Candidate:
    """The plain one, unless doubt makes the share escalated clearly smaller; stacked, where dev is better for it.

    Stacking must not make nudges less precise nor fail cases of the suite that pass without it.
    """
    alone = [one for one in found if not one.plan.weight_fast]
    best = min(alone, key=lambda one: one.band.of_mix)
    begun = best if best.band.of_mix < WORTH * alone[0].band.of_mix else alone[0]
    least, passes = _worth(begun, known)
    better = [(one, *_worth(one, known)) for one in found if one.plan.weight_fast]
    fit = [
        (now.macro_f1, one) for one, now, passed in better
        if now.macro_f1 >= least.macro_f1 + GAIN and not now.precision < least.precision and passed >= passes
    ]  # fmt: skip
    return max(fit, key=lambda pair: pair[0])[1] if fit else begun


def _worth(one: Candidate, known: Known) -> tuple[Quality, int]:
    """Quality on dev, and how many cases of the suite pass."""
    dev, suite = one.says(known)
    return quality(known.dev.truth, dev), int(known.suite.passes(suite).sum())


def planned(known: Known, chosen: Candidate, allowed: Allowed, *, by_language: bool = False) -> Plan:
    """The registry's entry."""
    default = (chosen.band.low, chosen.band.high)
    bands = {DEFAULT: default} | (_own_bands(known, chosen, allowed) if by_language else {})
    return replace(chosen.plan, band=bands if len(bands) > 1 else default)


def inside(plan: Plan, dev: Dev) -> Bools:
    """Which rows the accurate model would be asked about."""
    low, high = np.array([plan.band_of(language) for language in dev.languages.tolist()]).reshape(-1, 2).T
    scores = moved(plan, dev.fast)
    return np.asarray((low <= scores) & (scores <= high))


def cascade_says(plan: Plan, dev: Dev) -> Said:
    """The verdicts of the cascade."""
    return dev.fast.said.where(inside(plan, dev), _said_inside(plan, dev))


def other_half(known: Known, chosen: Candidate, allowed: Allowed) -> tuple[Said, Said]:
    """What is said to rows and cases where each half has the band chosen on the other: nothing vouches for itself.

    Cases are halved by phrasing.
    """
    rows = np.arange(len(known.dev.rows)) % 2 == 0
    phrasings = np.unique([row.source for row in known.suite.rows], return_inverse=True)[1]
    cases = np.asarray(phrasings % 2 == 0)
    held = np.zeros(len(rows), dtype=bool), np.zeros(len(cases), dtype=bool)
    for own_rows, own_cases in ((rows, cases), (~rows, ~cases)):
        other = _best(known, chosen, allowed, (~own_rows, ~own_cases))
        held[0][own_rows] = other.band.holds(moved(other.plan, known.dev.fast)[own_rows])
        held[1][own_cases] = other.band.holds(moved(other.plan, known.suite.fast)[own_cases])
    return (
        known.dev.fast.said.where(held[0], chosen.inside),
        known.suite.fast.said.where(held[1], chosen.cases),
    )


def prices(known: Known, chosen: Candidate, allowed: Allowed) -> Iterator[tuple[float, Candidate]]:
    """What the suite costs: the loss of it that is allowed, and the narrowest band then."""
    for price in PRICES:
        yield price, _best(known, chosen, replace(allowed, suite=price), _all(known))


def _best(known: Known, chosen: Candidate, allowed: Allowed, own: tuple[Bools, Bools]) -> Candidate:
    """As ``chosen``, with the band, and the doubt where it has one, that are best on the rows and cases of ``own``."""
    plans = [
        replace(chosen.plan, doubt=None, doubt_above=None),
        *(_doubting(chosen.plan, allowed) if chosen.plan.doubt else ()),
    ]
    made = (_banded(replace(chosen, plan=plan), known, allowed, own) for plan in plans)
    return min(made, key=lambda one: one.band.of_mix)


def _banded(one: Candidate, known: Known, allowed: Allowed, own: tuple[Bools, Bools]) -> Candidate:
    return replace(one, band=_narrowest(known, one, allowed, own))


def _doubting(plan: Plan, allowed: Allowed) -> list[Plan]:
    least = [float(score) for score in DOUBTS if score <= allowed.doubt] or [float(min(DOUBTS))]
    return [replace(plan, doubt=Doubt(IMPLICIT, score), doubt_above=allowed.above) for score in least]


def _stacking(begun: Candidate, known: Known, weight: float) -> Candidate:
    dev, band = known.dev, begun.band
    plan = replace(begun.plan, band=(band.low, band.high), weight_fast=weight)
    held = band.holds(dev.fast.scores)
    plan = scaled(plan, dev.fast.scores[held], dev.accurate.scores[held])
    return Candidate(plan, *(_said_inside(plan, side) for side in (dev, known.suite)), band)


def _said_inside(plan: Plan, dev: Dev) -> Said:
    """What is said to a row if it is asked about: below the band by the accurate model alone."""
    if not plan.weight_fast:
        return dev.accurate.said
    scores = stacked(plan, dev.fast.scores, dev.accurate.scores)
    averaged = restated(LABEL, dev.accurate.results, dev.languages.tolist(), scores, dev.accurate.thresholds)
    said = zip(dev.languages.tolist(), dev.fast.results, strict=True)
    return dev.accurate.said.where(np.array([plan.averages(name, one.scores) for name, one in said], bool), averaged)


def _candidate(plan: Plan, known: Known, allowed: Allowed) -> Candidate:
    said, cases = (_said_inside(plan, side) for side in (known.dev, known.suite))
    found = Candidate(plan, said, cases, Band(*WHOLE, 1.0, 1.0))
    return _banded(found, known, allowed, _all(known))


def _all(known: Known) -> tuple[Bools, Bools]:
    return np.ones(len(known.dev.rows), dtype=bool), np.ones(len(known.suite.rows), dtype=bool)


def _narrowest(known: Known, one: Candidate, allowed: Allowed, own: tuple[Bools, Bools]) -> Band:
    """On the rows and the cases that ``own`` has, where there are any."""
    dev, suite, (rows, places) = known.dev, known.suite, own
    plan, said, cases = one.plan, one.inside, one.cases
    truth = dev.truth[rows]
    least = quality(truth, dev.accurate.said.of(rows)).less(allowed.loss, allowed.precision)
    asked = None
    if places.any():
        first, inside, alone = (suite.passes(one)[places] for one in (suite.fast.said, cases, suite.accurate.said))
        asked = Cases(moved(plan, suite.fast)[places], first, inside, float(alone.mean()) - allowed.suite)
    scores = moved(plan, dev.fast)[rows]
    fast = dev.fast.said.of(rows)
    holding = _undecided(dev.fast) if plan.doubting else (1.0, 0.0)
    return narrowest(truth, scores, fast, said.of(rows), least, asked, holding)


def _undecided(fast: Side) -> tuple[float, float]:
    """Where the fast model turns to toxic, and ``MIDDLE``: a band that goes with doubt holds these."""
    turns = [table[LABEL].threshold for table in fast.thresholds.values() if LABEL in table]
    return min(MIDDLE, *turns), max(MIDDLE, *turns)


def _own_bands(known: Known, chosen: Candidate, allowed: Allowed) -> dict[str, tuple[float, float]]:
    """Bands of languages that lose more than is allowed by the common one and have rows enough to say so."""
    dev = known.dev
    found: dict[str, tuple[float, float]] = {}
    together, _ = chosen.says(known)
    for language in sorted(set(dev.languages.tolist())):
        rows = dev.languages == language
        truth = dev.truth[rows]
        if min(truth.sum(), len(truth) - truth.sum()) < ENOUGH:
            continue
        alone, now = quality(truth, dev.accurate.said.of(rows)), quality(truth, together.of(rows))
        least = alone.less(allowed.loss, allowed.precision)
        if not least.allows(np.array(now.macro_f1), np.array(now.precision)):
            own = rows, np.asarray(known.suite.languages == language)
            band = _narrowest(known, chosen, allowed, own)
            found[language] = (band.low, band.high)
    return found
