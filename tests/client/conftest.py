"""Both clients behind one face, a running gateway, and other programs at its address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mahlan.client import AsyncMahlan, Mahlan
from tests.client.far_sides import FarSide, Script
from tests.gateway.stage import Stage

Client = Any
Opened = Callable[..., Client]


class Threaded:
    """``Mahlan`` from inside an event loop: each call in a thread of its own, so that the gateway can answer."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.inner = Mahlan(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any, **options: Any) -> Any:
            return await asyncio.to_thread(getattr(self.inner, name), *arguments, **options)

        return call

    def __repr__(self) -> str:
        return repr(self.inner)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(tmp_path).running() as stage:
        yield stage


@pytest.fixture(params=[Threaded, AsyncMahlan], ids=["blocking", "async"])
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[Opened]:
    """Opens a client of each kind, with the arguments of ``Mahlan``."""
    clients: list[Client] = []

    def open_client(*arguments: Any, **options: Any) -> Client:
        clients.append(request.param(*arguments, **options))
        return clients[-1]

    yield open_client
    for client in clients:
        await client.close()


@pytest.fixture
def mahlan(opened: Opened, stage: Stage) -> Client:
    """A client of the running gateway whose key may do everything."""
    return opened(stage.url, stage.key)


@pytest.fixture
def far_side() -> Callable[[Script], Any]:
    """Puts something other than a gateway at an address."""

    @asynccontextmanager
    async def standing(script: Script) -> AsyncIterator[FarSide]:
        side = FarSide(script)
        await side.begin()
        try:
            yield side
        finally:
            await side.end()

    return standing
