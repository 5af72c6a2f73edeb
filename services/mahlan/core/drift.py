"""How far what comes in has moved from what a model was accepted on: histograms and their distance. Pure numbers.

Called by the scorer's drift gauges and by ``mahlan models reference``.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

LEAST = 500
"""Comments needed before a distance means anything: by chance alone it is about (bins - 1) / comments."""

FLOOR = 1e-4
"""Share given to an empty bin, so that the distance stays finite."""

OTHER = "other"
"""What stands for every language that is not named."""

SPOKEN = frozenset({"ar", "arz", "arz-Latn", "en", "mixed", "und"})
"""Languages that are counted by name: a metric's label must not grow with what people send."""


def counted_as(language: str) -> str:
    """The label under which a comment's language is counted."""
    return language if language in SPOKEN else OTHER


def bin_of(score: float, edges: Sequence[float]) -> int:
    """The bin a score falls in: ``edges`` rise, and n of them make n + 1 bins, each closed below.

    >>> [bin_of(score, (0.2, 0.5)) for score in (0.0, 0.2, 0.9)]
    [0, 1, 2]
    """
    return bisect_right(edges, score)


def histogram(scores: Iterable[float], edges: Sequence[float]) -> list[int]:
    """How many scores fall in each bin."""
    counts = [0] * (len(edges) + 1)
    for score in scores:
        counts[bin_of(score, edges)] += 1
    return counts


def shares(counts: Sequence[int]) -> list[float]:
    """Counts as shares of their sum; all 0 where there is nothing."""
    whole = sum(counts)
    return [count / whole if whole else 0.0 for count in counts]


def stability(expected: Sequence[float], found: Sequence[float]) -> float:
    """The population stability index of two rows of shares of equal length: 0 when alike, symmetric, never negative.

    Sum of (found - expected) * ln(found / expected) (Siddiqi 2006, Credit Risk Scorecards, who reads under 0.1 as
    stable and over 0.25 as a shift to act on).

    >>> stability((0.5, 0.5), (0.5, 0.5))
    0.0
    """
    pairs = [(max(a, FLOOR), max(b, FLOOR)) for a, b in zip(expected, found, strict=True)]
    return sum((b - a) * math.log(b / a) for a, b in pairs)
