"""Where letters run together are to be cut into words. Called by ``steps.shape``."""

from __future__ import annotations

import math

from mahlan.core.context import known_cost
from mahlan.core.lexicon import ARABIC, LATIN, words_of_one_letter
from mahlan.core.remember import remembered

_LONGEST = 16
_MOST_LETTERS = 64
_ONE_LETTER = 8.0
_STRANGE, _STRANGE_LETTER = 6.0, 2.75
"""What a word costs that nobody knows, and each of its letters: in nats, as known ones do by how common they are."""


@remembered(4096)
def borders(letters: str) -> tuple[int, ...]:
    """Where to cut letters run together into words (``ifeelsad`` → 1, 5): the likeliest cut, or none.

    One that nobody knows stays whole, unless what stands before or behind it is common enough.
    """
    size = len(letters)
    if size > _MOST_LETTERS:
        return ()
    costs = [0.0] + [math.inf] * size
    starts = [0] * (size + 1)
    for end in range(1, size + 1):
        for start in range(max(0, end - _LONGEST), end):
            cost = costs[start] + _cost(letters[start:end])
            if cost < costs[end]:
                costs[end], starts[end] = cost, start
    if costs[size] >= _cost(letters):
        return ()
    found = [starts[size]]
    while found[-1]:
        found.append(starts[found[-1]])
    return tuple(found[-2::-1])


def _cost(word: str) -> float:
    if len(word) == 1:
        known = (words_of_one_letter(kind) for kind in (LATIN if word.isascii() else (ARABIC,)))
        return _ONE_LETTER if any(word in letters for letters in known) else math.inf
    return min(known_cost(word), _STRANGE + _STRANGE_LETTER * len(word))
