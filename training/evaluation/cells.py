"""The measures of every part of the dev rows, each with its interval. Called by ``parts.py``.

Parts are by source, by language as served and as the source says, by script, by length. Rows that were spelled by
machine stand in a source of their own and nowhere else: they are the Egyptian ones over again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan, nan
from typing import Any

import numpy as np
import numpy.typing as npt

from mahlan.scoring.model import Scores
from training.evaluation import measures
from training.evaluation.dev_rows import Labelled
from training.evaluation.measures import Floats, Part, ones
from training.evaluation.resampling import interval, spread, standard_error
from training.evaluation.served import Result
from training.judging import Rate, score_of
from training.scores import LABEL

Ints = npt.NDArray[np.int64]

LEAST = 10
"""Rows of each class below which macro-F1 and AUC are not given: a bootstrap of so few flatters."""
LENGTHS = ((40, "1 to 40 characters"), (100, "41 to 100"), (280, "101 to 280"), (10**9, "over 280"))
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval; all NaN where it has no meaning."""

    value: float
    low: float
    high: float

    def as_list(self) -> list[float | None]:
        """For JSON: value, low, high to four places."""
        return [None if isnan(number) else round(number, 4) for number in (self.value, self.low, self.high)]


NOTHING = Estimate(nan, nan, nan)


@dataclass(frozen=True, slots=True)
class Cell:
    """One part of the rows. ``nudged`` is how many get a nudge: what precision is counted on."""

    group: str
    name: str
    rows: int
    toxic: int
    nudged: int
    measures: dict[str, Estimate]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        counts = {"rows": self.rows, "toxic": self.toxic, "nudged": self.nudged}
        found = {name: estimate.as_list() for name, estimate in self.measures.items()}
        return {"by": self.group, "name": self.name, **counts, **found}


def answers(rows: Sequence[Labelled], results: Sequence[Result]) -> Part:
    """What the model says to each row; one it cannot score counts as score 0."""
    fine = [result if isinstance(result, Scores) else None for result in results]
    return Part(
        truth=np.array([bool(one.labels.get(LABEL)) for one in rows]),
        score=np.array([0.0 if result is None else score_of(result) for result in fine]),
        said=np.array([result is not None and result.verdict.toxic for result in fine]),
        nudged=np.array([result is not None and result.verdict.band in ("medium", "high") for result in fine]),
    )


def places(rows: Sequence[Labelled]) -> Iterator[tuple[str, str, Ints]]:
    """Every part: what it is by, its name, its rows' places. Only rows that say whether they are toxic."""
    keys: list[tuple[str, Callable[[Labelled], str]]] = [
        ("all", lambda _: "all"),
        ("language", lambda one: one.row.language),
        ("language the source says", lambda one: one.row.row_language),
        ("script", lambda one: one.row.script),
        ("length", lambda one: next(name for most, name in LENGTHS if one.row.length <= most)),
        ("source", lambda one: one.row.source),
    ]
    known = [place for place, one in enumerate(rows) if LABEL in one.labels]
    ranks = [name for _, name in LENGTHS]
    for group, key in keys:
        names: dict[str, list[int]] = {}
        for place in known:
            if group == "source" or not rows[place].spelled:
                names.setdefault(key(rows[place]), []).append(place)
        for name in sorted(names, key=lambda name: (ranks.index(name) if name in ranks else 0, name)):
            yield group, name, np.array(names[name])


def cells(rows: Sequence[Labelled], part: Part) -> Iterator[Cell]:
    """Every part measured."""
    for group, name, own in places(rows):
        found = part.at(own)
        counts = (len(found), int(found.truth.sum()), int(found.nudged.sum()))
        yield Cell(group, name, *counts, measures=measured(found, f"{group} {name}"))


def measured(part: Part, key: str) -> dict[str, Estimate]:
    """Bootstrap intervals; for shares that of Wilson, which stays honest at 10 of 10."""
    both = min(part.truth.sum(), (~part.truth).sum()) >= LEAST
    drawn = {"macro_f1": measures.macro_f1, "auc": measures.auc} if both else {}
    found = spread(
        {name: partial(one, part) for name, one in {**drawn, "ece": measures.calibration_error}.items()},
        np.arange(len(part)), key,
    )  # fmt: skip
    caught, nudged = int((part.truth & part.nudged).sum()), int(part.nudged.sum())
    toxic, harmless = int(part.truth.sum()), int((~part.truth).sum())
    return {
        "macro_f1": _estimate(measures.macro_f1, part, found["macro_f1"]) if both else NOTHING,
        "auc": _estimate(measures.auc, part, found["auc"]) if both else NOTHING,
        "right": _rate(int((part.truth == part.said).sum()), len(part)),
        "nudge_precision": _rate(caught, nudged) if toxic else NOTHING,
        "nudge_recall": _rate(caught, toxic),
        "false_alarms": _rate(nudged - caught, harmless),
        "ece": _around(float(measures.calibration_error(part, ones(part))[0]), found["ece"]),
    }


def _estimate(measure: Callable[[Part, Floats], Floats], part: Part, drawn: Floats) -> Estimate:
    return Estimate(float(measure(part, ones(part))[0]), *interval(drawn))


def _around(value: float, drawn: Floats) -> Estimate:
    """The normal interval: a drawn calibration error is biased upwards, so that its middle would miss the number."""
    margin = Z * standard_error(drawn)
    return Estimate(value, max(0.0, value - margin), min(1.0, value + margin))


def _rate(hits: int, total: int) -> Estimate:
    return Estimate(hits / total, *Rate(hits, total).interval) if total else NOTHING
