"""Percentiles of latencies, nearest rank, not rounded: some here are of tens of microseconds."""

from __future__ import annotations

from collections.abc import Sequence


def rank(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that at least ``percent`` of the values do not exceed; NaN of none."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else float("nan")
