"""Which authors a step looks at for what is over: all of them, turn after turn, a bounded number a step."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from mahlan.insights.state import PartitionState

#: Authors looked at in a step.
MOST = 2000


@dataclass(slots=True)
class Sweep:
    """The turn of one partition. A new one begins ``every`` seconds after the last began, or when that is done."""

    every: float
    _left: Iterator[bytes] | None = None
    _began: float = -math.inf

    @property
    def is_done(self) -> bool:
        """Whether the last step had the last authors of its turn."""
        return self._left is None

    def take(self, state: PartitionState) -> list[bytes]:
        """The keys of the next authors; none while no turn is due."""
        if self._left is None:
            now = time.monotonic()
            if now - self._began < self.every:
                return []
            self._began, self._left = now, iter(list(state.authors))
        taken = [key for key, _ in zip(self._left, range(MOST), strict=False)]
        if len(taken) < MOST:
            self._left = None
        return taken

    def put_back(self, keys: Iterable[bytes]) -> None:
        """These were too many for one step: they come next."""
        self._left = chain(keys, self._left or ())
