"""How well each label of a model ranks the rows that say it: AUC with interval. Called by ``parts.py``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mahlan.scoring.model import Scores
from training.evaluation import measures
from training.evaluation.cells import LEAST, NOTHING, Estimate
from training.evaluation.dev_rows import Labelled
from training.evaluation.measures import Part, ones
from training.evaluation.resampling import interval, spread
from training.evaluation.served import Result


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One label: rows that say it and were scored for it, those that have it, AUC, whether it never decides."""

    label: str
    rows: int
    having: int
    auc: Estimate
    experimental: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        counts = {"rows": self.rows, "having": self.having}
        return {"label": self.label, **counts, "auc": self.auc.as_list(), "experimental": self.experimental}


def label_lines(
    rows: Sequence[Labelled], results: Sequence[Result], labels: Sequence[str], experimental: Sequence[str]
) -> Iterator[LabelLine]:
    """A line for each label of the model, in its order. Rows spelled by machine do not count."""
    for label in labels:
        pairs = [
            (bool(one.labels[label]), result.scores[label])
            for one, result in zip(rows, results, strict=True)
            if label in one.labels and not one.spelled and isinstance(result, Scores) and label in result.scores
        ]
        having = sum(truth for truth, _ in pairs)
        yield LabelLine(label, len(pairs), having, _auc(label, pairs), label in experimental)


def _auc(label: str, pairs: Sequence[tuple[bool, float]]) -> Estimate:
    truth, score = np.array([one for one, _ in pairs], dtype=bool), np.array([one for _, one in pairs])
    if min(truth.sum(), (~truth).sum()) < LEAST:
        return NOTHING
    part = Part(truth, score, truth, truth)
    drawn = spread({"auc": partial(measures.auc, part)}, np.arange(len(part)), f"label {label}")["auc"]
    return Estimate(float(measures.auc(part, ones(part))[0]), *interval(drawn))
