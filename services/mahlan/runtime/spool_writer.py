"""Changes of a spool from the event loop, in a thread of its own. Used by ``runtime/outbox.py``.

While one transaction is being written the next changes gather, and all that have are one transaction: many requests
share the disk's one wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mahlan.runtime.spool import Spool

T = TypeVar("T")
Waiting = tuple[Callable[[Spool], Any], asyncio.Future[Any]]


class SpoolWriter:
    """The one way to a spool once the event loop runs."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises ``SettingsError`` where the file cannot be used."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._spool.open)

    async def make(self, change: Callable[[Spool], T]) -> T:
        """What ``change`` returns, once it is durable. Raises ``SpoolError`` when it was not made."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((change, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        made: T = await future
        return made

    async def sweep(self) -> None:
        """Leave nothing of what was deleted on the disk. Raises ``SpoolError``."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._spool.sweep)

    async def close(self) -> None:
        """Write what waits and let the file go."""
        if self._writing is not None:
            await self._writing
        await asyncio.get_running_loop().run_in_executor(self._thread, self._spool.close)
        self._thread.shutdown(wait=False)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                # Who gave up while waiting has not been promised anything.
                waiting = [(change, future) for change, future in self._waiting if not future.done()]
                self._waiting.clear()
                changes = [change for change, _ in waiting]
                _answer(waiting, await loop.run_in_executor(self._thread, self._results, changes))
        finally:
            self._writing = None

    def _results(self, changes: Sequence[Callable[[Spool], Any]]) -> list[Any]:
        try:
            return self._spool.commit(changes)
        except Exception as error:  # noqa: BLE001 (whoever waits must be told, whatever it is)
            return [error] * len(changes)


def _answer(waiting: Sequence[Waiting], results: Sequence[Any]) -> None:
    for (_, future), result in zip(waiting, results, strict=True):
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
