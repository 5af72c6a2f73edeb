"""Is a word in Arabic letters Egyptian Arabic or other Arabic? Marker words, forms of words, and runs of letters.

Markers and forms are in ``languages/arz.toml`` and ``languages/ar.toml``, written by hand. The runs of letters are
trained (``training/dialect.py`` makes ``languages/dialect.bin``) and speak for words that no list has. All are read at
first use. Called by ``core.language``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from mahlan.core.remember import remembered
from mahlan.languages import grams, read_bytes, table

EGYPTIAN = 1.0
"""From this score up a text is Egyptian."""

LETTERS = "iso-8859-6"
"""How ``dialect.bin`` spells: one byte a letter."""

ORDERS = (3, 4)
MOST = 1.0
"""The most that the letters of one word say for or against Egyptian, as much as a weak marker."""

_LONGEST = 24
"""Nobody inflects a word of more letters; nothing is looked for in one."""

_HINTS = {"arz": 2.0, "ar": -2.0}
"""What a platform's hint says: enough to outweigh letters, too little to outweigh words."""

_SIGNS = (("arz", 1.0), ("ar", -1.0))


@cache
def markers() -> dict[str, float]:
    """Folded word → how strongly it speaks for Egyptian, negative: against. 0 for what only looks like a form."""
    weights: dict[str, float] = {}
    for name, sign in _SIGNS:
        for strength, row in table(name)["markers"].items():
            weights.update((word, sign * float(strength)) for word in row.split())
    return weights


@cache
def _forms() -> tuple[tuple[re.Pattern[str], float], ...]:
    return tuple(
        (re.compile(form["pattern"]), sign * form["weight"]) for name, sign in _SIGNS for form in table(name)["forms"]
    )


@cache
def letter_odds() -> Mapping[str, float]:
    """The trained table: run of letters of ``<word>`` → what it says for Egyptian, in the unit of the markers."""
    return grams(read_bytes("dialect.bin"), LETTERS)[0]


def egyptian_score(words: Sequence[str], hint: str | None = None) -> float:
    """The sum of what each word says for or against Egyptian (from ``EGYPTIAN`` up it is); a hint is a word more."""
    return sum(map(_weight, words)) + _HINTS.get(hint or "", 0.0)


@remembered(32768)
def _weight(word: str) -> float:
    return marked_weight(word) + letters_weight(word, letter_odds())


def marked_weight(word: str) -> float:
    """What a folded word says for Egyptian by the lists: as a marker, else by the forms it has."""
    weight = markers().get(word)
    if weight is not None or len(word) > _LONGEST:
        return weight or 0.0
    return sum(strength for form, strength in _forms() if form.fullmatch(word))


def letters_weight(word: str, odds: Mapping[str, float]) -> float:
    """What the letters of a folded word say for Egyptian, at most ``MOST``; of a marker nothing, it speaks itself."""
    if len(word) > _LONGEST or word in markers():
        return 0.0
    total = sum(filter(None, map(odds.get, runs(word))))
    return max(-MOST, min(MOST, total))


def runs(word: str) -> list[str]:
    """The runs of 3 and 4 letters of ``<word>``, its edges included."""
    marked = f"<{word}>"
    return [marked[at : at + order] for order in ORDERS for at in range(len(marked) - order + 1)]
