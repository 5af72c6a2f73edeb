"""The real gateway beside the browser's thread: fast@1, keys and a spool, with Kafka in memory."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from tests.gateway.stage import Stage

PATIENCE = 60.0


class Live:
    """A ``Stage`` in a thread of its own; ``ask`` runs a coroutine on it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(folder, options), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the gateway did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)

    def ask(self, what: Callable[[Stage], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            return await what(self.stage)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(PATIENCE)

    def _run(self, folder: Path, options: dict[str, Any]) -> None:
        self._loop.run_until_complete(self._serve(folder, options))
        self._loop.close()

    async def _serve(self, folder: Path, options: dict[str, Any]) -> None:
        async with Stage(folder, options=options).running() as self.stage:
            self._ready.set()
            await self._stop.wait()
