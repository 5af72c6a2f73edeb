"""The step that puts a letter back where a sign hides it: ``id*ot``. Called by ``core.normalise``."""

from __future__ import annotations

import math
import re

from mahlan.core.draft import Change, edits_of
from mahlan.core.lexicon import (
    ARABIC,
    ARABIZI,
    ENGLISH,
    LETTERS,
    commonness,
    inflected_rank,
    is_known,
    is_settled,
    kind_of_latin,
    rank,
)
from mahlan.core.remember import remembered

_PIECE = re.compile(r"\w+")
_MASK = "*#_.?^~\u00d7\u2022\u2605\u2731"
_MASKED = re.compile(rf"(?<![\w@*#'/.])[^\W_]{{1,16}}(?:[{_MASK}](?=[^\W_])[^\W_]{{1,16}}|\*)(?![\w@*/]|[.#]\w)")
_MAYBE_MASKED = re.compile(rf"[{_MASK}](?<=[^\W_].)(?:(?=[^\W_])|(?<=\*))")
EMPHASIS = re.compile(r"(?<![\w*])\*\w")
"""A star before a word: one behind a word of the same text ends what it began."""


def hidden_letters(text: str) -> Change:
    """A sign in place of one letter: ``id*ot``. A star hides any letter but the first, other signs an inner one."""
    if not _MAYBE_MASKED.search(text):
        return None
    latin = kind_of_latin(_PIECE.findall(text))
    emphasis = bool(EMPHASIS.search(text))
    return edits_of(
        _MASKED, text, lambda match: match[0] if emphasis and match[0][-1] == "*" else _unmasked(match[0], latin)
    )


@remembered(16384)
def _unmasked(word: str, latin: str) -> str:
    """The commonest word that fits, or ``word``. Signs that also end sentences must cut through no two words."""
    at = next(place for place, sign in enumerate(word) if sign in _MASK)
    start, end = word[:at], word[at + 1 :]
    star = word[at] == "*"
    if len(word) < (3 if star else 5) or (not star and is_known(start) and is_known(end)):
        return word
    order = (ARABIC,) if not (start + end).isascii() else (ARABIZI, ENGLISH) if latin == ARABIZI else (ENGLISH, ARABIZI)
    best = next(filter(None, (_filled(start, end, kind, star=star) for kind in order)), word)
    if not end and is_settled(start) and _AT_THE_END * (commonness(best) + _FEW) > commonness(start):
        return word  # a note, a correction
    return best


_SHORT_FILLED = 1_000
_FEW = 50
_AT_THE_END = 8
"""How many times commoner a word must be than what is left of it without its last letter and the star there."""


def _filled(start: str, end: str, kind: str, *, star: bool) -> str | None:
    """The commonest word with one letter between ``start`` and ``end``, or, for other signs than a star, with none."""
    letters = LETTERS[kind] if star else ("", *LETTERS[kind])
    guesses = {start + letter + end: math.inf for letter in letters}
    for guess in guesses:
        guesses[guess] = inflected_rank(guess) if star and kind == ARABIC else rank(kind, guess)
    best = min(guesses, key=lambda guess: guesses[guess])
    return best if guesses[best] < (_SHORT_FILLED if len(best) < 4 else math.inf) else None
