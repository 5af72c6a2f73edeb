"""Fit the linear model: hashed features, scaled by their log-count ratio, logistic loss. Called by ``fast.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import SGDClassifier

from training.hashing import Found, Ints, Layout, character_features, word_features
from training.progress import shown

Floats = npt.NDArray[np.float64]
BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Recipe:
    """``[fit]`` of fast.toml."""

    alpha: float
    epochs: int
    word_weight: float
    floor: float
    arabic_weight: float


def feature_matrix(texts: Sequence[Ints], plan: Layout) -> Any:
    """Sparse ``[texts, plan.size]``: ``1 / sqrt(count)`` per character n-gram, likewise per word, as the graph does.

    A feature that is there twice counts twice.
    """
    parts = []
    for start in shown(range(0, len(texts), BLOCK), "hashing"):
        block = texts[start : start + BLOCK]
        parts.append(sum(_block(find(block, plan), len(block), plan) for find in (character_features, word_features)))
    return sparse.vstack(parts, format="csr")


def _block(found: Found, rows: int, plan: Layout) -> Any:
    counts = np.bincount(found.rows, minlength=rows)
    values = (1.0 / np.sqrt(np.maximum(counts, 1)))[found.rows].astype(np.float32)
    return sparse.csr_matrix((values, (found.rows, found.buckets)), shape=(rows, plan.size))


def log_count_ratio(features: Any, toxic: Floats, weights: Floats) -> Floats:
    """How much more often, in logs, a feature is there in toxic rows than in others; one count is added to each."""
    per_row = np.diff(features.indptr)
    both = [
        1.0 + np.bincount(features.indices, weights=np.repeat(share, per_row), minlength=features.shape[1])
        for share in (weights * toxic, weights * (1 - toxic))
    ]
    ratio: Floats = np.log(both[0] / both[0].sum()) - np.log(both[1] / both[1].sum())
    return ratio


def fit(features: Any, toxic: Floats, weights: Floats, plan: Layout, recipe: Recipe, seed: int) -> tuple[Floats, float]:
    """Weights ``[plan.size]`` and bias of the averaged SGD solution, in the features' own scale."""
    scale = recipe.floor + np.abs(log_count_ratio(features, toxic, weights))
    for table in plan.words:
        scale[table.offset : table.offset + table.modulus] *= recipe.word_weight
    scaled = features.copy()
    scaled.data *= scale[scaled.indices]
    learner = SGDClassifier(
        loss="log_loss", alpha=recipe.alpha, max_iter=recipe.epochs, tol=None, average=True, random_state=seed
    )
    learner.fit(scaled, toxic, sample_weight=weights)
    return learner.coef_[0] * scale, float(learner.intercept_[0])
