"""What both models say to the rows of dev, each asked once. Called by ``training/band.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mahlan.core.verdict import Thresholds
from mahlan.scoring.model import Model, Scores
from training.cascading.bands import Floats, Ints, Said
from training.evaluation.served import Scorer
from training.judging import NUDGED
from training.rows import Row
from training.scores import LABEL


@dataclass(frozen=True, slots=True)
class Side:
    """One model's results, its scores of ``toxic`` and its verdicts, ``[rows]``; the limits behind them."""

    name: str
    results: Sequence[Scores]
    scores: Floats
    said: Said
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Dev:
    """Rows that both models have a score for, and what they said."""

    rows: Sequence[Row]
    truth: Ints
    fast: Side
    accurate: Side

    @property
    def languages(self) -> npt.NDArray[np.str_]:
        """As served, ``[rows]``."""
        return np.array([row.language for row in self.rows])


def score_both(fast: Model, accurate: Model, rows: Sequence[Row]) -> Dev:
    """Rows that one of the two cannot score are left out: nothing can be chosen on them."""
    pairs = list(zip(*(Scorer(model).score(rows) for model in (fast, accurate)), strict=True))
    kept = [place for place, pair in enumerate(pairs) if all(isinstance(said, Scores) for said in pair)]
    sides = [
        side(model, [said for place in kept if isinstance(said := pairs[place][column], Scores)])
        for column, model in enumerate((fast, accurate))
    ]
    own = [rows[place] for place in kept]
    return Dev(own, np.array([row.toxic for row in own], dtype=np.int64), *sides)


def side(model: Model, results: Sequence[Scores]) -> Side:
    """The results as columns."""
    return Side(
        model.name,
        results,
        np.array([one.scores[LABEL] for one in results]),
        Said(
            np.array([one.verdict.toxic for one in results], dtype=bool),
            np.array([one.verdict.band in NUDGED for one in results], dtype=bool),
        ),
        model.manifest.judged,
    )
