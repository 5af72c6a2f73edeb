"""The narrowest band of a cascade that still is as good as its accurate model. Pure numpy; called by ``choice.py``.

Every pair of edges is tried: rows lie in order of the fast model's score, so what a band brings and costs is a
difference of running sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mahlan.scoring.probabilities import sigmoid

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

TOXIC_SHARE = 0.1
"""Of the mix that a platform is thought to see; dev is far more toxic."""
EDGES = np.unique(np.concatenate([[0.0, 1.0], sigmoid(np.linspace(-6.5, 6.5, 131)).round(4)]))
"""Where a band may begin and end: closer together near 0 and 1, where most comments lie."""
PAIRS = np.triu_indices(len(EDGES))


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says to each row, ``[rows]``: its verdict, and whether it reaches the band of a nudge."""

    toxic: Bools
    nudged: Bools

    def of(self, rows: Ints | Bools) -> Said:
        """Some of the rows."""
        return Said(self.toxic[rows], self.nudged[rows])

    def where(self, inside: Bools, other: Said) -> Said:
        """``other`` inside, this outside."""
        return Said(np.where(inside, other.toxic, self.toxic), np.where(inside, other.nudged, self.nudged))


@dataclass(frozen=True, slots=True)
class Quality:
    """Macro-F1 at the thresholds, precision of the nudges (NaN without any)."""

    macro_f1: float
    precision: float

    def less(self, loss: float, precision: float = 0.0) -> Quality:
        """The least that loses at most ``loss`` of either, with nudges not below ``precision`` all the same.

        Where nobody is nudged, any precision above that will do.
        """
        own = 0.0 if np.isnan(self.precision) else self.precision - loss
        return Quality(self.macro_f1 - loss, max(own, precision))

    def allows(self, macro_f1: Floats, precision: Floats) -> Bools:
        """Which of these are no less; where nobody is nudged, no nudge is wrong."""
        return (macro_f1 >= self.macro_f1) & ~(precision < self.precision)


@dataclass(frozen=True, slots=True)
class Band:
    """``low`` to ``high`` of the fast model's score, both within, and the shares of rows inside."""

    low: float
    high: float
    of_dev: float
    of_mix: float

    def holds(self, scores: Floats) -> Bools:
        """Which scores are inside."""
        return (scores >= self.low) & (scores <= self.high)


@dataclass(frozen=True, slots=True)
class Cases:
    """The functional suite, ``[cases]``: the fast model's scores, which pass by it and which inside, and how many must.

    ``least`` is a share of them.
    """

    scores: Floats
    fast: Bools
    inside: Bools
    least: float

    def allowed(self) -> Bools:
        """By pair of edges: whether enough pass with that band."""
        order = np.argsort(self.scores, kind="stable")
        gains = self.inside[order].astype(np.int64) - self.fast[order]
        sums = np.concatenate([[0], gains.cumsum()])
        begin, end = _ends(self.scores[order])
        passed = self.fast.sum() + sums[end] - sums[begin]
        return np.asarray(passed >= self.least * len(order) - 1e-9)


def quality(truth: Ints, said: Said) -> Quality:
    """Of one model on these rows."""
    hits, nudged = int((truth[said.toxic]).sum()), int(said.nudged.sum())
    wrong = int(said.toxic.sum()) - hits
    missed = int(truth.sum()) - hits
    right = len(truth) - hits - wrong - missed
    precision = float(truth[said.nudged].sum() / nudged) if nudged else float("nan")
    return Quality(float(_macro_f1(*(np.array(one) for one in (hits, wrong, missed, right)))), precision)


def mix_weights(truth: Ints) -> Floats:
    """Weights ``[rows]`` that add up to 1 and make one row in ten toxic."""
    toxic = int(truth.sum())
    shares = np.where(truth == 1, TOXIC_SHARE / max(toxic, 1), (1.0 - TOXIC_SHARE) / max(len(truth) - toxic, 1))
    return np.asarray(shares / shares.sum())


def narrowest(
    truth: Ints, scores: Floats, fast: Said, inside: Said, least: Quality,
    cases: Cases | None = None, holding: tuple[float, float] = (1.0, 0.0),
) -> Band:  # fmt: skip
    """The band of the least share of the mix that is no worse than ``least``; all of it where none is.

    ``scores`` are the fast model's, ``inside`` is what is said where it is not asked to settle. Enough of ``cases``
    must pass too, and the band hold all from ``holding[0]`` to ``holding[1]``.
    """
    order = np.argsort(scores, kind="stable")
    sums = _sums(truth[order], fast.of(order), inside.of(order))
    shares = np.concatenate([[0.0], mix_weights(truth)[order].cumsum()])
    begin, end = _ends(scores[order])
    counts = sums[:, -1:, 0] + sums[:, end, 1] - sums[:, begin, 1] - sums[:, end, 0] + sums[:, begin, 0]
    hits, wrong, missed, right, nudged_hits, nudged = counts
    with np.errstate(invalid="ignore"):
        good = least.allows(_macro_f1(hits, wrong, missed, right), nudged_hits / nudged)
    if cases is not None:
        good &= cases.allowed()
    first, last = PAIRS
    good &= (EDGES[first] <= holding[0]) & (EDGES[last] >= holding[1])
    cost = np.where(good, shares[end] - shares[begin], np.inf)
    best = int(cost.argmin())
    if not good[best]:
        return Band(0.0, 1.0, 1.0, 1.0)
    found = Band(float(EDGES[first[best]]), float(EDGES[last[best]]), 0.0, 0.0)
    return sized(found, truth, scores)


def sized(band: Band, truth: Ints, scores: Floats) -> Band:
    """The band with the shares that it has of these rows."""
    held = band.holds(scores)
    return Band(band.low, band.high, float(held.mean()), float(mix_weights(truth)[held].sum()))


def _ends(ordered: Floats) -> tuple[Ints, Ints]:
    """By pair of edges: from which of the scores, in order, to which they are inside."""
    first, last = PAIRS
    begin = np.searchsorted(ordered, EDGES, side="left")[first]
    return begin, np.maximum(np.searchsorted(ordered, EDGES, side="right")[last], begin)


def _sums(truth: Ints, fast: Said, inside: Said) -> Ints:
    """Running counts ``[6, rows + 1, 2]``, by model: hits, false alarms, misses, rightly calm, nudged hits, nudged."""
    columns = []
    for said in (fast, inside):
        toxic = truth == 1
        rows = (
            said.toxic & toxic, said.toxic & ~toxic, ~said.toxic & toxic, ~said.toxic & ~toxic,
            said.nudged & toxic, said.nudged,
        )  # fmt: skip
        columns.append(np.stack(rows).astype(np.int64).cumsum(axis=1))
    return np.pad(np.stack(columns, axis=2), ((0, 0), (1, 0), (0, 0)))


def _macro_f1(hits: Ints, wrong: Ints, missed: Ints, right: Ints) -> Floats:
    """The mean of both classes' F1; a class that is neither there nor said counts 0, as in ``scores.macro_f1``."""
    errors = wrong + missed
    return np.asarray((_f1(hits, errors) + _f1(right, errors)) / 2.0)


def _f1(hits: Ints, errors: Ints) -> Floats:
    return np.asarray(2.0 * hits / np.maximum(2 * hits + errors, 1))
