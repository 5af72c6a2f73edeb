"""The HTTP server inside the service's own event loop: uvicorn, without its signals, its logs and its name."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from litestar.types import ASGIApp

from mahlan.errors import SettingsError
from mahlan.gateway.protocol import BoundedProtocol
from mahlan.runtime.settings import Settings

#: Connections that wait for a request cost little: they are let in beyond the requests that may be answered at once.
IDLE = 4096


class Server(uvicorn.Server):
    """uvicorn's server for a loop whose signals are somebody else's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The runtime has its own handlers."""
        yield


def listen(settings: Settings) -> socket.socket:
    """A socket on the gateway's address. Raises ``SettingsError`` where it is taken or cannot be had."""
    host, port = settings.gateway_host, settings.gateway_port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"MAHLAN_GATEWAY_PORT: cannot listen on {host}:{port} ({error.strerror}); choose another"
        ) from None


async def serve(app: ASGIApp, settings: Settings, taken: socket.socket, stop: asyncio.Event) -> None:
    """Answer requests until ``stop`` is set; those under way are finished, within the drain time."""
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=settings.gateway_concurrency + settings.gateway_streams + IDLE,
        # A stream never ends by itself: without a limit the server would wait for it for ever.
        timeout_graceful_shutdown=max(1, int(settings.drain_timeout / 2)),
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[taken]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await stopping
        taken.close()
