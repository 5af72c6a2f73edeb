"""Measure a model: ``python -m training.evaluate --data DIR --model fast@1`` runs ``evaluation/command.py``.

What is defined here is the short measuring that trainers do at their end, for the manifest: everything through the
product's own normaliser, loader, thresholds and calibration.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from math import isnan

import numpy as np
import numpy.typing as npt
from rich.progress import track

from mahlan.errors import ScoreError
from mahlan.scoring.model import Model
from training.evaluation.served import Scorer
from training.rows import Row
from training.scores import LABEL, Line, table
from training.spelling import spelled_rows

BLOCK = 1024
SEED = 7


def with_spelled(rows: list[Row]) -> list[Row]:
    """``rows`` and, as a source of their own, their Egyptian ones spelled in Latin letters."""
    return [*rows, *spelled_rows(rows, SEED)]


def evaluate(model: Model, rows: Sequence[Row]) -> list[Line]:
    """The table's lines for ``model`` on ``rows``."""
    return list(table(rows, score_rows(model, rows), model.manifest.judged))


def score_rows(model: Model | Scorer, rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    """The score of each row; one the model cannot score counts as 0."""
    blocks = track(range(0, len(rows), BLOCK), description="scoring")
    found = [result for start in blocks for result in model.score(rows[start : start + BLOCK])]
    return np.array([0.0 if isinstance(result, ScoreError) else result.scores[LABEL] for result in found])


def as_table(lines: Iterable[Line]) -> str:
    """A Markdown table."""
    measures = ("macro-F1", "AUC", "precision in the nudge band", "recall there", "false alarms", "calibration error")
    head = f"| by | | rows | toxic | {' | '.join(measures)} |"
    body = [
        f"| {line.group} | {line.name} | {line.rows:,} | {line.toxic / line.rows:.0%} | "
        + " | ".join("–" if isnan(value) else f"{value:.3f}" for value in numbers(line))
        + " |"
        for line in lines
    ]
    return "\n".join([head, "|---|---|" + "---:|" * 8, *body])


def numbers(line: Line) -> tuple[float, ...]:
    """The line's measures, in the order of the table's head."""
    return line.macro_f1, line.auc, line.band_precision, line.band_recall, line.false_alarms, line.calibration_error


if __name__ == "__main__":
    from training.evaluation.command import main

    sys.exit(main())
