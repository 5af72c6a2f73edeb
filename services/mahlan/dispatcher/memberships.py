"""Joining a consumer group again when the group or the broker let us down. Called by the worker and the delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from mahlan.errors import RetryError
from mahlan.runtime.retries import backoff


@dataclass(slots=True)
class Memberships:
    """One membership of a group after the other: the more have failed in a row, the longer is waited between two.

    ``told`` is given each error that ended one.
    """

    told: Callable[[RetryError], None]
    _failed: int = 0

    def worked(self) -> None:
        """This membership did what it is for: should it fail, that is the first failure of a row.

        A poll that gave nothing does not count: whoever can join and read but never write would join without a wait.
        """
        self._failed = 0

    async def run(self, belong: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
        """``belong(stop)`` from joining the group to leaving it, until ``stop`` is set."""
        while not stop.is_set():
            try:
                await belong(stop)
            except RetryError as error:
                self.told(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), backoff(self._failed))
                self._failed += 1
