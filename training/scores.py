"""How good: macro-F1, precision, calibration error, by source and language. Called by ``calibrate``, ``evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isnan

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score, roc_auc_score

from mahlan.core.verdict import Thresholds, limits_of
from training.rows import Row

LABEL = "toxic"
IMPLICIT = "implicit"
"""The label by which a fast model says that a comment may hurt without a word that tells (``training/doubts.py``)."""
MENTIONED = "mentioned"
"""The label by which it says that what hurts is only spoken of."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. NaN where a number has no meaning: one class only, nothing in the nudge band.

    ``false_alarms`` is the share of harmless rows in the nudge band.
    """

    group: str
    name: str
    rows: int
    toxic: int
    macro_f1: float
    auc: float
    band_precision: float
    band_recall: float
    false_alarms: float
    calibration_error: float

    def as_dict(self) -> dict[str, object]:
        """For JSON: NaN becomes null."""
        return {
            key: None if isinstance(value, float) and isnan(value) else value for key, value in asdict(self).items()
        }


def macro_f1(truth: npt.NDArray[np.int64], said: npt.NDArray[np.bool_]) -> float:
    """The mean of both classes' F1."""
    return float(f1_score(truth, said, average="macro", labels=[0, 1], zero_division=0.0))


def table(rows: Sequence[Row], scores: npt.NDArray[np.float64], thresholds: Thresholds) -> Iterator[Line]:
    """Lines by source, by the source's language, by the served language, and for all rows."""
    keys: list[tuple[str, Callable[[Row], str]]] = [
        ("source", lambda row: row.source),
        ("language of the row", lambda row: row.row_language),
        ("language as served", lambda row: row.language),
        ("all", lambda _: "all"),
    ]
    limits = [limits_of(LABEL, row.language, thresholds) for row in rows]
    said = np.array(
        [limit is not None and score >= limit.threshold for limit, score in zip(limits, scores, strict=True)]
    )
    band = np.array([limit is not None and score >= limit.medium for limit, score in zip(limits, scores, strict=True)])
    for group, key in keys:
        names = np.array([key(row) for row in rows])
        for name in sorted(set(names.tolist())):
            part = np.flatnonzero(names == name)
            truth = np.array([rows[place].toxic for place in part.tolist()])
            yield _line(group, name, truth, scores[part], said[part], band[part])


def _line(
    group: str,
    name: str,
    truth: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
    said: npt.NDArray[np.bool_],
    band: npt.NDArray[np.bool_],
) -> Line:
    both = 0 < truth.sum() < len(truth)
    caught = float(truth[band].sum())
    return Line(
        group=group,
        name=name,
        rows=len(truth),
        toxic=int(truth.sum()),
        macro_f1=macro_f1(truth, said) if both else float("nan"),
        auc=float(roc_auc_score(truth, scores)) if both else float("nan"),
        band_precision=caught / band.sum() if band.any() and truth.any() else float("nan"),
        band_recall=caught / truth.sum() if truth.any() else float("nan"),
        false_alarms=(band.sum() - caught) / (1 - truth).sum() if not truth.all() else float("nan"),
        calibration_error=calibration_error(truth, scores),
    )


def calibration_error(truth: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], bins: int = 10) -> float:
    """Expected calibration error: ``|mean score - share toxic|`` over equal-width bins, weighted by rows."""
    places = np.minimum((scores * bins).astype(int), bins - 1)
    parts = [places == place for place in range(bins)]
    gaps = [part.sum() * abs(scores[part].mean() - truth[part].mean()) for part in parts if part.any()]
    return float(sum(gaps) / len(truth))
