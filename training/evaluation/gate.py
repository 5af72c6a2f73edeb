"""The verdict of the gate: which differences are more than chance, and the table of them. Called by ``command.py``.

Looking at forty parts finds one that got worse by chance. So every look gets its share of one allowance: in all the
gate may raise a false alarm once in twenty times (Bonferroni), half of that for the looks at everything, half for the
looks at single languages and sources, so that many of these do not blunt the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from statistics import NormalDist
from typing import Any

from training.evaluation.comparison import Difference
from training.judging import markdown, numbered

ALLOWED = 0.05
"""Chance that a champion which is no worse is called worse anywhere."""
NAMES = {"macro_f1": "macro-F1", "right": "right verdicts", "nudge_precision": "precision of nudges"}


@dataclass(frozen=True, slots=True)
class Ruled:
    """A difference with its limit: the least change that is still no worse than chance allows."""

    difference: Difference
    limit: float

    @property
    def worse(self) -> bool:
        """Beyond chance, or no longer to be measured at all (a champion that nudges nobody has no precision)."""
        one = self.difference
        if isnan(one.after) and not isnan(one.before):
            return True
        return one.change < self.limit - 1e-9

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        limit = None if isnan(self.limit) else round(self.limit, 4)
        return {**self.difference.as_dict(), "limit": limit, "worse": self.worse}


def rule(differences: Sequence[Difference], allowed: float = ALLOWED) -> list[Ruled]:
    """Each difference with its limit, in the same order."""
    counts = {main: sum(one.main == main for one in differences) for main in (True, False)}
    halves = sum(count > 0 for count in counts.values())
    ruled = []
    for one in differences:
        reach = -NormalDist().inv_cdf(allowed / halves / counts[one.main])
        ruled.append(Ruled(one, -reach * one.error))
    return ruled


def failed(ruled: Sequence[Ruled]) -> bool:
    """Whether the gate is shut."""
    return any(one.worse for one in ruled)


def as_table(ruled: Sequence[Ruled]) -> str:
    """Markdown, what got worse first."""
    order = sorted(ruled, key=lambda one: (not one.worse, not one.difference.main))
    head = ["compared", "of", "rows", "before", "now", "change", "may fall by", ""]
    return markdown(head, [_line(one) for one in order])


def _line(one: Ruled) -> list[str]:
    found = one.difference
    return [
        NAMES.get(found.what, found.what),
        found.part,
        f"{found.rows:,}",
        numbered(found.before),
        numbered(found.after),
        numbered(found.change, "+.3f"),
        numbered(-one.limit),
        "**worse**" if one.worse else "",
    ]
