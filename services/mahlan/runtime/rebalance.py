"""What both brokers' consumers do when partitions come and go: call the hooks, hold polling back, keep their errors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mahlan.runtime.broker import Partition, PartitionsHook


class Rebalance:
    """One consumer's hooks. Polling waits while partitions are on the move; a hook's error is raised by the next poll.

    ``on_assigned`` is called with every new assignment, an empty one too; ``on_revoked`` only with what there was.
    Neither is called by ``close``: who closes knows that it gives everything up.
    """

    def __init__(self, on_assigned: PartitionsHook | None, on_revoked: PartitionsHook | None) -> None:
        self._on_assigned = on_assigned
        self._on_revoked = on_revoked
        self._settled = asyncio.Event()
        self._error: Exception | None = None

    @property
    def settled(self) -> bool:
        """Whether an assignment stands and its hook is done."""
        return self._settled.is_set()

    async def wait_settled(self, seconds: float) -> bool:
        """True once settled; False after ``seconds``. Raises the error of the last hook."""
        if not self.settled:
            try:
                async with asyncio.timeout(seconds):
                    await self._settled.wait()
            except TimeoutError:
                return False
        if self._error is not None:
            raise self._error
        return True

    async def revoke(self, partitions: Sequence[Partition]) -> None:
        """Partitions are about to be given up: they may still be committed now."""
        self._settled.clear()
        self._error = None
        if partitions:
            await self._call(self._on_revoked, partitions)

    async def assign(self, partitions: Sequence[Partition]) -> None:
        """A new assignment stands: polling goes on when its hook is done."""
        await self._call(self._on_assigned, partitions)
        self._settled.set()

    async def _call(self, hook: PartitionsHook | None, partitions: Sequence[Partition]) -> None:
        if hook is None:
            return
        try:
            await hook(sorted(partitions))
        except Exception as error:  # noqa: BLE001 (kept for the poll that comes next, whatever it is)
            self._error = error
