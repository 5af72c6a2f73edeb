"""Token ids of many texts as padded batches, texts of like length together. Called by ``model.py``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

CELLS = 1 << 16
"""The most positions of a batch, padding counted: a few very long texts must not take the memory of hundreds."""


@dataclass(frozen=True, slots=True)
class Batch:
    """``ids`` and ``mask`` are ``[batch, longest]``; ``rows`` says which text each line is."""

    rows: Ints
    ids: Ints
    mask: Ints


def batches(flat: Ints, lengths: Ints, size: int, pad_id: int) -> Iterator[Batch]:
    """Cut texts given end to end into batches of at most ``size``, shortest first, padded to the longest of each.

    A text without tokens is one padded, masked position: no graph has to bear a width of zero.
    """
    starts = np.cumsum(lengths) - lengths
    order = np.argsort(lengths, kind="stable")
    last = max(len(flat) - 1, 0)
    source = flat if len(flat) else np.full(1, pad_id, dtype=np.int64)
    begin = 0
    while begin < len(order):
        rows = order[begin : begin + size]
        cells = np.arange(1, len(rows) + 1) * lengths[rows]
        rows = rows[: max(1, int((cells <= CELLS).sum()))]
        begin += len(rows)
        columns = np.arange(max(int(lengths[rows[-1]]), 1))
        inside = columns < lengths[rows, None]
        ids = source[np.minimum(starts[rows, None] + columns, last)]
        yield Batch(rows=rows, ids=np.where(inside, ids, pad_id), mask=inside.astype(np.int64))
