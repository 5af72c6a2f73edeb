"""From real weights to the int8 the graph holds. Called by ``fast.py``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.graph import Weights
from training.hashing import Layout

STEPS = 127


def quantise(plan: Layout, weights: npt.NDArray[np.float64], bias: float) -> Weights:
    """int8 weights with one scale per character table and one for all word tables, so that words add up as integers."""
    values = np.zeros(plan.size, dtype=np.int8)
    scales: list[float] = []
    groups = [[table] for table in plan.characters] + ([list(plan.words)] if plan.words else [])
    for group in groups:
        places = np.concatenate([np.arange(table.offset, table.offset + table.modulus) for table in group])
        scale = float(np.abs(weights[places]).max()) / STEPS or 1.0
        values[places] = np.clip(np.rint(weights[places] / scale), -STEPS, STEPS).astype(np.int8)
        scales += [scale] * len(group)
    return Weights(values=values, scales=np.array(scales, dtype=np.float32), bias=bias)
