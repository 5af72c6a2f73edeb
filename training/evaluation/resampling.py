"""The bootstrap (Efron 1979), seeded: how far a number may be off by the chance of which rows there are.

Called by ``cells.py``, ``comparison.py`` and the invented suites. A draw is a row of weights: how often each unit was
drawn. A unit is a row, or a group of rows that depend on each other (cases of one phrasing) and are drawn together.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Measure = Callable[[Floats], Floats]
"""Weights ``[draws, rows]`` to a number for each draw."""

SEED = 7
DRAWS = 1000
NUMBERS = 4_000_000
"""Weights held at a time."""
FEW = 5
"""Values below which a mean gets no interval: five draws of the same say nothing of the sixth."""


def draws(units: Ints, key: str, count: int = DRAWS) -> Iterator[Floats]:
    """Weights ``[draws, rows]`` in blocks, ``count`` draws in all; the same for the same units and ``key``."""
    dice = np.random.default_rng([SEED, zlib.crc32(key.encode())])
    names, places = np.unique(units, return_inverse=True)
    block = max(1, min(count, NUMBERS // max(len(units), 1)))
    for start in range(0, count, block):
        drawn = dice.integers(len(names), size=(min(block, count - start), len(names)))
        weights = np.stack([np.bincount(row, minlength=len(names)) for row in drawn])
        yield weights[:, places].astype(np.float64)


def spread(measures: Mapping[str, Measure], units: Ints, key: str) -> dict[str, Floats]:
    """Each measure in every draw."""
    found: dict[str, list[Floats]] = {name: [] for name in measures}
    for weights in draws(units, key):
        for name, measure in measures.items():
            found[name].append(measure(weights))
    return {name: np.concatenate(values) for name, values in found.items()}


def interval(values: Floats) -> tuple[float, float]:
    """The middle 95 % of the draws in which the number has a meaning; NaN where hardly any has."""
    real = values[np.isfinite(values)]
    if len(real) < len(values) / 2:
        return float("nan"), float("nan")
    low, high = np.percentile(real, [2.5, 97.5])
    return float(low), float(high)


def standard_error(values: Floats) -> float:
    """Of a number, from its draws; NaN where it hardly ever has a meaning."""
    real = values[np.isfinite(values)]
    return float(real.std()) if len(real) >= len(values) / 2 else float("nan")


def mean_interval(values: Sequence[float], key: str) -> tuple[float, float]:
    """The 95 % interval of a mean; NaN for fewer than ``FEW`` values."""
    if len(values) < FEW:
        return float("nan"), float("nan")
    numbers = np.array(values)
    found = spread({"mean": lambda weights: weights @ numbers / len(numbers)}, np.arange(len(numbers)), key)
    return interval(found["mean"])
