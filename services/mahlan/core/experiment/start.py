"""From when on an interval is shown: before that the laws of large numbers that it rests on have not set in.

Called by ``effects``. The numbers were chosen with ``mahlan simulate``, which measures coverage from this start on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from mahlan.core.experiment.comparison import YES_NO, Pair
from mahlan.core.experiment.observation import Measure
from mahlan.core.experiment.totals import Totals

LEAST_AUTHORS = 100
"""In each arm."""

LEAST_EVENTS = 50
"""Authors with an event: of a count in each arm. Of a yes or no the rarer answer in both arms together, since one arm
may rightly have none: nobody who is held out cancels because of a question."""

LEAST_STRATUM = 30
"""Authors of each arm from which on a language counts where arms are compared within languages."""


def has_started(pair: Pair, measure: Measure) -> bool:
    """Whether there are enough authors and events."""
    return _shortest(pair, measure) >= 1.0


def authors_until_start(pair: Pair, measure: Measure, smaller: float) -> int | None:
    """Authors of both arms at which there will be enough, if all goes on as so far; None where that cannot be told.

    While one arm has nobody, the one whose planned share is ``smaller`` is what is waited for.
    """
    authors = pair.treated.n + pair.control.n
    reached = _shortest(pair, measure)
    if reached > 0:
        return math.ceil(authors / reached)
    least = math.ceil(LEAST_AUTHORS / smaller)
    return least if authors < least else None


def _shortest(pair: Pair, measure: Measure) -> float:
    """How much of what is needed there is, by what is most lacking: 1 or more is enough."""
    authors = min(totals.n for totals in pair) / LEAST_AUTHORS
    return min(authors, _events(pair, measure) / LEAST_EVENTS)


def _events(pair: Pair, measure: Measure) -> float:
    if measure not in YES_NO:
        return min(totals.of(measure).positive for totals in pair)
    yes = _positive(pair, measure)
    return min(yes, sum(totals.n for totals in pair) - yes)


def _positive(totals: Iterable[Totals], measure: Measure) -> int:
    return sum(one.of(measure).positive for one in totals)
