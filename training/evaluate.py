"""Measure a model: ``python -m training.evaluate --data DIR --model fast@1`` runs ``evaluation/command.py``.

What is defined here is the short measuring that trainers do at their end, for the manifest: everything through the
product's own normaliser, loader, thresholds and calibration.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mahlan.scoring.model import Model, Scores
from training.evaluation.served import Scorer
from training.rows import Row
from training.scores import LABEL
from training.spelling import spelled_rows

SEED = 7


def with_spelled(rows: list[Row]) -> list[Row]:
    """``rows`` and, as a source of their own, their Egyptian ones spelled in Latin letters."""
    return [*rows, *spelled_rows(rows, SEED)]


def score_rows(model: Model, rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    """The score of each row; one the model cannot score counts as 0."""
    found = Scorer(model).score(rows)
    return np.array([result.scores[LABEL] if isinstance(result, Scores) else 0.0 for result in found])


if __name__ == "__main__":
    from training.evaluation.command import main

    sys.exit(main())
