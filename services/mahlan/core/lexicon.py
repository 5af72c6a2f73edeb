"""Which words are common, so that a disguised one can be told from a rare one. Called by ``steps.repair`` and others.

The table ``languages/words.bin`` is made by ``training/lexicon.py``: hashes of the common words of each kind, commonest
first, and of rarer words that must be left alone although they look like a common one mistyped. Which word an Egyptian
meant is another question, with a table of its own (``core.arabic``).
"""

from __future__ import annotations

import json
import math
import re
import zlib
from array import array
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache

from mahlan.core import arabic
from mahlan.core.latin import is_arabizi_word, is_english_word, is_measure
from mahlan.core.remember import remembered
from mahlan.languages import read_bytes, table, words

ARABIC = "arabic"
ENGLISH = "english"
ARABIZI = "arabizi"
KINDS = (ARABIC, ENGLISH, ARABIZI)
LATIN = (ENGLISH, ARABIZI)

LETTERS = {
    ARABIC: arabic.LETTERS,
    ENGLISH: "abcdefghijklmnopqrstuvwxyz",
    ARABIZI: "abcdefghijklmnopqrstuvwxyz2356789",
}
"""The letters a word of each kind is written with, after folding."""

_PLACEHOLDERS = frozenset({"user", "url", "email", "num"})
_INFLECTED = 12_000
"""Added to the rank of a stem for an inflected word that is not in the table itself."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``ranks``: for each kind, CRC-32 of a word → 256 times its rank (0 the commonest) and its ``check`` byte.

    ``kept``: CRC-32 of words left alone.
    """

    ranks: dict[str, dict[int, int]]
    kept: frozenset[int]


@cache
def lexicon() -> Lexicon:
    """The table: a JSON line with how many words of each kind there are, their check bytes, and the CRC-32 of all."""
    head, _, body = read_bytes("words.bin").partition(b"\n")
    counts: dict[str, int] = json.loads(head)
    size = sum(counts.values())
    checks, codes = body[:size], array("I", body[size:])
    ranks: dict[str, dict[int, int]] = {}
    at = 0
    for kind in KINDS:
        end = at + counts[kind]
        places = map(int.__add__, range(0, counts[kind] << 8, 256), checks[at:end])
        ranks[kind] = dict(zip(codes[at:end], places, strict=True))
        at = end
    return Lexicon(ranks, frozenset(codes[at:]))


def check(word: bytes) -> int:
    """A second hash, one byte: hundreds of guesses are looked up for one word, too many for CRC-32 alone."""
    return zlib.adler32(word) * 31 >> 7 & 0xFF


def rank(kind: str, word: str) -> float:
    """How common ``word`` (folded, lower case) is among the words of its kind: 0 is the commonest, infinity unknown."""
    code = word.encode()
    place = lexicon().ranks[kind].get(zlib.crc32(code))
    return place >> 8 if place is not None and place & 0xFF == check(code) else math.inf


def ranks(kind: str, guesses: Iterable[str]) -> dict[str, int]:
    """``rank`` of many words at once, for those that are in the table."""
    known = lexicon().ranks[kind]
    found: dict[str, int] = {}
    for guess in guesses:
        code = guess.encode()
        place = known.get(zlib.crc32(code))
        if place is not None and place & 0xFF == check(code):
            found[guess] = place >> 8
    return found


@cache
def _letters(kind: str) -> tuple[tuple[str, bytes], ...]:
    """A hamza alone is left out by habit, not by a slip."""
    return tuple((letter, letter.encode()) for letter in LETTERS[kind].rstrip("ء"))


def put_back(word: str, kind: str, known: Container[int]) -> list[str]:
    """``word`` with a letter more at any place inside, where its CRC-32 is among ``known``.

    Two hundred guesses a word, most of them none: the CRC of what stands before the letter is worked out once.
    """
    found: list[str] = []
    for at in range(1, len(word)):
        before, end = zlib.crc32(word[:at].encode()), word[at:].encode()
        found += [
            word[:at] + letter + word[at:] for letter, code in _letters(kind) if zlib.crc32(code + end, before) in known
        ]
    return found


def inflected_rank(word: str, letters: int = 3) -> float:
    """``rank`` of an Arabic word, or that of its commonest stem of so many ``letters`` or more and ``_INFLECTED``."""
    of_stems = (rank(ARABIC, stem) for stem in stems(word) if len(stem) >= letters)
    return min(rank(ARABIC, word), _INFLECTED + min(of_stems, default=math.inf))


