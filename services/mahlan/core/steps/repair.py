"""Steps that undo what hides a word from a filter and not from a reader: ``id*ot``, ``id iot``, ``idoit``, ``idot``.

Only a word that nobody knows is touched, and only where one common word stands out that it can be. Common in which
language, the words around it say. Called by ``core.normalise`` after every other step about words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from mahlan.core.draft import Change, Edit, edits_of
from mahlan.core.lexicon import (
    ARABIC,
    ARABIZI,
    ENGLISH,
    commonness,
    inflected_rank,
    is_known,
    is_settled,
    kind_of_latin,
    lexicon,
    put_back,
    rank,
    ranks,
    stems,
    words_of_one_letter,
)
from mahlan.core.remember import remembered
from mahlan.languages import words

_LONGEST = 24
"""Letters of a word that is looked at: guessing takes a thousand guesses a letter, each as long as the word."""
_PIECE = re.compile(r"\w+")
BEFORE, BEHIND = r"(?<![\w@'*&/\\.])", r"(?![\w@*/\\]|\.\w|'[^smtdrvl])"
"""Around a word that may be changed: no part of an address, a handle or a word with an apostrophe."""
_WORD = re.compile(rf"{BEFORE}[^\W_]{{3,{_LONGEST}}}{BEHIND}")
_RUN = re.compile(r"(?<![\w@'*&/\\.\-])[^\W_]{1,20}(?: [^\W_]{1,20})++(?![\w@'*/\\\-]|\.\w|\.\.\w)")

_CLEARLY = 2.5
_HEAD = 50
"""How many times commoner the best guess must be than the next, both ranks taken from ``_HEAD`` words on."""

# The rarest word a guess may be, by what was done to it and the letters that are left.
_DOUBLED, _SWAPPED, _DROPPED = "doubled", "swapped", "dropped"
_LIMITS: dict[tuple[str, str], tuple[tuple[int, int], ...]] = {
    (ENGLISH, _DOUBLED): ((4, 14_000),),
    (ENGLISH, _SWAPPED): ((5, 14_000), (4, 6_000), (3, 1_200)),
    (ENGLISH, _DROPPED): ((6, 14_000), (5, 9_000), (4, 2_500), (3, 250)),
    (ARABIC, _DOUBLED): ((5, 24_000), (4, 15_000)),
    (ARABIC, _SWAPPED): ((6, 14_000), (5, 9_000)),
    (ARABIC, _DROPPED): ((7, 14_000), (6, 5_000)),
    (ARABIZI, _DOUBLED): (),  # long vowels and doubled consonants are how it is spelt
    (ARABIZI, _SWAPPED): ((6, 14_000),),
    (ARABIZI, _DROPPED): (),
}


def disguised_words(text: str) -> Change:
    """Words cut in two joined, and unknown words with a letter doubled, swapped or left out as the word they hide."""
    pieces = _PIECE.findall(text)
    odd = [at for at, piece in enumerate(pieces) if len(piece) <= _LONGEST and _is_odd(piece)]
    if not odd:
        return None
    kind = kind_of_latin(pieces) if any(pieces[at].isascii() for at in odd) else ""
    joins = _joins(text, kind) if any(_is_half(pieces, at, kind) for at in odd) else []
    if joins or all(_guess(pieces[at], kind) == pieces[at] for at in odd):
        return joins or None
    return edits_of(_WORD, text, lambda match: _guess(match[0], kind))


@remembered(32768)
def _is_odd(word: str) -> bool:
    """Whether there may be something to do: an unknown word, or one that is known only as a form of another."""
    return not is_known(word) or _is_weak(word)


def _is_half(pieces: Sequence[str], at: int, latin: str) -> bool:
    """Whether the piece and one beside it are the halves of one word."""
    beside = pairwise(pieces[max(at - 1, 0) : at + 2])
    return any(_is_cut(one, other, latin) for one, other in beside if max(len(one), len(other)) <= _LONGEST)


def _guess(word: str, latin: str) -> str:
    """The word that ``word`` hides, or ``word`` itself."""
    kind = latin if word.isascii() else ARABIC
    return best_guess(word, kind) if kind and (kind == ARABIC or not is_known(word)) else word


@remembered(16384)
def best_guess(word: str, kind: str) -> str:
    """The commonest word of ``kind`` that becomes ``word`` by one slip; ``word`` where none clearly is.

    A letter left out is thought of only where no letter doubled and no two swapped explain the word. What is itself a
    form of a common word (``is_known``, not ``is_settled``) can only have a letter doubled.
    """
    if is_settled(word):
        return word
    letters = len(word) - 2 * (kind == ARABIC and word[:3].find("ال") >= 0)  # without the article
    found = _common(_undoubled(word), kind, _limit(kind, _DOUBLED, letters), 1)
    if not is_known(word):
        found |= _common(unswapped(word), kind, _limit(kind, _SWAPPED, letters), 2)
        if not found:
            found = _common(put_back(word, kind, lexicon().ranks[kind]), kind, _limit(kind, _DROPPED, letters), 1)
    elif any(map(_holds_twice, stems(word))):
        return word
    if not found:
        return word
    first, *others = sorted(found, key=lambda guess: found[guess])
    return first if not others or found[others[0]] >= _CLEARLY * found[first] else word


def _limit(kind: str, slip: str, letters: int) -> int:
    return next((limit for least, limit in _LIMITS[kind, slip] if letters >= least), 0)


def _common(guesses: Iterable[str], kind: str, limit: int, weight: int) -> dict[str, int]:
    """Those of ``guesses`` that are among the ``limit`` commonest words, with how rare they are, weighed."""
    places = ranks(kind, guesses) if limit else {}
    return {guess: (place + _HEAD) * weight for guess, place in places.items() if place < limit}


_ENDINGS = re.compile("كك$|هه$|نن$|يي$|ننا$|يين$")
"""Pronouns and plurals behind their own letter: "grabs you", "our religion", "illiterates"."""
_COMMON_STEM = 6_000


def _holds_twice(stem: str) -> bool:
    """Whether an Arabic stem really has a letter twice (``ممتع``, "pleasant")."""
    twice = any(first == second for first, second in pairwise(stem))
    return twice and (rank(ARABIC, stem) < _COMMON_STEM or stem in words("doubles", "words"))


def _undoubled(word: str) -> list[str]:
    """Every doubled letter once, but for an ending behind its own letter."""
    ending = _ENDINGS.search(word)
    last = ending.start() if ending else len(word) - 1
    return [
        word[:at] + word[at + 1 :]
        for at in range(1, last)
        if word[at] == word[at + 1] and not (word[: at + 1] in _BEFORE and len(word) - at > 3)
    ]


_BEFORE = frozenset(("لا", "ما", "يا", "ال"))
"""No, not, oh and the: what comes behind them may begin with their own last letter ("there is no god")."""


def unswapped(word: str) -> list[str]:
    """Every two neighbours behind the first letter in the other order."""
    places = (at for at in range(1, len(word) - 1) if word[at] != word[at + 1])
    return [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places]


def _joins(text: str, latin: str) -> list[Edit]:
    """The spaces that cut a common word in two, at least one half of which is no word."""
    found: list[Edit] = []
    for run in _RUN.finditer(text):
        at = run.start()
        before = ""
        pieces = run[0].split(" ")
        for half, following in zip(pieces, [*pieces[1:], ""], strict=True):
            if before and _is_cut(before, half, latin) and not _goes_on(before, half, following, latin):
                found.append((at - 1, at, ""))
                before += half
            else:
                before = half
            at += len(half) + 1
    return found


def _goes_on(before: str, half: str, following: str, latin: str) -> bool:
    """Whether ``half`` belongs to what follows rather than to a word before that stands by itself."""
    return stands(before, latin) and not stands(following, latin) and _is_cut(half, following, latin)


_WHOLE = {3: 150, 4: 3_000, 5: 8_000}


@remembered(16384)
def _is_cut(before: str, after: str, latin: str) -> bool:
    """Whether two pieces are the halves of one word."""
    known = stands(before, latin), stands(after, latin)
    whole = before + after
    if (
        (all(known) and not (_is_weak(before) and _is_weak(after)))
        or len(set(whole)) < 3
        or before.isascii() != after.isascii()
    ):
        return False
    if len(after) == 1 and is_settled(before) and commonness(whole) >= commonness(before):
        return False  # an initial, a plural's s typed apart
    limit = _WHOLE.get(len(whole), math.inf)
    if whole.isascii():
        if not latin:
            return False  # it may be French
        return _latin_rank(whole, before, after, latin) < limit
    return len(whole) > 3 and (rank(ARABIC, whole) if any(known) else inflected_rank(whole)) < limit


def _latin_rank(whole: str, before: str, after: str, latin: str) -> float:
    """How common the whole is; an Arabizi article or particle (``el``, ``ya``) stays a word of its own.

    Among English words only an English one: ``w ella`` ("or else") has its one letter from Arabizi.
    """
    if latin == ENGLISH:
        return rank(ENGLISH, whole)
    short = words("doubles", "short")
    arabizi = math.inf if before in short or after in short else rank(ARABIZI, whole)
    return min(rank(ENGLISH, whole), arabizi)


def _is_weak(piece: str) -> bool:
    """Whether an Arabic piece is known only as a form of another word."""
    return not piece.isascii() and len(piece) > 3 and not is_settled(piece)


def stands(piece: str, latin: str) -> bool:
    """Whether a piece is a word of its own; of single letters English has only a few, Arabizi more."""
    return piece in words_of_one_letter(latin) if len(piece) == 1 and latin and piece.isascii() else is_known(piece)
