"""The bar of an interval, as inline SVG: where the true difference lies, and where no difference would be.

For the eye only (hidden from screen readers): the numbers stand beside it. Left is less in both languages.
"""

from __future__ import annotations

from collections.abc import Sequence

from mahlan.core.experiment.effects import Effect, State
from mahlan.core.experiment.observation import Measure

WIDTH, HEIGHT = 160, 20

WISHED: dict[Measure, State] = {"toxic_posted": "lower", "later_offences": "lower"}
FEARED: dict[Measure, State] = {"toxic_posted": "higher", "later_offences": "higher", "volume": "lower"}


def tone(row: Effect) -> str:
    """Whether what was found is wished for (``good``), feared (``bad``), neither (``told``), or not found (``open``).

    Not posting is neither: it is the author's own choice.
    """
    if row.state not in {"lower", "higher"}:
        return "open"
    if WISHED.get(row.measure) == row.state:
        return "good"
    return "bad" if FEARED.get(row.measure) == row.state else "told"


def reach(rows: Sequence[Effect]) -> float:
    """How far a chart of these rows reaches to each side; 0 where there is nothing to show."""
    return max((max(abs(row.low or 0.0), abs(row.high or 0.0)) for row in rows), default=0.0)


def bar(row: Effect, widest: float) -> str:
    """The row's bar on a scale from -``widest`` to ``widest``; empty while there is not enough."""
    if row.low is None or row.high is None or row.difference is None or not widest:
        return ""
    low, middle, high = (_place(value, widest) for value in (row.low, row.difference, row.high))
    return (
        f'<svg class="bar {tone(row)}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-hidden="true" focusable="false">'
        f'<line class="zero" x1="{WIDTH / 2}" x2="{WIDTH / 2}" y1="0" y2="{HEIGHT}"/>'
        f'<line class="span" x1="{low}" x2="{high}" y1="{HEIGHT / 2}" y2="{HEIGHT / 2}"/>'
        f'<circle cx="{middle}" cy="{HEIGHT / 2}" r="4"/></svg>'
    )


def _place(value: float, widest: float) -> float:
    margin = 6  # so that a round end is not cut
    return round(WIDTH / 2 + value / widest * (WIDTH / 2 - margin), 1)
