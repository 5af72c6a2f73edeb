"""From a graph's numbers to calibrated scores per label. Pure numpy; called by ``model.py``.

Everything between the graph and the probability happens in logits: readings are combined there and a calibration
curve starts there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mahlan.core.verdict import fallbacks
from mahlan.scoring.manifest import Combination, Manifest, Points

Floats = npt.NDArray[np.float64]

EDGE = 1e-7
"""Probabilities are kept this far from 0 and 1, so that their logits stay finite."""

PLAIN = Combination()


def label_logits(raw: npt.NDArray[np.float32], manifest: Manifest) -> Floats:
    """Logits ``[texts, product labels]`` from the graph's ``[texts, columns]``, after activation and label map.

    A label made of several columns takes their sum where they exclude each other (after a softmax, ours or the
    graph's own) and their highest otherwise.
    """
    values = raw.astype(np.float64)
    columns = manifest.output.labels
    maps = [[columns.index(name) for name in names] for names in manifest.product_labels.values()]
    if manifest.output.activation == "sigmoid":
        return np.stack([values[:, take].max(axis=1) for take in maps], axis=1)
    if manifest.output.activation == "softmax":
        shifted = np.exp(values - values.max(axis=1, keepdims=True))
        values = shifted / shifted.sum(axis=1, keepdims=True)
    if manifest.output.activation == "softmax" or manifest.output.exclusive:
        return logit(np.stack([values[:, take].sum(axis=1) for take in maps], axis=1))
    return logit(np.stack([values[:, take].max(axis=1) for take in maps], axis=1))


def combine(logits: Floats, kinds: Sequence[str], how: Combination) -> Floats:
    """One line ``[labels]`` from the readings of one comment, ``[readings, labels]`` of these kinds."""
    if how.combine == "max":
        return np.asarray(logits.max(axis=0))
    weights = np.array([how.weights.get(kind, 1.0) for kind in kinds])
    if how.combine == "first" or not weights.sum():
        return np.asarray(logits[0])
    return np.asarray(weights @ logits / weights.sum())


def calibrated(logits: Floats, languages: Sequence[str], manifest: Manifest) -> Floats:
    """Probabilities ``[comments, labels]``: by the curve of each comment's language, or the plain sigmoid."""
    scores = sigmoid(logits)
    if not manifest.calibration:
        return scores
    rows: dict[str, list[int]] = {}
    for row, language in enumerate(languages):
        rows.setdefault(language, []).append(row)
    for language, members in rows.items():
        for column, label in enumerate(manifest.product_labels):
            points = _curve(label, language, manifest.calibration)
            if points is not None:
                scores[members, column] = np.interp(logits[members, column], points.logits, points.probabilities)
    # A missing number must stay visible: interpolation would hide it behind the nearest point.
    scores[~np.isfinite(logits)] = np.nan
    return scores


def combination(language: str, readings: Mapping[str, Combination]) -> Combination:
    """How the manifest wants this language's readings combined; the highest where it says nothing."""
    return next((readings[name] for name in fallbacks(language) if name in readings), PLAIN)


def sigmoid(values: Floats) -> Floats:
    """Probabilities of ``values``; NaN stays NaN, no overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)))


def logit(probabilities: Floats) -> Floats:
    """Log odds, with 0 and 1 brought in by ``EDGE``; NaN stays NaN."""
    inner = np.clip(probabilities, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(inner / (1.0 - inner)))


def _curve(label: str, language: str, calibration: Mapping[str, Mapping[str, Points]]) -> Points | None:
    tables = (calibration.get(name, {}) for name in fallbacks(language))
    return next((table[label] for table in tables if label in table), None)
