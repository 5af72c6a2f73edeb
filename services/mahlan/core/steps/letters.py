"""Steps about letters: Arabic folding, lower case, look-alikes, accents. Each replaces one letter by one letter.

Called by ``core.normalise`` after the steps about characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from mahlan.core.draft import Change
from mahlan.languages import table

# أ إ آ ٱ (alef with hamza, madda, wasla) → ا; ى (alef maqsura), ئ and Persian ی → ي; ة (ta marbuta) → ه; ؤ → و;
# Persian and Urdu keyboards' ک ڪ → ك, ھ ہ ە ۀ ۃ → ه. The letters پ چ ڤ گ stand for other sounds and stay.
ARABIC_FOLD = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ٲ": "ا", "ٳ": "ا",
    "ى": "ي", "ئ": "ي", "ی": "ي", "ې": "ي", "ۍ": "ي", "ے": "ي", "ۓ": "ي",
    "ة": "ه", "ھ": "ه", "ہ": "ه", "ە": "ه", "ۀ": "ه", "ۂ": "ه", "ۃ": "ه",
    "ؤ": "و", "ۆ": "و", "ک": "ك", "ڪ": "ك", "ں": "ن",
}  # fmt: skip
_FOLDABLE = re.compile("[" + "".join(ARABIC_FOLD) + "]")
_COMMON = (("أ", "ا"), ("ة", "ه"), ("ى", "ي"), ("إ", "ا"), ("ئ", "ي"), ("آ", "ا"), ("ؤ", "و"))

_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f\u0531-\u058f\u1d00-\u1d2b\ua640-\ua69d]")
_MIXED_WORD = re.compile(r"[^\W\d_]+(?:[\d_]+[^\W\d_]+)*")
_MAYBE_CAPITAL = re.compile(
    "[A-Z\u00c0-\u0560\u10a0-\u2188\u24b6-\u24cf\u2c00-\u2dff\ua640-\uabff\uff21-\uff3a\U00010000-\U0001efff]"
)
_LATIN = re.compile("[a-zA-Z]")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")


def arabic_letters(text: str) -> Change:
    """Fold the spellings of alef, ya, ta marbuta and hamza carriers that writers use for one another."""
    if text.isascii() or not _FOLDABLE.search(text):
        return None
    for written, folded in _COMMON:
        if written in text:
            text = text.replace(written, folded)
    if _FOLDABLE.search(text):
        text = _FOLDABLE.sub(lambda match: ARABIC_FOLD[match[0]], text)
    return text


def lower_case(text: str) -> Change:
    """Lower case, one letter for one letter (``İ`` is the only one that would grow: it becomes ``i``)."""
    if not _MAYBE_CAPITAL.search(text):
        return None
    lowered = text.replace("\u0130", "i").lower()
    return None if lowered == text else lowered


def look_alikes(text: str) -> Change:
    """Cyrillic and Greek letters that look Latin, inside a word that also has Latin letters (``іdiоt``).

    Whole Cyrillic or Greek words stay, and Arabic is never touched. Source: Unicode ``confusables.txt``, by hand.
    """
    if text.isascii() or not _FOREIGN.search(text):
        return None
    changed = _MIXED_WORD.sub(lambda match: _as_latin(match[0]), text)
    return None if changed == text else changed


def _as_latin(word: str) -> str:
    if not _LATIN.search(word) or not _FOREIGN.search(word):
        return word
    twins = _twins()
    return "".join(twins.get(letter, letter) for letter in word)


@cache
def _twins() -> dict[str, str]:
    return {foreign: latin for latin, row in table("lookalikes")["latin"].items() for foreign in row}


def accents(text: str) -> Change:
    """Latin letters without their accents (``ïdiót`` → ``idiot``)."""
    if text.isascii() or not _ACCENTED.search(text):
        return None
    changed = _ACCENTED.sub(lambda match: _bare(match[0]), text)
    return None if changed == text else changed


@lru_cache(maxsize=1024)
def _bare(letter: str) -> str:
    first = unicodedata.normalize("NFD", letter)[0]
    return first if first.isascii() and first.isalpha() else letter
