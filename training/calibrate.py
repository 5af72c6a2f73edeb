"""What the manifest says about scores: how readings combine, calibration curves, thresholds. Called by ``fast.py``.

All of it is chosen on dev, per language as the normaliser names it, because that is what is served. A language with
few rows of either class uses its fallback's (``core/verdict.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from mahlan.core.verdict import DEFAULT, Limits
from mahlan.scoring.manifest import Combination, Points
from mahlan.scoring.probabilities import combination, combine, sigmoid
from training.rows import Row
from training.scores import macro_f1
from training.spelling import MADE

Floats = npt.NDArray[np.float64]

ENOUGH = 60
"""Rows of each class that a language needs for numbers of its own."""
KNOTS = np.linspace(-8.0, 8.0, 33)
GRID = np.round(np.arange(0.40, 0.701, 0.01), 2)
"""Thresholds to choose from; further out dev says more about its own mixture of sources than about a language."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
Bands = Mapping[str, Mapping[str, float]]
FEW = 100
HIGHEST = 0.999
"""Of a limit: it is in thousandths, and no score reaches 1."""
LEAST = 25
"""Rows over a limit, below which a measured precision means little."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The manifest's three tables for the label ``toxic``."""

    readings: dict[str, Combination]
    calibration: dict[str, Points]
    limits: dict[str, Limits]


def calibrate(rows: Sequence[Row], logits: Sequence[Floats], bands: Bands) -> Judged:
    """Choose everything from dev rows and their logits per reading; ``bands`` is ``[bands]`` of fast.toml."""
    readings = choose_readings(rows, logits)
    whole = whole_logits(rows, logits, readings)
    toxic = np.array([row.toxic for row in rows])
    curves: dict[str, Points] = {}
    limits: dict[str, Limits] = {}
    for language, members in languages(rows):
        curves[language] = curve(whole[members], toxic[members])
        scores = np.interp(whole[members], curves[language].logits, curves[language].probabilities)
        limits[language] = choose_limits(scores, [rows[member] for member in members.tolist()], bands)
    return Judged(readings=readings, calibration=curves, limits=limits)


def languages(rows: Sequence[Row]) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """``default`` with all rows, then each language that has enough of both classes, with its rows' numbers."""
    yield DEFAULT, np.arange(len(rows))
    for language in sorted({row.language for row in rows}):
        members = np.array([place for place, row in enumerate(rows) if row.language == language])
        toxic = sum(rows[member].toxic for member in members.tolist())
        if min(toxic, len(members) - toxic) >= ENOUGH:
            yield language, members


def choose_readings(rows: Sequence[Row], logits: Sequence[Floats]) -> dict[str, Combination]:
    """For each language, the share of the Arabic reading that ranks dev rows with two readings best.

    Never all of one reading: dev's Arabizi is Maghrebi, and what serves Egypt needs both.
    """
    chosen = {DEFAULT: _mean(0.5)}
    for language in sorted({row.language for row in rows}):
        pairs = [place for place, row in enumerate(rows) if row.language == language and len(row.readings) > 1]
        toxic = np.array([rows[place].toxic for place in pairs])
        if not pairs or min(toxic.sum(), len(toxic) - toxic.sum()) < ENOUGH:
            continue
        scored = {
            share: macro_f1(toxic, np.array([_pair(logits[place], share) for place in pairs]) > 0)
            for share in SHARES[1:-1]
        }
        chosen[language] = _mean(max(scored, key=lambda share: scored[share]))
    return chosen


def whole_logits(rows: Sequence[Row], logits: Sequence[Floats], readings: Mapping[str, Combination]) -> Floats:
    """One logit per row, its readings combined as the manifest will say."""
    return np.array(
        [
            combine(own[:, None], [reading.kind for reading in row.readings], combination(row.language, readings))[0]
            for row, own in zip(rows, logits, strict=True)
        ]
    )


