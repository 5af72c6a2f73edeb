"""How likely a word is in Egyptian Arabic: by a list of common words, else by how its letters follow one another.

Called by ``core.spelling`` to rank spellings, and by ``steps.shape``. The tables are made by
``training/arabizi/tables.py`` and read at first use. They are not ``core.lexicon``'s: that one asks whether anybody
writes a word, and so holds other words in another order. Costs are in nats: minus the logarithm of a probability.
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Iterable
from functools import cache, lru_cache

from mahlan.languages import costs, read_bytes

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويء"
ORDER = 5
"""Letters an n-gram spans: four before and the one it judges."""

STEPS_A_NAT = 16
END = 1
START = END << 15 | END << 10 | END << 5 | END
"""The context before a word's first letter."""

_MASKS = tuple((1 << 5 * size) - 1 for size in range(ORDER))
_CODES = {letter: code for code, letter in enumerate(LETTERS, 2)}
_ZIPF = 2.4
_NO_LETTER = 8.0
CHEAPEST = math.log(20) + _ZIPF
"""The cost of the commonest word."""


@cache
def _ranks() -> dict[int, int]:
    """CRC-32 of common words (folded) → rank, commonest first."""
    return {code: rank for rank, code in enumerate(array("I", read_bytes("egyptian_words.bin")))}


@cache
def _grams() -> dict[int, int]:
    """``key`` → cost in sixteenths of a nat."""
    return costs("egyptian_grams.bin")


def code_of(letter: str) -> int:
    """The number of a folded Arabic letter, 0 for anything else."""
    return _CODES.get(letter, 0)


def key(size: int, context: int, code: int) -> int:
    """Where the tables keep a letter's cost behind the last ``size`` letters of a word, 5 bits each.

    ``code`` 0: what it costs that none of the letters kept with this context follows.
    """
    return size << 25 | context << 5 | code


@lru_cache(maxsize=65536)
def letter_cost(behind: int, code: int) -> float:
    """Cost of a letter, or of ``END``, behind the four letters (or ends) of ``behind``."""
    known, total = _grams(), 0
    for size in range(ORDER - 1 if code else -1, -1, -1):
        context = behind & _MASKS[size]
        found = known.get(key(size, context, code))
        if found is not None:
            return (total + found) / STEPS_A_NAT
        total += known.get(key(size, context, 0), 0)
    return _NO_LETTER


def advance(behind: int, code: int) -> int:
    """The four letters behind the next one, when ``code`` follows ``behind``."""
    return (behind << 5 | code) & _MASKS[-1]


def stems(word: str, prefixes: Iterable[str], suffixes: Iterable[str]) -> list[str]:
    """``word`` itself and each rest of three letters or more without one of these prefixes, suffixes, or both."""
    starts = [0] + [len(prefix) for prefix in prefixes if word.startswith(prefix)]
    ends = [len(word)] + [len(word) - len(suffix) for suffix in suffixes if word.endswith(suffix)]
    return [word[start:end] for start in starts for end in ends if end - start > 2]


def common() -> Iterable[tuple[int, float]]:
    """CRC-32 and cost of every common word."""
    return ((code, rank_cost(rank)) for code, rank in _ranks().items())


def word_cost(word: str) -> float:
    """Cost of a common word by its rank (Zipf's law), infinity for any other."""
    rank = _ranks().get(zlib.crc32(word.encode()))
    return math.inf if rank is None else rank_cost(rank)


def rank_cost(rank: float) -> float:
    """The cost of the word with this rank, 0 the commonest, in any list of common words."""
    return math.log(rank + 20) + _ZIPF
