"""The likeliest Arabic spelling of one Arabizi word that no list knows. Called by ``core.arabizi``.

Every Latin letter group has a few readings with a cost each by its place in the word (``languages/arabizi.toml``). They
are put together from left to right, keeping at each step the few beginnings that cost least, by those costs and by how
Arabic letters follow one another (``core.arabic``). Of the spellings left, the likeliest Arabic word wins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from mahlan.core.arabic import CHEAPEST, END, START, advance, code_of, letter_cost, stems, word_cost
from mahlan.languages import table

_BEAM = 8
_LANGUAGE = 0.4
"""What a nat of ``core.arabic`` weighs beside the costs of the table."""

_LETTERS = 0.2
"""What a nat weighs in the end where only the letters speak for a word: Latin ones say more of a word of no list."""

_UNKNOWN = 2.0
_AFFIX = 5.0
_VERBAL = ("et", "it", "yet", "met", "bet", "mo", "ma", "es", "is")
_VOWEL = re.compile("[aeiou]")
_GROUP = re.compile(r"[37]'|sh|ch|kh|gh|th|dh|aa|ee|ii|oo|ou|ei|ai|uu|([b-df-hj-np-tv-z2-9])\1|[a-z]|[2-9]|.")


class _Choice(NamedTuple):
    """One reading of a letter group: its cost, its Arabic letters and their codes."""

    cost: float
    text: str
    codes: tuple[int, ...]


class _Start(NamedTuple):
    """The beginning of a spelling: cost with its letters' weighed in, cost without, last letters' codes, text."""

    score: float
    cost: float
    behind: int
    text: str


def plain_spelling(word: str) -> str:
    """The cheapest spelling by the table alone, whether or not it is a word."""
    groups = _groups(word)
    return "".join(_options(groups, at, digits=True)[0].text for at in range(len(groups))) or word


def likeliest_spelling(word: str, others: Mapping[str, float], *, digits: bool) -> str:
    """The likeliest Arabic word among the cheapest spellings of ``word`` and ``others`` (with the cost of each).

    ``digits``: whether the writer types ع and ح as 3 and 7; one who does not may leave ع and ق out.
    """
    starts = _spellings(word, digits)
    if others:
        choices = tuple(_choice(other, cost) for other, cost in others.items())
        starts += map(_ended, _extended([_Start(0.0, 0.0, START, "")], choices))
    ranked = sorted((_by_word(start), start) for start in starts)
    best = ranked[0][0], ranked[0][1].text
    for _, start in ranked:
        if start.cost + _LANGUAGE * (CHEAPEST + _AFFIX) < best[0]:
            best = min(best, (start.cost + _LANGUAGE * (_stem_cost(start.text) + _AFFIX), start.text))
    return best[1] or word


def _by_word(start: _Start) -> float:
    """The cost of a spelling as a common word or, for more, as a word by its letters alone."""
    by_letters = start.cost + (start.score - start.cost) * _LETTERS / _LANGUAGE + _UNKNOWN
    return min(start.cost + _LANGUAGE * word_cost(start.text), by_letters)


def _stem_cost(word: str) -> float:
    """The cost of the best stem of ``word`` with one Arabic prefix, one suffix or both taken off."""
    return min(map(word_cost, stems(word, *_affixes())), default=math.inf)


@cache
def _affixes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    affixes = table("affixes")["egyptian"]
    return tuple(affixes["prefixes"].split()), tuple(affixes["suffixes"].split())


def _groups(word: str) -> list[str]:
    return [match[0] for match in _GROUP.finditer(word)]


def _spellings(word: str, digits: bool) -> list[_Start]:
    """The cheapest spellings of a word by its Latin letters and by how Arabic ones follow one another."""
    groups = _groups(word)
    consonants = [not _VOWEL.match(group) for group in groups]
    between = "some" if not all(consonants) else "none"
    starts = [_Start(0.0, 0.0, START, "")]
    for at, (left, right) in enumerate(pairwise([*consonants, False])):
        starts = _extended(starts, _options(groups, at, digits))
        if left and right:
            starts = _extended(starts, _choices("between", between, digits))
    return [_ended(start) for start in starts]


def _extended(starts: list[_Start], choices: tuple[_Choice, ...]) -> list[_Start]:
    """The cheapest of all ``starts`` with each of ``choices`` put behind them."""
    found: dict[str, _Start] = {}
    for score, cost, behind, text in starts:
        for more, letters, codes in choices:
            at, total = behind, score + more
            for code in codes:
                total += _LANGUAGE * letter_cost(at, code)
                at = advance(at, code)
            whole = text + letters
            if whole not in found or total < found[whole].score:
                found[whole] = _Start(total, cost + more, at, whole)
    return sorted(found.values())[:_BEAM]


def _ended(start: _Start) -> _Start:
    return start._replace(score=start.score + _LANGUAGE * letter_cost(start.behind, END))


def _options(groups: list[str], at: int, digits: bool) -> tuple[_Choice, ...]:
    group = groups[at]
    last = len(groups) - 1
    place = "first" if at == 0 else "last" if at == last else "inner"
    if place == "inner" and _VOWEL.match(group):
        place = _vowel_place(groups, at, last)
    return _choices(place, group, digits)


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
def _choices(place: str, group: str, digits: bool) -> tuple[_Choice, ...]:
    """The readings of a letter group at a place in the word, from the table's ``"arabic:cost arabic:cost"`` rows."""
    if len(group) == 2 and group[0] == group[1] and not _VOWEL.match(group):
        group = group[0]
    row = _row("letters", place, group)
    if row is None:
        return (_choice(group, 0.0),)
    more = "" if digits else _row("undigited", place, group) or ""
    items = [item.partition(":") for item in f"{row} {more}".split()]
    return tuple(_choice(text.strip("_"), float(cost)) for text, _, cost in items)


def _row(name: str, place: str, group: str) -> str | None:
    rows: dict[str, dict[str, str]] = table("arabizi")[name]
    places = (place, "any") if place in ("first", "last") else (place, "inner", "any")
    return next((rows[at][group] for at in places if group in rows.get(at, ())), None)


def _choice(text: str, cost: float) -> _Choice:
    return _Choice(cost, text, tuple(map(code_of, text)))
