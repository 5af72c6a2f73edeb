"""What both models say to the rows of dev and to the functional suite, each asked once. Called by ``band.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mahlan.core.normalise import normalise
from mahlan.core.verdict import Thresholds
from mahlan.scoring.model import Model, Scores, hidden_in
from training.cascading.bands import Bools, Floats, Ints, Said
from training.evaluation.served import Scorer
from training.invented import Case
from training.judging import NUDGED
from training.rows import Row
from training.scores import IMPLICIT, LABEL, MENTIONED


@dataclass(frozen=True, slots=True)
class Side:
    """One model's results, its scores of ``toxic``, ``implicit``, ``mentioned``, which rows hide words, its verdicts.

    All ``[rows]``. ``doubts`` and ``mentions`` are 0 where it has no such label; ``thresholds`` are the limits behind
    the verdicts.
    """

    name: str
    results: Sequence[Scores]
    scores: Floats
    doubts: Floats
    mentions: Floats
    hidden: Bools
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

    def passes(self, said: Said) -> Bools:
        """Which rows a nudge does right by, ``[rows]``: hurtful ones asked about, others left alone."""
        return np.asarray(said.nudged == (self.truth == 1))


@dataclass(frozen=True, slots=True)
class Known:
    """All a band is chosen on: labelled comments, and the cases of the functional suite by ``source`` = phrasing."""

    dev: Dev
    suite: Dev


def as_rows(cases: Sequence[Case]) -> list[Row]:
    """Cases as served; what is said of both kinds of rows is then asked and counted alike."""
    read = [normalise(case.text) for case in cases]
    return [
        Row(
            case.phrasing,
            case.language,
            case.toxic,
            False,
            found.language,
            found.readings,
            disguises=found.disguises,
            slips=found.slips,
        )
        for case, found in zip(cases, read, strict=True)
    ]


def score_both(fast: Model, accurate: Model, rows: Sequence[Row]) -> Dev:
    """Rows that one of the two cannot score are left out: nothing can be chosen on them."""
    pairs = list(zip(*(Scorer(model).score(rows) for model in (fast, accurate)), strict=True))
    kept = [place for place, pair in enumerate(pairs) if all(isinstance(said, Scores) for said in pair)]
    own = [rows[place] for place in kept]
    sides = [
        side(model, own, [said for place in kept if isinstance(said := pairs[place][column], Scores)])
        for column, model in enumerate((fast, accurate))
    ]
    return Dev(own, np.array([row.toxic for row in own], dtype=np.int64), *sides)


def side(model: Model, rows: Sequence[Row], results: Sequence[Scores]) -> Side:
    """The results as columns."""
    return Side(
        model.name,
        results,
        np.array([one.scores[LABEL] for one in results]),
        *(np.array([one.scores.get(label, 0.0) for one in results]) for label in (IMPLICIT, MENTIONED)),
        np.array([hidden_in(row) > 0 for row in rows], dtype=bool),
        Said(
            np.array([one.verdict.toxic for one in results], dtype=bool),
            np.array([one.verdict.band in NUDGED for one in results], dtype=bool),
        ),
        model.manifest.judged,
    )
