"""Arabizi in Arabic letters: whole words by list, affixes by table, the rest by the likeliest spelling.

Called by ``core.normalise`` for the second reading. 3 → ع, 7 → ح, 2 → hamza or ق, 5 → خ, 8 → غ, 9 → ص, 6 → ط; short
vowels are not written in Arabic, long ones are, and Latin letters do not tell which is which, nor ص from س. So every
letter group has a few readings with a cost each (``languages/arabizi.toml``), and among the cheapest spellings the
commonest Arabic word wins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from mahlan.core.draft import WINDOW, Edit, Offsets, apply_edits
from mahlan.core.latin import arabizi_skeletons, arabizi_words, skeleton, undigited, undigited_words
from mahlan.core.remember import remembered
from mahlan.core.spelling import likeliest_spelling, plain_spelling
from mahlan.events.comment import Reading
from mahlan.languages import table

MOST_RANKED = 300
"""Words of one text that are spelled by rank; the rest of a very long text is spelled letter by letter."""

_LONGEST = 24
_DIGITS = re.compile("[37]")
_UNDIGITED = 0.5
_AFFIXED = -0.5


def arabic_reading(text: str, offsets: Offsets, spans: Sequence[tuple[int, int]]) -> Reading:
    """The reading ``text`` with the words at ``spans`` in Arabic letters, mapped to the original."""
    digits = any(_DIGITS.search(text, start, end) for start, end in spans)
    followers = [start for start, _ in spans[1:]] + [-1]
    edits = [
        _glued(text[start:end], start, end + (follower == end + 1 and text[end] in " -"))
        or (
            start,
            end,
            (transliterate(text[start:end], digits) if index < MOST_RANKED else plain_spelling(text[start:end])),
        )
        for index, ((start, end), follower) in enumerate(zip(spans, followers, strict=True))
    ]
    edits = [_one_article(edit, following) for edit, following in zip(edits, [*edits[1:], None], strict=True)]
    arabic, back = apply_edits(text, offsets, edits)
    if len(arabic) > WINDOW:
        arabic, back = apply_edits(arabic, back, [(WINDOW, len(arabic), "")])
    return Reading(kind="arabic", text=arabic, offsets=back)


def _glued(word: str, start: int, end: int) -> Edit | None:
    """The edit for an article or particle.

    ``end`` takes in the space before another Arabizi word, which these need (``el beet`` → ``البيت``, "the house") and
    any other word leaves.
    """
    arabic: str | None = table("arabizi")["glued"].get(word)
    return None if arabic is None else (start, end, arabic)


def _one_article(edit: Edit, following: Edit | None) -> Edit:
    """``edit``, without its article where the next word brings one along (``el 7amdulillah``)."""
    start, end, arabic = edit
    if arabic.endswith("ال") and following and following[0] == end and following[2].startswith("ال"):
        return start, end, arabic[:-2]
    return edit


@remembered(32768)
def transliterate(word: str, digits: bool = False) -> str:
    """One Arabizi word (lower case) in folded Arabic letters; never empty, at most three letters for one.

    ``digits``: whether its writer types 3 or 7 elsewhere, and so leaves no ع out.
    """
    if len(word) > _LONGEST:
        return plain_spelling(word)
    listed = _listed(word)
    if listed is not None:
        return listed
    affixed = _with_affixes(word)
    if affixed is not None and " " in affixed:
        return affixed
    digits = digits or bool(_DIGITS.search(word))
    others = dict.fromkeys(() if digits else undigited_words().get(undigited(word), ()), _UNDIGITED)
    return likeliest_spelling(word, others if affixed is None else {**others, affixed: _AFFIXED}, digits=digits)


def _listed(word: str) -> str | None:
    return arabizi_words().get(word) or arabizi_skeletons().get(skeleton(word))


@cache
def _affixes(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple(table("arabizi")[kind].items())


def _with_affixes(word: str) -> str | None:
    """A listed word behind an article or particle, or before a pronoun or ending."""
    for latin, arabic in (("", ""), *_affixes("prefixes")):
        rest = word[len(latin) :].lstrip("-'")
        if not word.startswith(latin) or len(rest) < 3:
            continue
        stem = (_listed(rest) if latin else None) or _with_suffix(rest)
        if stem is not None:
            return arabic + stem
    return None


def _with_suffix(word: str) -> str | None:
    for latin, arabic in _affixes("suffixes"):
        if word.endswith(latin) and len(word) - len(latin) > 2:
            rest = word[: -len(latin)]
            stem = _listed(rest)
            if stem is not None:
                return (_opened(stem, rest) if arabic != "ش" else stem) + arabic
    return None


def _opened(stem: str, latin: str) -> str:
    """A stem before a pronoun: ta marbuta opens (``madrasty``, "my school"), the ه of "his" goes (``kolohom``)."""
    if not stem.endswith("ه"):
        return stem
    return stem[:-1] + ("" if latin.endswith(("o", "u")) else "ت")
