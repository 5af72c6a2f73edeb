"""What a word may be mistyped for, each guess with its price. Called by ``steps.mistyped``.

A price is minus the logarithm of how often that happens to a word in a comment full of slips, in nats, roughly: what
matters is one beside the other. All guesses are common words (``core.lexicon``, ``core.arabic``).
"""

from __future__ import annotations

import heapq

from mahlan.core.context import common_costs, common_words, form_costs
from mahlan.core.latin import is_measure
from mahlan.core.lexicon import ARABIC, ARABIZI, LETTERS, is_known, put_back
from mahlan.core.remember import remembered
from mahlan.core.steps import leet, repair

Guess = tuple[str, float]
"""A word and the price of its slip."""

MASK = "*"
"""A star for a letter. Other signs end sentences, too; ``steps.hidden`` weighs these."""

_MASKED, _DIGIT, _DOUBLED, _SWAPPED, _DROPPED, _CUT = 0.0, 1.0, 1.0, 2.0, 2.5, 3.0
_KNOWN = 1.0
"""Dearer by so much is a slip that makes another word."""
_MOST = 6
"""Guesses for one word, the likeliest."""


@remembered(32768)
def guesses(word: str, kind: str) -> tuple[Guess, ...]:
    """The common words of ``kind`` that become ``word`` by one slip. With a star in it those that fit."""
    if len(word) > 1 and len(set(word)) == 1:
        return ()  # laughter (``هه``) is short of no word
    prices = _prices(word, kind)
    costs = common_costs(prices, kind)
    if kind == ARABIC:
        costs |= form_costs(guess for guess, price in prices.items() if price < _DROPPED and guess not in costs)
    best = heapq.nsmallest(_MOST, costs, key=lambda guess: (costs[guess] + prices[guess], guess))
    return tuple((guess, prices[guess]) for guess in best)


@remembered(32768)
def joined(before: str, after: str, kind: str) -> Guess | None:
    """Two pieces with a space between them as one common word. Particles (و, "and") keep to themselves."""
    whole = before + after
    if not common_costs((whole,), kind):
        return None
    if not (repair.stands(before, kind) and repair.stands(after, kind)):
        return whole, _CUT
    return (whole, _CUT + 2 * _KNOWN) if len(before) > 1 else None


def _prices(word: str, kind: str) -> dict[str, float]:
    """Every guess, a word or not, with its price."""
    if MASK in word:
        start, _, end = word.partition(MASK)
        return dict.fromkeys((start + letter + end for letter in LETTERS[kind]), _MASKED)
    more = _KNOWN if is_known(word) else 0.0
    if not word.isalpha():
        numbers = word.isdigit() or not word.isascii() or is_measure(word)
        read = () if numbers else leet.readings(word, among_arabizi=kind == ARABIZI)
        return dict.fromkeys(read, _DIGIT + more)
    undoubled = (word[:at] + word[at + 1 :] for at in range(1, len(word) - 1) if word[at] == word[at + 1])
    return {
        **dict.fromkeys(put_back(word, kind, common_words(kind)), _DROPPED + more),
        **dict.fromkeys(repair.unswapped(word), _SWAPPED + more),
        **dict.fromkeys(undoubled, _DOUBLED + more),
    }