def stems(word: str) -> list[str]:
    """An Arabic word without the affixes it may have: itself, and each rest of three letters or more."""
    return arabic.stems(word, _affixes(ARABIC, "prefixes"), _affixes(ARABIC, "suffixes"))


@cache
def _affixes(kind: str, side: str) -> tuple[str, ...]:
    return tuple(table("affixes")[kind][side].split())


def is_listed(word: str) -> bool:
    """Whether ``word`` is common or in a list as it stands, whatever language it is of."""
    if not word.isascii():
        return rank(ARABIC, word) < math.inf
    common = min(rank(ENGLISH, word), rank(ARABIZI, word)) < math.inf
    return common or is_english_word(word) or is_arabizi_word(word)


@remembered(32768)
def is_known(word: str) -> bool:
    """Whether ``word`` (folded, lower case) is a word as it stands: common, kept, listed or an inflected form of one.

    What is not letters of Arabic or Latin, with the digits of Arabizi, counts as known: nothing is to be made of it.
    """
    if is_settled(word):
        return True
    if len(word) < 4:
        return False
    if not word.isascii():
        return inflected_rank(word) < math.inf
    endings = (ending for ending in _affixes(ENGLISH, "suffixes") if word.endswith(ending))
    return any(rank(ENGLISH, word[: -len(ending)]) < math.inf for ending in endings if len(word) - len(ending) > 2)


def is_settled(word: str) -> bool:
    """``is_known`` without the inflected forms."""
    if len(word) > 3:
        code, known = zlib.crc32(word.encode()), lexicon()
        if any(code in known.ranks[kind] for kind in (LATIN if word.isascii() else (ARABIC,))) or code in known.kept:
            return True
    if word in _PLACEHOLDERS or not _is_spelled(word):
        return True
    if len(word) < 4:
        return _is_short_word(word) or zlib.crc32(word.encode()) in lexicon().kept
    return word.isascii() and (is_english_word(word) or is_arabizi_word(word))


def _is_spelled(word: str) -> bool:
    """Whether letters can be wrong or missing in ``word``: all Arabic, all Latin, or Arabizi with its digits."""
    if word.isalpha():
        return word.isascii() or _is_arabic(word)
    return (
        len(word) > 3 and word.isascii() and word.isalnum() and not _OTHER_DIGIT.search(word) and not is_measure(word)
    )


def kind_of_latin(pieces: Iterable[str]) -> str:
    """What Latin letters spell in a text: ``ENGLISH``, ``ARABIZI``, or nothing where it may be a third language.

    Counted in words that are known, so that undoing a disguise never changes the answer.
    """
    kinds = [_kind_of(piece) for piece in pieces if piece.isascii() and not piece.isdigit()]
    english, arabizi = kinds.count(ENGLISH), kinds.count(ARABIZI)
    if arabizi > english:
        return ARABIZI
    return ENGLISH if 3 * english >= len(kinds) or len(kinds) == 1 else ""


@remembered(32768)
def _kind_of(word: str) -> str:
    return ENGLISH if is_english_word(word) else ARABIZI if is_arabizi_word(word) else ""


def commonness(word: str) -> float:
    """The best rank of ``word`` among all kinds; an inflected Arabic word comes after those in the table."""
    return min(rank(ENGLISH, word), rank(ARABIZI, word)) if word.isascii() else inflected_rank(word)


def _is_arabic(word: str) -> bool:
    return all("\u0621" <= letter <= "\u064a" for letter in word)


_SHORT_ARABIC = {2: 1_500, 3: 10_000}
_SHORT_ENGLISH = 8_000
_OTHER_DIGIT = re.compile(r"[014]|^[0-9]+$")


def _is_short_word(word: str) -> bool:
    """One to three letters: nearly everything has been written once, so only what is common is a word."""
    if len(word) == 1:
        return word in words_of_one_letter(ENGLISH if word.isascii() else ARABIC)
    if word in words("doubles", "short"):
        return True
    if not word.isascii():
        return rank(ARABIC, word) < _SHORT_ARABIC[len(word)]
    listed = is_english_word(word) or is_arabizi_word(word)
    return listed or (len(word) == 3 and min(rank(ENGLISH, word), rank(ARABIZI, word)) < _SHORT_ENGLISH)


@cache
def words_of_one_letter(kind: str) -> frozenset[str]:
    """Letters that writers of a kind use as words of their own."""
    letters: str = table("affixes")["letters"][kind]
    return frozenset(letters.split())
