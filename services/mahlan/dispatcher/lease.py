"""Whether this worker may still write: asked right before every write.

A process that was paused (SIGSTOP, a frozen machine) wakes up believing that its partitions are its own, while
another worker has long taken them over. The group knows: who may commit is a member. So a write needs a proof of
membership that is younger than half the session timeout, and no proof can be older while another worker writes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mahlan.errors import BrokerError, FencedError

Clock = Callable[[], float]


def uptime() -> float:
    """Seconds on a clock that goes on while the process, or the whole machine, is asleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(slots=True)
class Lease:
    """``session_timeout`` in seconds, as the group has it. Not fresh before the first proof."""

    session_timeout: float
    clock: Clock = uptime
    _proved_at: float = -math.inf

    @property
    def is_fresh(self) -> bool:
        """Whether the last proof is young enough to write on."""
        return self.clock() - self._proved_at < self.session_timeout / 2

    def end(self) -> None:
        """Partitions were given up: what was proved before counts no longer."""
        self._proved_at = -math.inf

    async def prove(self, commit: Callable[[], Awaitable[None]]) -> None:
        """Commit, and count from before the commit. Raises what ``commit`` raises."""
        before = self.clock()
        await commit()
        self._proved_at = before

    async def renew(self, commit: Callable[[], Awaitable[None]]) -> None:
        """Make sure that the lease is fresh, by committing if need be. Raises ``FencedError``.

        ``commit`` commits where the batch begins, which changes nothing: whatever it does not cover is read again.
        """
        while not self.is_fresh:
            try:
                await self.prove(commit)
            except BrokerError as error:
                raise FencedError(f"the group does not take our commits: {type(error).__name__}") from error
