"""kill -9 of services in the middle of a run, one after the other. Used by the demo's run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from mahlan.demo.ledger import Ledger
from mahlan.demo.supervisor import Supervisor


@dataclass(slots=True)
class Chaos:
    """Kills each of ``kills`` once it is in the middle of its own work, the one before being ready again.

    The middle is told by what the service has written: the n-th of k kills comes at n/(k+1) of ``count``.
    """

    supervisor: Supervisor
    ledger: Ledger
    kills: Sequence[str]
    count: int
    done: int = 0
    _recovering: asyncio.Task[None] | None = field(default=None)

    @property
    def over(self) -> bool:
        """Whether all are killed and back."""
        return self.done == len(self.kills) and self._recovering is None

    async def step(self) -> None:
        """Kill the next one if it is time."""
        if self._recovering is not None:
            if not self._recovering.done():
                return
            self._recovering.result()
            self._recovering = None
        if self.done == len(self.kills):
            return
        name = self.kills[self.done]
        if self._written(name) >= self.count * (self.done + 1) // (len(self.kills) + 1):
            self.supervisor.kill(name)
            self.done += 1
            self._recovering = asyncio.create_task(self._recovered(name))

    async def _recovered(self, name: str) -> None:
        await asyncio.sleep(0.5)  # the old process's port must be gone before the new one is asked
        await self.supervisor.wait_ready(name)

    def _written(self, name: str) -> int:
        written = {"normaliser": self.ledger.normalised, "scorer": self.ledger.scored}
        return len(written.get(name, self.ledger.decided))
