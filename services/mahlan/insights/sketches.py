"""How many different authors: HyperLogLog sketches of Apache DataSketches, the one module that imports it.

2**13 registers: the estimate is within 1.2 % of the truth in two of three cases and within 2.4 % in 95 of 100 (a union
of partitions; Flajolet and others, "HyperLogLog", 2007: 1.04 / sqrt(registers)); up to some hundreds it is exact. A
sketch takes 4 kB at most, knows nobody, and adding an author twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datasketches import hll_sketch, hll_union, tgt_hll_type

LOG_REGISTERS = 13
#: The library's bounds are told in standard deviations: 2 for 95 %.
DEVIATIONS = 2
#: What it raises for bytes that are no sketch, or a damaged one; some damage shows only when it is asked.
_DAMAGED = (IndexError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Estimate:
    """So many, and between ``low`` and ``high`` with a chance of 95 %."""

    estimate: int
    low: int
    high: int


class Sketch:
    """A set of authors of which only the size can be told."""

    def __init__(self, inner: Any = None) -> None:
        self._inner = inner if inner is not None else _empty()

    @staticmethod
    def of(kept: bytes | None) -> tuple[Sketch, bool]:
        """The sketch that was kept, or an empty one; and whether what was kept is damaged."""
        if kept is None:
            return Sketch(), False
        inner = _read(kept)
        return Sketch(inner), inner is None

    def add(self, author: str) -> None:
        """Count an author in."""
        self._inner.update(author)

    def kept(self) -> bytes:
        """As bytes; those of the same authors, told in the same order, are the same."""
        written: bytes = self._inner.serialize_compact()
        return written


def estimate(parts: Iterable[bytes]) -> Estimate:
    """How many authors are in any of these sketches. One that is damaged counts nobody."""
    union = hll_union(LOG_REGISTERS)
    for kept in parts:
        inner = _read(kept)
        if inner is not None:
            union.update(inner)
    found = union.get_result(tgt_hll_type.HLL_4)
    low, high = found.get_lower_bound(DEVIATIONS), found.get_upper_bound(DEVIATIONS)
    return Estimate(round(found.get_estimate()), max(0, int(low)), -int(-high // 1))


def _empty() -> Any:
    return hll_sketch(LOG_REGISTERS, tgt_hll_type.HLL_4)


def _read(kept: bytes) -> Any:
    """The library's sketch, or None for bytes that are none."""
    try:
        inner = hll_sketch.deserialize(kept)
        inner.get_estimate()
    except _DAMAGED:
        return None
    return inner