def curve(logits: Floats, toxic: npt.NDArray[np.int64]) -> Points:
    """Platt scaling (Platt 1999) as points: two parameters cannot follow the noise of a small dev part."""
    fitted = LogisticRegression(C=100.0).fit(logits[:, None], toxic)
    probabilities = sigmoid(fitted.coef_[0, 0] * KNOTS + fitted.intercept_[0])
    return Points(logits=tuple(KNOTS.tolist()), probabilities=tuple(probabilities.round(5).tolist()))


def choose_limits(scores: Floats, rows: Sequence[Row], bands: Bands) -> Limits:
    """Threshold: best mean macro-F1 over the sources with both classes, and where each band begins."""
    toxic = np.array([row.toxic for row in rows])
    threshold = best_threshold(scores, toxic, np.array([row.source for row in rows]))
    medium, high = band_starts(scores, rows, bands)
    return Limits(threshold, max(threshold, medium), max(threshold, high))


def band_starts(scores: Floats, rows: Sequence[Row], bands: Bands) -> tuple[float, float]:
    """The least scores from which on comments are toxic with the precision that ``medium`` and ``high`` want.

    Of what somebody wrote, where enough of it scores so high: invented comments hold a harmless twin of each hurt,
    and no traffic is like that. Twice: with every source counting the same, and with every comment. The higher of the
    two holds, and never less than the band's ``least``; ``high`` does not begin below ``medium``.
    """
    written = np.array([row.source not in MADE for row in rows], dtype=bool)
    if not written.all() and (scores[written] >= bands["medium"]["least"]).sum() >= LEAST:
        return band_starts(scores[written], [rows[place] for place in np.flatnonzero(written).tolist()], bands)
    toxic = np.array([row.toxic for row in rows], dtype=np.int64)
    counts = source_weights(toxic, np.array([row.source for row in rows])), np.ones(len(rows))
    medium, high = (
        max(bands[band]["least"], *(least_score(scores, toxic, count, bands[band]["precision"]) for count in counts))
        for band in ("medium", "high")
    )
    return medium, max(medium, high)


def source_weights(toxic: npt.NDArray[np.int64], sources: npt.NDArray[np.str_]) -> Floats:
    """Every source counts the same for precision, or one easy source of many rows would open the band for all.

    A source of toxic rows only says nothing about false alarms and counts 0; one of few rows counts by its rows.
    """
    weights = np.zeros(len(toxic))
    for name in np.unique(sources):
        part = sources == name
        weights[part] = 0.0 if toxic[part].all() else 1.0 / max(int(part.sum()), FEW)
    return weights


def best_threshold(scores: Floats, toxic: npt.NDArray[np.int64], sources: npt.NDArray[np.str_]) -> float:
    """The middle of the plateau: macro-F1 is averaged over neighbouring thresholds before the best is taken."""
    parts = [sources == name for name in np.unique(sources)]
    parts = [part for part in parts if min(toxic[part].sum(), (1 - toxic[part]).sum()) >= LEAST]
    parts = parts or [np.ones(len(toxic), dtype=bool)]
    means = [np.mean([macro_f1(toxic[part], scores[part] >= limit) for part in parts]) for limit in GRID]
    smooth = np.convolve(np.pad(means, 3, mode="edge"), np.full(7, 1 / 7), mode="valid")
    return float(GRID[int(np.argmax(smooth))])


def least_score(scores: Floats, toxic: npt.NDArray[np.int64], weights: Floats, wanted: float) -> float:
    """The least score, rounded up to thousandths, from which on rows are toxic with at least this precision.

    0.99 where there is none; never 1, which no score reaches.
    """
    order = np.argsort(-scores, kind="stable")
    caught, all_over = np.cumsum((weights * toxic)[order]), np.cumsum(weights[order])
    enough = np.arange(1, len(order) + 1) >= LEAST
    good = np.flatnonzero((caught >= wanted * all_over) & enough)
    return min(float(np.ceil(scores[order][good[-1]] * 1000) / 1000), HIGHEST) if len(good) else 0.99


def _mean(arabic: float) -> Combination:
    return Combination(combine="mean", weights={"original": 1.0 - arabic, "arabic": arabic})


def _pair(logits: Floats, share: float) -> float:
    return float((1 - share) * logits[0] + share * logits[1])
