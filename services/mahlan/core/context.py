"""How likely a word is where it stands: how common it is, and what stands before it.

Costs are in nats: minus the logarithm of a probability. How common a word is says ``core.lexicon``; which pairs of
words people write says ``languages/context.bin``, made by ``training/context.py`` and read at first use. It holds
hashes and costs only: of each pair that is likelier than its words alone would be, and of each word that such a pair
begins with what it costs that another word follows (a back-off model, Katz 1987). Called by ``steps.mistyped`` and
``borders``.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Container, Iterable
from functools import cache

from mahlan.core import arabic
from mahlan.core.arabic import STEPS_A_NAT, rank_cost
from mahlan.core.lexicon import ARABIC, ARABIZI, ENGLISH, inflected_rank, is_settled, lexicon, rank, ranks
from mahlan.core.remember import remembered
from mahlan.languages import costs

BORDER = "."
"""Stands before the first word, behind the last and for every sign between two."""

UNKNOWN = 15.0
"""The cost of a word that nobody knows."""

_BORDER_COST = 2.0
_FORM, _EGYPTIAN = 1.0, 0.5
_SURE_STEM = 4
_ELSEWHERE = 2_000
_KEPT = 30_000


@cache
def _costs() -> dict[int, int]:
    """``key`` → cost in sixteenths of a nat."""
    return costs("context.bin")


def key(before: str, word: str) -> int:
    """Where the table keeps the cost of ``word`` behind ``before``; ``word`` empty: that of any other word there."""
    return zlib.crc32(f"{before} {word}".encode())


def follow_cost(before: str, word: str) -> float:
    """What it costs that ``word`` follows ``before``."""
    known = _costs()
    found = known.get(key(before, word))
    if found is not None:
        return found / STEPS_A_NAT
    return word_cost(word) + known.get(key(before, ""), 0) / STEPS_A_NAT


@remembered(65536)
def word_cost(word: str) -> float:
    """What a word (folded, lower case) costs wherever it stands, by Zipf's law; ``UNKNOWN`` at most."""
    if word == BORDER:
        return _BORDER_COST
    if not word.isalnum():
        return UNKNOWN
    found = known_cost(word)
    if found < math.inf:
        return found
    return rank_cost(_KEPT) if is_settled(word) else UNKNOWN


def known_cost(word: str) -> float:
    """What a common word or a form of one costs, infinity for any other."""
    if word.isascii():
        return rank_cost(min(rank(ENGLISH, word), rank(ARABIZI, word) + _ELSEWHERE))
    return min(rank_cost(inflected_rank(word)) + _FORM, *common_costs((word,), ARABIC).values(), math.inf)


def common_costs(words: Iterable[str], kind: str) -> dict[str, float]:
    """What words cost, of those that are common ones of ``kind``."""
    if kind != ARABIC:
        return {word: rank_cost(place) for word, place in ranks(kind, words).items()}
    known, found = _arabic_costs(), {}
    for word in words:
        cost = known.get(zlib.crc32(word.encode()))
        if cost is not None:
            found[word] = cost / STEPS_A_NAT
    return found


def form_costs(words: Iterable[str]) -> dict[str, float]:
    """What Arabic words cost, of those that are forms of a common one: of shorter ones nearly everything is a form."""
    places = {word: inflected_rank(word, _SURE_STEM) for word in words}
    return {word: rank_cost(place) + _FORM for word, place in places.items() if place < math.inf}


def common_words(kind: str) -> Container[int]:
    """The CRC-32s of the common words of ``kind``, and now and then of another word."""
    return _arabic_costs() if kind == ARABIC else lexicon().ranks[kind]


@cache
def _arabic_costs() -> dict[int, int]:
    """CRC-32 of the words of both lists → the lower cost, in sixteenths of a nat."""
    lower = {code: round((cost + _EGYPTIAN) * STEPS_A_NAT) for code, cost in arabic.common()}
    for code, place in lexicon().ranks[ARABIC].items():
        cost = round(rank_cost(place >> 8) * STEPS_A_NAT)
        lower[code] = min(cost, lower.get(code, cost))
    return lower
