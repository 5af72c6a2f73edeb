"""What may be at a gateway's address besides a gateway: an HTTP server that says what a test tells it to say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

Script = Callable[[asyncio.StreamWriter, int], Awaitable[None]]
"""Answers a request; told how many came before it."""


class FarSide:
    """``seen`` holds the requests, head and body together."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.seen: list[bytes] = []
        self._open: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def end(self) -> None:
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        self.seen.append(head + await reader.readexactly(length))
        await self.script(writer, len(self.seen) - 1)


def saying(status: str, body: bytes = b"", *headers: str) -> Script:
    """Always the same answer."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers])

    async def answer(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return answer


async def never(_: asyncio.StreamWriter, __: int) -> None:
    """Takes the request and is silent."""
    await asyncio.Event().wait()


async def dripping(writer: asyncio.StreamWriter, _: int) -> None:
    """A header that never ends, a byte now and then: no wait for a byte is ever long."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def breaking(writer: asyncio.StreamWriter, _: int) -> None:
    """Promises more than it sends."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"nudge_id":')
    await writer.drain()
