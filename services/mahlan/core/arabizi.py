"""Arabizi in Arabic letters: whole words by list, affixes by table, the rest letter by letter.

Called by ``core.normalise`` for the second reading. 3 → ع, 7 → ح, 2 → hamza or ق, 5 → خ, 8 → غ, 9 → ص, 6 → ط; short
vowels are not written in Arabic, long ones are, and the spelling does not always tell which is which.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from mahlan.core.draft import Edit, Offsets, apply_edits
from mahlan.core.latin import arabizi_skeletons, arabizi_words, skeleton
from mahlan.events.comment import Reading
from mahlan.languages import table

_VOWELS = frozenset("aeiou")
_GROUP = re.compile(r"[37]'|sh|ch|kh|gh|th|dh|aa|ee|ii|oo|ou|ei|ai|uu|[a-z]|[2356789]|.")
_LONG = {"aa": "ا", "ee": "ي", "ii": "ي", "ei": "ي", "ai": "اي", "oo": "و", "ou": "و", "uu": "و"}


def arabic_reading(text: str, offsets: Offsets, spans: Sequence[tuple[int, int]]) -> Reading:
    """The reading ``text`` with the words at ``spans`` in Arabic letters, mapped to the original."""
    edits = [_edit(text, start, end) for start, end in spans]
    arabic, back = apply_edits(text, offsets, edits)
    return Reading(kind="arabic", text=arabic, offsets=back)


def _edit(text: str, start: int, end: int) -> Edit:
    """The edit for one word; an article or particle takes the space after it along (``el beet`` → ``البيت``)."""
    glued: str | None = table("arabizi")["glued"].get(text[start:end])
    if glued is None:
        return start, end, transliterate(text[start:end])
    return (start, end + 1, glued) if text[end : end + 1] == " " and text[end + 1 : end + 2].isalnum() else (start, end, glued)


@lru_cache(maxsize=32768)
def transliterate(word: str) -> str:
    """One Arabizi word (lower case) in folded Arabic letters; never empty, never longer than twice the word."""
    if len(word) > 40:
        return _spell(word)
    return _listed(word) or _with_affixes(word) or _spell(word)


def _listed(word: str) -> str | None:
    return arabizi_words().get(word) or arabizi_skeletons().get(skeleton(word))


@cache
def _affixes(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple(table("arabizi")[kind].items())


def _with_affixes(word: str) -> str | None:
    for latin, arabic in (("", ""), *_affixes("prefixes")):
        if not word.startswith(latin) or len(word) - len(latin) < 3:
            continue
        rest = word[len(latin) :].lstrip("-'")
        stem = _listed(rest) if latin else None
        if stem is None:
            stem = _with_suffix(rest)
        if stem is not None:
            return arabic + stem
    if word.startswith(("el", "il", "al")) and len(word) > 4:
        return "ال" + _spell(word[2:])
    return None


def _with_suffix(word: str) -> str | None:
    for latin, arabic in _affixes("suffixes"):
        if word.endswith(latin) and len(word) - len(latin) > 2:
            stem = _listed(word[: -len(latin)])
            if stem is not None:
                return (stem[:-1] + "ت" if stem.endswith("ه") and arabic != "ش" else stem) + arabic
    return None


def _spell(word: str) -> str:
    groups = _GROUP.findall(word)
    letters = [_letter(groups, at) for at in range(len(groups))]
    return "".join(letters) or word


def _letter(groups: list[str], at: int) -> str:
    group = groups[at]
    if group in _LONG:
        return ("ا" if at == 0 and group[0] in "eoi" else "") + _LONG[group]
    if group in _VOWELS:
        return _vowel(groups, at)
    if at and groups[at - 1] == group:
        return ""
    row: str = table("arabizi")["consonants"].get(group, group)
    if group == "2":
        return "ا" if at == 0 else "ء" if at == len(groups) - 1 else "ق"
    return row if group == "x" else row[0]


def _vowel(groups: list[str], at: int) -> str:
    group = groups[at]
    if at == 0:
        return "ا"
    if at == len(groups) - 1:
        return {"a": "ه", "e": "ي", "i": "ي", "o": "و", "u": "و"}[group]
    last_syllable = at == len(groups) - 2
    if last_syllable and group in "aiou" and not (len(groups) > 3 and group == "a" and groups[at - 1] in _VOWELS):
        return {"a": "ا", "i": "ي", "o": "و", "u": "و"}[group]
    return ""
