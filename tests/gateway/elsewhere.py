"""A gateway in a thread and an event loop of its own, for clients that block."""

from __future__ import annotations

import asyncio
import threading

from tests.gateway.stage import PATIENCE, Stage


class Elsewhere:
    """Runs while the ``with`` block does."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._ready = threading.Event()
        self._end: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        async with self.stage.running():
            self._end = (asyncio.get_running_loop(), asyncio.Event())
            self._ready.set()
            await self._end[1].wait()

    def __enter__(self) -> Stage:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self.stage

    def __exit__(self, *_: object) -> None:
        assert self._end is not None
        loop, end = self._end
        loop.call_soon_threadsafe(end.set)
        self._thread.join(PATIENCE)
