"""The words a verdict rests on, as spans of the author's own characters. Called by ``scoring/spans.py``.

A word's share is what it adds to the logit of the verdict's label, in whichever reading; here shares become spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from mahlan.core.draft import all_to_original

Span = tuple[int, int]
"""``[start, end)`` in characters."""

Weighed = tuple[int, int, float]
"""A span and its share of the logit."""

LEAST = 0.5
"""Of the heaviest word's share: what a word needs to be marked. The best of 0.0 … 0.8 on Toxic Spans' train part."""

_PLACEHOLDER = r"(?!(?:url|email|num)\b)"
_WORD = re.compile(
    rf"\b(?<!@){_PLACEHOLDER}\w+(?:[*'$]+{_PLACEHOLDER}\w+)*(?:[*$]+(?!\w))?"  # ``f*ck``, ``a$$``
    r"|[^\w\s!-/:-@\[-`{-~«»…–—]+"
)


def words(text: str, at: int = 0) -> list[Span]:
    """The words of a reading that may be marked; emoji are words, punctuation is none. ``text`` begins at ``at``.

    Nor is what the normaliser puts where a handle, link, address or number stood (``@user``, ``url``, ``email``,
    ``num``): a verdict never rests on those.
    """
    return [(at + match.start(), at + match.end()) for match in _WORD.finditer(text)]


def telling(readings: Sequence[tuple[Sequence[int], Sequence[Weighed]]], least: float = LEAST) -> tuple[Span, ...]:
    """The words with at least ``least`` of the heaviest one's share, in characters of the original.

    Each reading of the comment is its offset map and its words, in order. Words of several readings that overlap in
    the original are one and their shares add up. In order, not overlapping; spans that touch are one. None where no
    word speaks for the label: the verdict then rests on the whole.
    """
    heaviest = max((word[2] for _, weighed in readings for word in weighed), default=0.0)
    if heaviest <= 0.0:
        return ()
    # What is lighter in each reading cannot be heavy enough in their sum; most words end here, before they are mapped.
    bar = least * heaviest / len(readings)
    whole = _pooled((offsets, [word for word in weighed if word[2] >= bar]) for offsets, weighed in readings)
    bar = least * max((share for _, _, share in whole), default=0.0)
    spans: list[Span] = []
    for start, end, share in whole:
        if share < bar:
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def _pooled(readings: Iterable[tuple[Sequence[int], Sequence[Weighed]]]) -> list[Weighed]:
    found: list[Weighed] = []
    for offsets, weighed in readings:
        places = all_to_original(offsets, [(start, end) for start, end, _ in weighed])
        found += [(*place, word[2]) for place, word in zip(places, weighed, strict=True) if place[0] < place[1]]
    whole: list[Weighed] = []
    for start, end, share in sorted(found):
        if whole and start < whole[-1][1]:
            first, last, before = whole.pop()
            whole.append((first, max(end, last), before + share))
        else:
            whole.append((start, end, share))
    return whole


def utf16_spans(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """``spans`` of ``text`` in UTF-16 code units, as JavaScript, Java and Swift's NSString count."""
    if text.isascii() or max(text) <= "\uffff":
        return tuple(spans)
    units = [0, *accumulate(2 if char > "\uffff" else 1 for char in text)]
    return tuple((units[start], units[end]) for start, end in spans)
