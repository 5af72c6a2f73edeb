"""A rising curve through noisy pairs, and its value anywhere. For ``mahlan perspective calibrate`` and the gateway.

Isotonic regression by pooling adjacent violators: Ayer, Brunk, Ewing, Reid and Silverman, "An empirical distribution
function for sampling with incomplete information", Annals of Mathematical Statistics 26 (1955). In few lines, because
the library that has it is needed for training only. tests/core/test_monotone.py holds it against that one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple


class Curve(NamedTuple):
    """Points of a line that never falls: as many ``y`` as ``x``, at least one; flat outside."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def at(self, x: float) -> float:
        """The value at ``x``, on the straight line between the points beside it."""
        place = bisect_right(self.x, x)
        if place == 0:
            return self.y[0]
        if place == len(self.x):
            return self.y[-1]
        left, right = self.x[place - 1], self.x[place]
        share = (x - left) / (right - left)
        return self.y[place - 1] + share * (self.y[place] - self.y[place - 1])


class _Block(NamedTuple):
    """Neighbouring pairs that share one value: their number, the sum of their ``y``, the first and the last ``x``."""

    size: int
    total: float
    first: float
    last: float

    @property
    def mean(self) -> float:
        return self.total / self.size

    def joined(self, other: _Block) -> _Block:
        return _Block(self.size + other.size, self.total + other.total, self.first, other.last)


def fit_monotone(pairs: Iterable[tuple[float, float]]) -> Curve:
    """The rising curve with the least squared distance to ``pairs`` of x and y. Raises ValueError where none is."""
    blocks: list[_Block] = []
    for x, group in groupby(sorted(pairs), key=lambda pair: pair[0]):
        values = [y for _, y in group]
        block = _Block(len(values), sum(values), x, x)
        while blocks and blocks[-1].mean >= block.mean:
            block = blocks.pop().joined(block)
        blocks.append(block)
    if not blocks:
        raise ValueError("no pairs")
    return _curve(blocks)


def _curve(blocks: Sequence[_Block]) -> Curve:
    """Each block's two ends, or its one."""
    points = [(x, block.mean) for block in blocks for x in dict.fromkeys((block.first, block.last))]
    return Curve(tuple(x for x, _ in points), tuple(y for _, y in points))
