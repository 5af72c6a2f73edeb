"""How good a part of the rows is judged, for many weightings of its rows at once. Called by ``cells``, ``comparison``.

Weights are ``[draws, rows]``; a weighting of ones is the part as it is. Every measure gives one number a draw, NaN
where it has no meaning (precision where nobody is nudged).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
BINS = 10


@dataclass(frozen=True, slots=True)
class Part:
    """Rows: what people say, the score, whether it reaches a threshold, whether it reaches the nudge band."""

    truth: Flags
    score: Floats
    said: Flags
    nudged: Flags

    def __len__(self) -> int:
        return len(self.truth)

    def at(self, places: npt.NDArray[np.int64]) -> Part:
        """The rows at these places."""
        return Part(self.truth[places], self.score[places], self.said[places], self.nudged[places])


def ones(part: Part) -> Floats:
    """The weighting that leaves the part as it is."""
    return np.ones((1, len(part)))


def macro_f1(part: Part, weights: Floats) -> Floats:
    """The mean of both classes' F1, by the verdict; 0 for a class that is neither there nor said."""
    both, truth, said = (weights @ flags.astype(float) for flags in (part.truth & part.said, part.truth, part.said))
    whole = weights.sum(axis=1)
    neither = whole - truth - said + both
    return (_share(2 * both, truth + said, 0.0) + _share(2 * neither, 2 * whole - truth - said, 0.0)) / 2


def right(part: Part, weights: Floats) -> Floats:
    """The share of verdicts that are right; for a part of one class, where F1 has no meaning."""
    return _share(weights @ (part.truth == part.said), weights.sum(axis=1), np.nan)


def nudge_precision(part: Part, weights: Floats) -> Floats:
    """Of the comments nudged, the share that people call toxic."""
    return _share(weights @ (part.truth & part.nudged), weights @ part.nudged.astype(float), np.nan)


def nudge_recall(part: Part, weights: Floats) -> Floats:
    """Of the comments that people call toxic, the share nudged."""
    return _share(weights @ (part.truth & part.nudged), weights @ part.truth.astype(float), np.nan)


def auc(part: Part, weights: Floats) -> Floats:
    """The chance that a toxic comment scores over a harmless one, ties counting half."""
    order = np.argsort(part.score, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(part.score[order]) > 0]))
    toxic = np.add.reduceat(weights[:, order] * part.truth[order], starts, axis=1)
    harmless = np.add.reduceat(weights[:, order] * ~part.truth[order], starts, axis=1)
    below = np.cumsum(harmless, axis=1) - harmless / 2
    return _share((toxic * below).sum(axis=1), toxic.sum(axis=1) * harmless.sum(axis=1), np.nan)


def calibration_error(part: Part, weights: Floats) -> Floats:
    """Expected calibration error: ``|mean score - share toxic|`` over equal-width bins, weighted by rows."""
    places = np.minimum((part.score * BINS).astype(int), BINS - 1)
    gaps = np.zeros((len(part), BINS))
    gaps[np.arange(len(part)), places] = part.score - part.truth
    return _share(np.abs(weights @ gaps).sum(axis=1), weights.sum(axis=1), np.nan)


def _share(part: Floats, whole: Floats, empty: float) -> Floats:
    found = np.full(np.broadcast(part, whole).shape, empty)
    np.divide(part, whole, out=found, where=whole > 0)
    return found
