"""Arabizi in Arabic letters: whole words by list, affixes by table, the rest by the likeliest spelling.

Called by ``core.normalise`` for the second reading. 3 → ع, 7 → ح, 2 → hamza or ق, 5 → خ, 8 → غ, 9 → ص, 6 → ط; short
vowels are not written in Arabic, long ones are, and Latin letters do not tell which is which, nor ص from س. So every
letter group has a few readings with a cost each (``languages/arabizi.toml``), and among the cheapest spellings the
commonest Arabic word wins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from mahlan.core.draft import WINDOW, Edit, Offsets, apply_edits
from mahlan.core.latin import arabic_rank, arabizi_skeletons, arabizi_words, skeleton
from mahlan.events.comment import Reading
from mahlan.languages import table

MOST_RANKED = 300
"""Words of one text that are spelled by rank; the rest of a very long text is spelled letter by letter."""

_LONGEST = 24
_BEAM = 20
_UNKNOWN = 13.0
_AFFIX = 0.8
_RANK_WEIGHT = 0.35
_VERBAL = ("et", "it", "yet", "met", "bet", "mo", "ma", "es", "is")
_VOWEL = re.compile("[aeiou]")
_GROUP = re.compile(r"[37]'|sh|ch|kh|gh|th|dh|aa|ee|ii|oo|ou|ei|ai|uu|([b-df-hj-np-tv-z2-9])\1|[a-z]|[2356789]|.")


class _Guess(NamedTuple):
    cost: float
    text: str


def arabic_reading(text: str, offsets: Offsets, spans: Sequence[tuple[int, int]]) -> Reading:
    """The reading ``text`` with the words at ``spans`` in Arabic letters, mapped to the original."""
    followers = [start for start, _ in spans[1:]] + [-1]
    edits = [
        _edit(text[start:end], start, end + (follower == end + 1 and text[end] in " -"), ranked=index < MOST_RANKED)
        for index, ((start, end), follower) in enumerate(zip(spans, followers, strict=True))
    ]
    edits = [_one_article(edit, following) for edit, following in zip(edits, [*edits[1:], None], strict=True)]
    arabic, back = apply_edits(text, offsets, edits)
    if len(arabic) > WINDOW:
        arabic, back = apply_edits(arabic, back, [(WINDOW, len(arabic), "")])
    return Reading(kind="arabic", text=arabic, offsets=back)


def _edit(word: str, start: int, end: int, *, ranked: bool) -> Edit:
    """The edit for one word.

    ``end`` takes in the space before another Arabizi word, which an article or particle needs (``el beet`` →
    ``البيت``, "the house") and any other word leaves.
    """
    glued: str | None = table("arabizi")["glued"].get(word)
    if glued is not None:
        return start, end, glued
    return start, start + len(word), transliterate(word) if ranked else plain_spelling(word)


def _one_article(edit: Edit, following: Edit | None) -> Edit:
    """``edit``, without its article where the next word brings one along (``el 7amdulillah``)."""
    start, end, arabic = edit
    if arabic.endswith("ال") and following and following[0] == end and following[2].startswith("ال"):
        return start, end, arabic[:-2]
    return edit


@lru_cache(maxsize=32768)
def transliterate(word: str) -> str:
    """One Arabizi word (lower case) in folded Arabic letters; never empty, at most three letters for one."""
    if len(word) > _LONGEST:
        return plain_spelling(word)
    return _listed(word) or _with_affixes(word) or _likeliest(word)


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
            stem = _listed(word[: -len(latin)])
            if stem is not None:
                return (stem[:-1] + "ت" if stem.endswith("ه") and arabic != "ش" else stem) + arabic
    return None


def plain_spelling(word: str) -> str:
    """The cheapest spelling, whether or not it is a word."""
    groups = [match[0] for match in _GROUP.finditer(word)]
    return "".join(_options(groups, at)[0].text for at in range(len(groups))) or word


def _likeliest(word: str) -> str:
    """Among the cheapest spellings, the one that is the commonest Arabic word."""
    guesses = _spellings(word)
    known = [_Guess(guess.cost + _rank_cost(guess.text), guess.text) for guess in guesses]
    if min(known).cost >= _UNKNOWN * _RANK_WEIGHT:
        known += [_Guess(guess.cost + _AFFIX + _stem_cost(guess.text), guess.text) for guess in guesses[:12]]
    return min(known).text or word


def _spellings(word: str) -> list[_Guess]:
    """The cheapest spellings of a word, cheapest first."""
    groups = [match[0] for match in _GROUP.finditer(word)]
    beam = [_Guess(0.0, "")]
    for at in range(len(groups)):
        options = _options(groups, at)
        beam = [_Guess(guess.cost + more.cost, guess.text + more.text) for guess in beam for more in options]
        if len(beam) > _BEAM:
            beam.sort()
            del beam[_BEAM:]
    beam.sort()
    return beam


def _options(groups: list[str], at: int) -> tuple[_Guess, ...]:
    group = groups[at]
    last = len(groups) - 1
    place = "first" if at == 0 else "last" if at == last else "inner"
    if place == "inner" and _VOWEL.match(group):
        place = _vowel_place(groups, at, last)
    return _choices(place, group)


def _vowel_place(groups: list[str], at: int, last: int) -> str:
    """Where a vowel inside a word stands; the table says what that makes of it."""
    after = groups[at + 1]
    if len(after) == 2 and after[0] == after[1]:
        return "short"
    if at == last - 1:
        stem = "".join(groups[:3])
        derived = groups[at] in "aei" and last > 4 and stem.startswith(_VERBAL)
        return "single" if last == 2 else "short" if derived or (after == "k" and last > 3) else "closed"
    if not _VOWEL.match(groups[at + 2]):
        return "inner"
    if at == 1:
        return "agent" if last == 4 and groups[3] in "ei" else "open"
    return "late" if at + 2 == last else "open"


@cache
def _choices(place: str, group: str) -> tuple[_Guess, ...]:
    """The readings of a letter group at a place in the word, from the table's ``"arabic cost arabic cost"`` rows."""
    rows: dict[str, dict[str, str]] = table("arabizi")["letters"]
    if len(group) == 2 and group[0] == group[1] and not _VOWEL.match(group):
        group = group[0]
    inner = "inner" if place not in ("first", "last") else place
    row = rows[place].get(group) or rows[inner].get(group) or rows["any"].get(group)
    if row is None:
        return (_Guess(0.0, group),)
    items = [item.partition(":") for item in row.split()]
    return tuple(_Guess(float(cost), text.strip("_")) for text, _, cost in items)


def _rank_cost(word: str) -> float:
    rank = arabic_rank(word)
    return _RANK_WEIGHT * (_UNKNOWN if rank == math.inf else math.log(rank + 20))


def _stem_cost(word: str) -> float:
    """The rank cost of the best stem of ``word`` with one Arabic prefix, one suffix or both taken off."""
    affixes = table("arabizi")["arabic_affixes"]
    starts = [prefix for prefix in affixes["prefixes"].split() if word.startswith(prefix)]
    ends = [suffix for suffix in affixes["suffixes"].split() if word.endswith(suffix)]
    stems = (word[len(start) : len(word) - len(end)] for start in ("", *starts) for end in ("", *ends))
    return min((_rank_cost(stem) for stem in stems if len(stem) > 2), default=_RANK_WEIGHT * _UNKNOWN)
