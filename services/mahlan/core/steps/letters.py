"""Steps about letters: Arabic folding, lower case, look-alikes, accents. Each replaces one letter by one letter.

Called by ``core.normalise`` after the steps about characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from mahlan.core.draft import Change
from mahlan.core.lexicon import is_listed
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
_SCRIPTS = (("\u0370", "\u03ff"), ("\u0400", "\u052f"), ("\u0531", "\u058f"))
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
    """Cyrillic, Greek and Armenian letters that look Latin: inside a Latin word (``іdiоt``), or where they spell one.

    A word of foreign letters alone is read as Latin where it mixes two of those scripts, and where every foreign word
    of the text is an English or Arabizi one. Arabic is never touched. Source: Unicode ``confusables.txt``, by hand.
    """
    if text.isascii() or not _FOREIGN.search(text):
        return None
    foreign = [word for word in _MIXED_WORD.findall(text) if _FOREIGN.search(word)]
    posing = all(map(_poses, foreign))
    changed = _MIXED_WORD.sub(lambda match: _as_latin(match[0], posing), text)
    return None if changed == text else changed


def _as_latin(word: str, posing: bool) -> str:
    if not _FOREIGN.search(word) or not (posing or _LATIN.search(word) or _is_patched(word)):
        return word
    twins = _twins()
    return "".join(twins.get(letter, letter) for letter in word)


def _is_patched(word: str) -> bool:
    """Whether ``word`` takes letters from two of the foreign scripts, each with a Latin twin, as no language does."""
    scripts = sum(any(first <= letter <= last for letter in word) for first, last in _SCRIPTS)
    return scripts > 1 and all(letter in _twins() for letter in word if letter.isalpha())


def _poses(word: str) -> bool:
    """Whether a word with foreign letters is a Latin one dressed up."""
    if _LATIN.search(word) or _is_patched(word):
        return True
    latin = "".join(_twins().get(letter, letter) for letter in word).lower()
    return len(word) > 2 and latin.isascii() and is_listed(latin)


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
