"""What the manifest says about several labels' scores: readings, calibration, limits. Called by ``__main__.py``.

``toxic`` is judged as for every model (``training/calibrate.py``). Another label is calibrated on the rows that say
it; where dev cannot show that it is any good, it is experimental and never decides. Where it may decide, its limits
are those from which on a comment is *toxic* with the precision of a band, in each language that has rows enough to
tell: a nudge must be right, whatever its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from mahlan.core.verdict import DEFAULT, Limits
from mahlan.scoring.manifest import Combination, Points
from training.accurate.examples import Example
from training.calibrate import ENOUGH, Bands, band_starts, calibrate, curve, languages, whole_logits
from training.rows import Row

Floats = npt.NDArray[np.float64]
GOOD = 0.80
"""Dev AUC under which a label is experimental."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The manifest's tables by label; ``auc`` on dev, NaN where it cannot be measured."""

    readings: dict[str, Combination]
    calibration: dict[str, dict[str, Points]]
    limits: dict[str, dict[str, Limits]]
    experimental: tuple[str, ...]
    auc: dict[str, float]


def judge_labels(
    examples: Sequence[Example], logits: Sequence[Floats], labels: Sequence[str], bands: Bands
) -> Judgement:
    """``logits`` holds ``[readings, labels]`` for each dev example."""
    known = [place for place, example in enumerate(examples) if "toxic" in example.labels]
    rows = [examples[place].row for place in known]
    judged = calibrate(rows, [logits[place][:, 0] for place in known], bands)
    found = Judgement(
        judged.readings,
        {language: {"toxic": points} for language, points in judged.calibration.items()},
        {language: {"toxic": limits} for language, limits in judged.limits.items()},
        (),
        {"toxic": _auc(np.array([row.toxic for row in rows]), whole_logits(rows, [logits[p][:, 0] for p in known],
                                                                           judged.readings))},
    )  # fmt: skip
    experimental = [
        label
        for column, label in enumerate(labels[1:], start=1)
        if not _add(found, label, examples, [own[:, column] for own in logits], bands)
    ]
    return Judgement(found.readings, found.calibration, found.limits, tuple(experimental), found.auc)


def _add(found: Judgement, label: str, examples: Sequence[Example], logits: Sequence[Floats], bands: Bands) -> bool:
    """Put ``label`` into ``found``; whether it may decide."""
    known = [place for place, example in enumerate(examples) if label in example.labels]
    truth = np.array([examples[place].labels[label] for place in known], dtype=np.int64)
    rows = [examples[place].row for place in known]
    whole = whole_logits(rows, [logits[place] for place in known], found.readings) if known else np.zeros(0)
    found.auc[label] = _auc(truth, whole)
    if isnan(found.auc[label]):
        return False
    # One curve for all languages: these labels have few positives.
    points = curve(whole, truth)
    if points.probabilities[0] > points.probabilities[-1]:
        return False  # worse than chance: no curve that rises says what its score means
    found.calibration[DEFAULT][label] = points
    if found.auc[label] < GOOD or truth.sum() < ENOUGH:
        return False
    judged = [place for place, example in enumerate(examples) if "toxic" in example.labels]
    rows = [examples[place].row for place in judged]
    whole = whole_logits(rows, [logits[place] for place in judged], found.readings)
    _limit(found, label, np.interp(whole, points.logits, points.probabilities), rows, bands)
    return True


def _limit(found: Judgement, label: str, scores: Floats, rows: Sequence[Row], bands: Bands) -> None:
    """Limits by language: what is an insult in one may be a joke in another, and no language pays for the others.

    On all rows that say ``toxic``, as every comment that is served gets the label's score; few say the label itself. No
    verdict below where ``medium`` begins.
    """
    for language, members in languages(rows):
        if language in found.limits:
            medium, high = band_starts(scores[members], [rows[member] for member in members.tolist()], bands)
            found.limits[language][label] = Limits(medium, medium, high)


def _auc(truth: npt.NDArray[np.int64], scores: Floats) -> float:
    return float(roc_auc_score(truth, scores)) if 0 < truth.sum() < len(truth) else float("nan")
