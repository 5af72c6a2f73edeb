"""The fast model's features in numpy: hashed character n-grams and words. Called by ``fit.py``; twin of ``graph.py``.

``graph.py`` writes the same arithmetic as ONNX nodes; a test holds the two equal, bucket by bucket. All of it stays
far below 2**63, so nothing depends on how integers overflow.

A text of ids ``c[1..n]`` is read as ``0 c[1] … c[n] 0`` (0 is the space), so that words begin and end alike wherever
they stand. An n-gram's hash is a sum of ids times one multiplier per place, modulo a prime just below its table's
size (a linear hash modulo a power of two collides far more often: it cost 0.016 macro-F1). A word's hash is a
polynomial, from prefix sums: the graph finds all words of a batch without a loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

SPACE = 0
MULTIPLIERS = (1640531527, 2246822519, 3266489917, 668265263, 374761393, 2654435761)
PRIME = 1048573
"""Largest prime below 2**20: the field word hashes are computed in."""
ROOT = 40503
INVERSE_ROOT = pow(ROOT, -1, PRIME)


@dataclass(frozen=True, slots=True)
class Table:
    """``size`` weights for n-grams of ``order`` characters, or of ``order`` words; ``modulus`` is a prime <= size."""

    order: int
    words: bool
    modulus: int
    offset: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each feature's weight lies in one long row of weights, and the longest text in characters."""

    tables: tuple[Table, ...]
    size: int
    max_length: int

    @property
    def characters(self) -> tuple[Table, ...]:
        """The tables of character n-grams, in order."""
        return tuple(table for table in self.tables if not table.words)

    @property
    def words(self) -> tuple[Table, ...]:
        """The tables of word n-grams, in order."""
        return tuple(table for table in self.tables if table.words)


def layout(characters: dict[int, int], words: dict[int, int], max_length: int) -> Layout:
    """A layout from order to size in bits (19 is 524,288 weights)."""
    tables: list[Table] = []
    offset = 0
    for is_word, orders in ((False, characters), (True, words)):
        for order, bits in sorted(orders.items()):
            tables.append(Table(order=order, words=is_word, modulus=largest_prime(1 << bits), offset=offset))
            offset += 1 << bits
    return Layout(tables=tuple(tables), size=offset, max_length=max_length)


def largest_prime(limit: int) -> int:
    """The largest prime <= ``limit``."""
    return next(n for n in range(limit, 1, -1) if all(n % d for d in range(2, int(n**0.5) + 1)))


def powers(root: int, count: int) -> Ints:
    """``root**0 … root**(count - 1)`` modulo ``PRIME``."""
    out = np.empty(count, dtype=np.int64)
    value = 1
    for place in range(count):
        out[place] = value
        value = value * root % PRIME
    return out


@dataclass(frozen=True, slots=True)
class Found:
    """The features of a block of texts: ``rows[i]`` has the weight at ``buckets[i]`` of the layout."""

    rows: Ints
    buckets: Ints


def character_features(texts: Sequence[Ints], plan: Layout) -> Found:
    """Every character n-gram of every text, repeats too."""
    padded, ends = _padded(texts)
    width = padded.shape[1] - len(MULTIPLIERS)
    starts = np.arange(width)
    hashes = np.zeros((len(texts), width), dtype=np.int64)
    rows: list[Ints] = []
    buckets: list[Ints] = []
    orders = {table.order: table for table in plan.characters}
    for place in range(max(orders, default=0)):
        hashes += MULTIPLIERS[place] * padded[:, place : place + width]
        table = orders.get(place + 1)
        if table is not None:
            whole = starts + place < ends[:, None]
            rows.append(np.nonzero(whole)[0])
            buckets.append(hashes[whole] % table.modulus + table.offset)
    return _sorted(rows, buckets)


def word_features(texts: Sequence[Ints], plan: Layout) -> Found:
    """Every word, and every run of ``order`` neighbouring words, of every text."""
    padded, ends = _padded(texts)
    width = padded.shape[1] - len(MULTIPLIERS)
    sums = np.cumsum(padded[:, :width] * powers(ROOT, width), axis=1)
    back = powers(INVERSE_ROOT, width)
    row, column = np.nonzero((padded[:, :width] == SPACE) & (np.arange(width) < ends[:, None]))
    prefix = sums[row, column]
    rows: list[Ints] = []
    buckets: list[Ints] = []
    for table in plan.words:
        first, last = slice(0, -table.order), slice(table.order, None)
        whole = (row[first] == row[last]) & (column[last] > column[first] + 1)
        hashes = (prefix[last] - prefix[first]) % PRIME * back[column[first]] % PRIME
        rows.append(row[first][whole])
        buckets.append(hashes[whole] % table.modulus + table.offset)
    return _sorted(rows, buckets)


def _padded(texts: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Texts between spaces, with room for the longest n-gram; and how many positions of each are real."""
    lengths = np.array([len(text) for text in texts])
    padded = np.full((len(texts), lengths.max(initial=1) + 2 + len(MULTIPLIERS)), SPACE, dtype=np.int64)
    for line, text in zip(padded, texts, strict=True):
        line[1 : 1 + len(text)] = text
    return padded, lengths + 2


def _sorted(rows: list[Ints], buckets: list[Ints]) -> Found:
    if not rows:
        return Found(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    row = np.concatenate(rows)
    order = np.argsort(row, kind="stable")
    return Found(row[order], np.concatenate(buckets)[order])
