"""How long a text that comes now would wait to be scored, as batches went lately. Asked by ``pool.py``. No clock."""

from __future__ import annotations

from dataclasses import dataclass

_WEIGHT = 0.2
"""Of the last batch in the mean of all: one slow batch is not taken for the rule."""


@dataclass(slots=True)
class QueueWait:
    """``most`` texts are a batch. Moments are seconds of one clock."""

    most: int
    lately: float | None = None
    begun: float | None = None

    def begin(self, now: float) -> None:
        """A batch is under way."""
        self.begun = now

    def end(self, now: float) -> None:
        """It is done."""
        if self.begun is not None:
            took = now - self.begun
            self.lately = took if self.lately is None else self.lately + _WEIGHT * (took - self.lately)
            self.begun = None

    def seconds(self, waiting: int, now: float) -> float:
        """Behind so many texts. Where nothing is ahead it is 0, however slow the last batch was.

        A batch that takes longer than those before it is the new measure while it lasts.
        """
        running = 0.0 if self.begun is None else now - self.begun
        each = max(self.lately or 0.0, running)
        left = 0.0 if self.begun is None else each - running
        return left + each * -(-waiting // self.most)
