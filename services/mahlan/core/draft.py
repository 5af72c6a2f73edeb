"""A text while it is being normalised, and the way back to the author's characters. Used by ``core.normalise``.

A step is a pure function of the text. It answers ``None`` (nothing to do), a string of the *same length* (letters
replaced one for one) or a list of edits. Only edits touch the offset map, so most comments never build one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

WINDOW = 20_000
"""Characters of the original that are read, and the most a reading holds."""

Edit = tuple[int, int, str]
"""``(start, end, replacement)`` in characters of the text the step was given; ordered, not overlapping."""

Change = str | list[Edit] | None
Step = Callable[[str], Change]
Offsets = tuple[int, ...]
"""Flat pairs ``(n, o, n, o, …)``, as ``events.comment.Reading`` documents them."""


def edits_of(pattern: re.Pattern[str], text: str, replace: Callable[[re.Match[str]], str]) -> list[Edit] | None:
    """The edits that put ``replace(match)`` in place of each match, leaving out those that change nothing."""
    found: list[Edit] = []
    for match in pattern.finditer(text):
        new = replace(match)
        if new != match[0]:
            found.append((match.start(), match.end(), new))
    return found or None


def apply_edits(text: str, offsets: Offsets, edits: Sequence[Edit]) -> tuple[str, Offsets]:
    """``text`` with the edits made, and its offset map into the original."""
    pieces: list[str] = []
    pairs: list[int] = []
    done = 0
    for start, end, new in edits:
        pieces.append(text[done:start])
        pieces.append(new)
        _append(pairs, start - done, start - done)
        _append(pairs, len(new), end - start)
        done = end
    pieces.append(text[done:])
    _append(pairs, len(text) - done, len(text) - done)
    return "".join(pieces), compose(tuple(pairs), offsets)


def identity(length: int) -> Offsets:
    """The map of a text that is its own original."""
    return (length, length) if length else ()


def compose(outer: Offsets, inner: Offsets) -> Offsets:
    """The map new → original out of new → middle (``outer``) and middle → original (``inner``), in linear time.

    A pair with ``n == o`` can be cut anywhere; any other pair is one piece and pulls its neighbours in until both
    sides agree on a border.
    """
    if len(inner) <= 2 and (not inner or inner[0] == inner[1]):
        return outer
    pairs: list[int] = []
    left, right = _Reader(outer, new_first=True), _Reader(inner, new_first=False)
    while left.more() or right.more():
        if left.loose and right.loose:
            size = min(left.middle, right.middle)
            left.cut(size)
            right.cut(size)
            _append(pairs, size, size)
        else:
            _append(pairs, *_merge(left, right))
    return tuple(pairs)


def _merge(left: _Reader, right: _Reader) -> tuple[int, int]:
    """Consume pieces from both sides up to the next border they share: (new characters, original characters)."""
    new = original = ahead = 0
    if not left.loose and left.ready:
        ahead, new = left.middle, left.other
        left.cut(left.middle)
    else:
        ahead, original = -right.middle, right.other
        right.cut(right.middle)
    while ahead:
        side = right if ahead > 0 else left
        middle, other = side.take(abs(ahead))
        if ahead > 0:
            original += other
            ahead -= middle
        else:
            new += other
            ahead += middle
    return new, original


class _Reader:
    """Walks the pairs of one map. ``middle`` counts the characters both maps share, ``other`` its own side's."""

    __slots__ = ("_at", "_new_first", "_pairs", "loose", "middle", "other", "ready")

    def __init__(self, pairs: Offsets, *, new_first: bool) -> None:
        self._pairs, self._new_first, self._at = pairs, new_first, 0
        self._load()

    def _load(self) -> None:
        self.ready = self._at < len(self._pairs)
        n, o = self._pairs[self._at : self._at + 2] if self.ready else (0, 0)
        self.other, self.middle = (n, o) if self._new_first else (o, n)
        self.loose = self.ready and n == o
        self._at += 2

    def more(self) -> bool:
        return self.ready

    def cut(self, size: int) -> None:
        """Drop ``size`` characters of a loose pair, or a whole fixed one."""
        if self.loose and size < self.middle:
            self.middle -= size
            self.other -= size
        else:
            self._load()

    def take(self, wanted: int) -> tuple[int, int]:
        """Up to ``wanted`` characters of a loose pair, or the whole of a fixed one: (middle, other)."""
        if self.loose and wanted < self.middle:
            self.cut(wanted)
            return wanted, wanted
        taken = (self.middle, self.other)
        self._load()
        return taken


def _append(pairs: list[int], new: int, original: int) -> None:
    """Add a pair, joining it to the one before where that loses nothing."""
    if not new and not original:
        return
    if pairs and ((new == original and pairs[-2] == pairs[-1]) or (new == 0 and pairs[-2] == 0)):
        pairs[-2] += new
        pairs[-1] += original
    else:
        pairs += (new, original)


def to_original(offsets: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """The original characters behind ``[start, end)`` of a reading. Out-of-range ends are clamped.

    A border inside a piece that does not map one to one takes the whole piece in. An empty span stays empty.
    """
    return all_to_original(offsets, [(start, end)])[0]


def all_to_original(offsets: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """``to_original`` for many spans, ordered and not overlapping, in one walk over the map."""
    found: list[tuple[int, int]] = []
    new = old = index = 0
    for span in spans:
        start = max(span[0], 0)
        end = max(span[1], start)
        index, new, old = _advance(offsets, index, new, old, start)
        n, o = offsets[index : index + 2] or (0, 0)
        first = old + (min(start - new, n) if n == o else 0)
        if end == start:
            found.append((first, first))
            continue
        index, new, old = _advance(offsets, index, new, old, end - 1)
        n, o = offsets[index : index + 2] or (0, 0)
        found.append((first, max(first, old + (min(end - new, n) if n == o else o))))
    return found


def _advance(offsets: Sequence[int], index: int, new: int, old: int, at: int) -> tuple[int, int, int]:
    """The pair that holds character ``at`` of the reading: its index and where it starts on both sides."""
    while index < len(offsets) and new + offsets[index] <= at:
        new += offsets[index]
        old += offsets[index + 1]
        index += 2
    return index, new, old
