"""Counts that everybody may see: what a small group did is not among them. Called by the gateway's public board.

Two means, since either alone gives something away:

- A count below ``least`` is hidden, and so are the smallest of the others, as many as it takes that nobody can work it
  out from the total and the rest (complementary suppression: Hundepool et al., *Statistical Disclosure Control*, Wiley
  2012, chapter 4). That holds against a reader who knows this file; the tests try every small table.
- What is shown is rounded down to a multiple of ``least``. Whoever looks at a board again and again sees the difference
  between two looks, and that may be one person: rounded, it is none or at least ``least``. It also keeps what is hidden
  today from being worked out of what was shown yesterday.

0 is hidden like any small count: that it is 0 no longer would be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 10
"""The smallest count that is shown, and the step of those that are."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as it may be shown; None: hidden, or not known."""

    cells: tuple[int | None, ...]
    total: int | None


def show(count: int | None, least: int = LEAST) -> int | None:
    """A count that is part of no table. None where it is small or not known."""
    return None if count is None or count < least else count - count % least


def show_table(cells: Sequence[int], total: int | None, least: int = LEAST) -> Shown:
    """Counts with their total, in the order given. Raises ``ValueError`` for a negative count."""
    if min((*cells, total or 0), default=0) < 0:
        raise ValueError("a count is negative")
    shown = [show(cell, least) for cell in cells]
    known = show(total, least)
    while None in shown and _is_exposed(shown, cells, known, least):
        if (place := _smallest(shown)) is None:
            return Shown(tuple(shown), None)
        shown[place] = None
    return Shown(tuple(shown), known)


def _is_exposed(shown: Sequence[int | None], cells: Sequence[int], total: int | None, least: int) -> bool:
    """Whether the total and what is shown leave the hidden counts no room: each must be able to be 0.

    ``room`` is what rounding may have taken. A small count is that at most; a larger one is below all shown ones.
    """
    room = least - 1
    visible = [count for count in shown if count is not None]
    hidden = len(shown) - len(visible)
    larger = sum(count is None and cell >= least for count, cell in zip(shown, cells, strict=True))
    if hidden < 2:
        return True
    if larger and not visible:
        return False
    least_hidden = (total or 0) - sum(count + room for count in visible)
    most_of_others = (hidden - 1 - larger) * room + larger * (min(visible, default=1) - 1)
    return least_hidden > most_of_others


def _smallest(shown: Sequence[int | None]) -> int | None:
    """The place of the smallest count that is shown, the last of equals; None where there is none."""
    places = [place for place, count in enumerate(shown) if count is not None]
    return min(reversed(places), key=lambda place: shown[place] or 0, default=None)
