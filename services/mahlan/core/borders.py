"""Where letters run together are to be cut into words. Called by ``steps.shape``."""

from __future__ import annotations

import math

from mahlan.core.lexicon import ARABIC, LATIN, commonness, is_known, words_of_one_letter
from mahlan.core.remember import remembered

_LONGEST = 16
_MOST_LETTERS = 48
_ONE_LETTER = 4.0
_STRANGE, _STRANGE_LETTER = 8.0, 1.0


@remembered(4096)
def borders(letters: str) -> tuple[int, ...]:
    """Where to cut letters run together into words (``ifeelsad`` → 1, 5): the likeliest cut, or none.

    Each word costs the logarithm of its rank; what is no word is cheaper left whole than cut into rare ones.
    """
    size = len(letters)
    if size > _MOST_LETTERS:
        return ()
    costs = [0.0] + [math.inf] * size
    starts = [0] * (size + 1)
    for end in range(1, size + 1):
        for start in range(max(0, end - _LONGEST), end):
            cost = costs[start] + _word_cost(letters[start:end])
            if cost < costs[end]:
                costs[end], starts[end] = cost, start
    if costs[size] >= _STRANGE + _STRANGE_LETTER * size:
        return ()
    found = [starts[size]]
    while found[-1]:
        found.append(starts[found[-1]])
    return tuple(found[-2::-1])


def _word_cost(word: str) -> float:
    if len(word) == 1:
        known = (words_of_one_letter(kind) for kind in (LATIN if word.isascii() else (ARABIC,)))
        return _ONE_LETTER if any(word in letters for letters in known) else math.inf
    place = commonness(word)
    return math.log(place + 20) if place < math.inf and is_known(word) else math.inf
