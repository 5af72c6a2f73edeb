"""The gateway's outbox: where its file is, and how long it may go on sending at the end. Called by ``app.py``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mahlan.gateway import SERVICE
from mahlan.runtime.data import home
from mahlan.runtime.outbox import Outbox, OutboxOptions
from mahlan.runtime.service import Runtime
from mahlan.runtime.settings import Settings

FILE = "gateway.spool"
MEGABYTE = 1024 * 1024
DRAIN_SHARE = 1 / 3
"""Of the drain time, for sending: the requests that are open have half of it before."""

Watch = Callable[[], Coroutine[Any, Any, None]]


def spool_path(settings: Settings) -> Path:
    """``MAHLAN_GATEWAY_SPOOL``, or a file in ``MAHLAN_HOME``."""
    given = settings.gateway_spool
    return Path(given).expanduser() if given else home(settings.home) / FILE


@asynccontextmanager
async def sending(runtime: Runtime) -> AsyncIterator[tuple[Outbox, Watch]]:
    """The outbox, which sends while the block runs and then what is left; and what ends only when it fails.

    Raises ``SettingsError`` where its file cannot be used.
    """
    settings = runtime.settings
    options = OutboxOptions(
        max_bytes=settings.gateway_spool_max_mb * MEGABYTE, drain=settings.drain_timeout * DRAIN_SHARE
    )
    outbox = Outbox(spool_path(settings), runtime.broker, runtime.metrics, SERVICE, options)
    await outbox.open()
    ended = asyncio.Event()
    task = asyncio.create_task(outbox.run(ended))
    try:
        yield outbox, partial(_watch, task)
        ended.set()
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await outbox.close()


async def _watch(task: asyncio.Task[None]) -> None:
    """Until it fails: half a gateway must not look alive."""
    await asyncio.shield(task)
