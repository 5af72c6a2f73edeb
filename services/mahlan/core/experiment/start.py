"""From when on an interval is shown: before that the laws of large numbers that it rests on have not set in.

Called by ``effects``. The numbers were chosen with ``mahlan simulate``, which measures coverage from this start on.
"""

from __future__ import annotations

import math

from mahlan.core.experiment.comparison import YES_NO, Pair
from mahlan.core.experiment.observation import Measure

LEAST_AUTHORS = 100
"""In each arm."""

LEAST_EVENTS = 50
"""Of a count: authors in each arm with any at all."""

LEAST_EXPECTED = 10
"""Of a yes or no: authors of the smaller arm who would give the rarer answer, if both arms gave it alike. Expected, not
seen, since one arm may rightly have none: nobody who is held out cancels because of a question."""

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
    smaller = min(totals.n for totals in pair)
    if measure not in YES_NO:
        events = min(totals.of(measure).positive for totals in pair) / LEAST_EVENTS
    else:
        events = smaller * _rarer_share(pair, measure) / LEAST_EXPECTED
    return min(smaller / LEAST_AUTHORS, events)


def _rarer_share(pair: Pair, measure: Measure) -> float:
    """Of the authors of both arms, the share with the rarer answer."""
    authors = sum(totals.n for totals in pair)
    yes = sum(totals.of(measure).positive for totals in pair)
    return min(yes, authors - yes) / authors if authors else 0.0
