"""Which authors a step looks at for what is over: all of them, turn after turn, a bounded number a step."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from mahlan.insights.state import PartitionState

#: Authors looked at in a step.
MOST = 2000
#: Seconds between two turns that look at the counters too: no window is shorter.
PRUNE_EVERY = 300.0


@dataclass(slots=True)
class Sweep:
    """The turn of one partition. A new one begins ``every`` seconds after the last began, or when that is done."""

    every: float
    _left: deque[bytes] = field(default_factory=deque)
    _began: float = -math.inf
    _prunes: bool = False
    _pruned: float = -math.inf

    @property
    def prunes(self) -> bool:
        """Whether the last step, with the last authors of its turn, is also to take away old counters."""
        return self._prunes and not self._left

    def take(self, state: PartitionState) -> list[bytes]:
        """The keys of the next authors; none while no turn is due."""
        if not self._left:
            now = time.monotonic()
            if now - self._began < self.every:
                return []
            self._began, self._left = now, deque(state.authors)
            self._prunes = now - self._pruned >= PRUNE_EVERY
            self._pruned = now if self._prunes else self._pruned
        return [self._left.popleft() for _ in range(min(MOST, len(self._left)))]

    def put_back(self, keys: Sequence[bytes]) -> None:
        """These were too many for one step: they come next."""
        self._left.extendleft(reversed(keys))
