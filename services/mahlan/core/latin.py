"""Is a word in Latin letters Arabizi or English? Character n-gram naive Bayes and word lists.

The tables are made by ``training/language_id.py`` and read at first use. Called by ``core.language``, and for the
word lists by ``core.arabizi`` and the steps ``leet`` and ``shape``.
"""

from __future__ import annotations

import re
import zlib
from array import array
from dataclasses import dataclass
from functools import cache

from mahlan.core.remember import remembered
from mahlan.languages import grams, read_bytes, table, words

LEXICON_BONUS = 6.0
"""Log-odds given to a word of the Arabizi list; an English word gets the same the other way."""

_SURE = 12.0
_LONE_ENGLISH = 3.0  # a, i, u, r
IN_DOUBT = 0.9
"""Most a single letter or a word of both languages (men, law, bent) says for either: the other words decide."""

_MEASURE = re.compile(
    r"[0-9]+(?:st|nd|rd|th|s|x|k|m|b|g|h|d|p|am|pm|km|cm|mm|kg|gb|mb|tb|hz|mah|min|sec|hrs?|le|egp|usd|ft|yo|v)"
)


@dataclass(frozen=True, slots=True)
class LatinTable:
    """``odds``: n-gram of ``<word>`` → log-odds of Arabizi against English. ``english``: CRC-32 of common words."""

    odds: dict[str, float]
    english: frozenset[int]
    orders: tuple[int, ...]


@cache
def latin_table() -> LatinTable:
    """The trained table: n-grams as ``languages.grams`` reads them, then the words."""
    odds, rest = grams(read_bytes("latin.bin"), "ascii")
    return LatinTable(odds, frozenset(array("I", rest)), tuple(sorted({len(gram) for gram in odds})))


@remembered(8192)
def is_measure(word: str) -> bool:
    """Whether digits and letters together are a number with a unit or a name: ``2nd``, ``5km``, ``90s``, ``mp3``."""
    return bool(_MEASURE.fullmatch(word)) or word in words("en", "alphanumeric")


def is_english_word(word: str) -> bool:
    """Whether ``word`` (lower case) is one of the common English words of the training rows, or listed."""
    return zlib.crc32(word.encode()) in latin_table().english or word in words("en", "also")


def is_arabizi_word(word: str) -> bool:
    """Whether ``word`` is in the list of ``languages/arabizi.toml``, in one of its spellings."""
    return word in arabizi_words() or skeleton(word) in arabizi_skeletons()


@cache
def arabizi_words() -> dict[str, str]:
    """Spelling → Arabic, for the spellings as listed."""
    found: dict[str, str] = {}
    for line in table("arabizi")["words"].splitlines():
        arabic, colon, row = line.partition(": ")
        if colon and not line.startswith("#"):
            found.update(dict.fromkeys(row.split(), arabic))
    glued: dict[str, str] = table("arabizi")["glued"]
    return glued | found


@cache
def arabizi_skeletons() -> dict[str, str]:
    """``skeleton(spelling)`` → Arabic; the first entry of a skeleton wins. Short ones are left out: they clash."""
    found: dict[str, str] = {}
    listed = arabizi_words()
    keys = skeleton("\n".join(listed)).split("\n")  # all at once: this runs at the start of a command
    for key, arabic in zip(keys, listed.values(), strict=True):
        if len(key) > 3 or (len(key) == 3 and not key.isalpha()):
            found.setdefault(key, arabic)
    return found


@cache
def undigited_words() -> dict[str, tuple[str, ...]]:
    """``undigited(spelling)`` → the Arabic of the listed spellings that come to it, for writers without digits.

    A 9 that stands for ق is left out: without digits that is a k or q, never the s of ص.
    """
    found: dict[str, dict[str, None]] = {}
    listed = arabizi_words()
    keys = undigited("\n".join(listed)).split("\n")  # all at once, like the skeletons
    for key, (spelling, arabic) in zip(keys, listed.items(), strict=True):
        if len(key) > 3 and " " not in arabic and not ("9" in spelling and "ص" not in arabic):
            found.setdefault(key, {})[arabic] = None
    return {key: tuple(arabic) for key, arabic in found.items()}


_SAME = (("kh", "5"), ("gh", "8"), ("ch", "sh"), ("ou", "w"), ("oo", "w"), ("ee", "y"), ("ii", "y"), ("ei", "y"))
_FINAL_H = re.compile(r"(?<=a)h$", re.MULTILINE)
_DOUBLE = re.compile(r"([^\n])\1")


def skeleton(word: str) -> str:
    """The spelling without what writers vary freely: kh/5, gh/8, sh/ch, e/i, o/u, doubled letters, a final h."""
    for written, one in _SAME:
        word = word.replace(written, one)
    word = _DOUBLE.sub(r"\1", word).replace("i", "e").replace("u", "o")
    return _FINAL_H.sub("", word)


_BESIDE_VOWEL = re.compile("3(?=[aeo])|(?<=[aeo])3")
_WITHOUT_DIGITS = str.maketrans({"2": "", "3": "a", "4": "sh", "6": "t", "7": "h", "9": "s", "'": ""})


def undigited(word: str) -> str:
    """The skeleton as one who types no digits spells it: ``3omry`` → ``omry``, ``bey2ol`` → ``beyol``."""
    return _DOUBLE.sub(r"\1", _BESIDE_VOWEL.sub("", skeleton(word)).translate(_WITHOUT_DIGITS))


@remembered(32768)
def arabizi_odds(word: str) -> float:
    """Log-odds that ``word`` (lower case, Latin letters and digits) is Arabizi rather than English."""
    known = latin_table()
    marked = f"<{word[:32]}>"
    total = 0.0
    for order in known.orders:
        for at in range(len(marked) - order + 1):
            total += known.odds.get(marked[at : at + order], 0.0)
    arabizi, english = is_arabizi_word(word), is_english_word(word)
    if arabizi != english:
        total += LEXICON_BONUS if arabizi else -LEXICON_BONUS
    limit = IN_DOUBT if len(word) == 1 or (arabizi and english) else _SURE
    if len(word) == 1 and english:
        limit = _LONE_ENGLISH
    return max(-limit, min(limit, total))
