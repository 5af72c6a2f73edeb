"""uvicorn's HTTP protocol with bounds on what comes before and after a request. Used by ``server.py``.

uvicorn takes a head of any size, for as long as it likes to come, and reads on without end what belongs to a request
that has its answer: both from anybody, before a key is asked for. Here such a connection is cut.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = 64 * 1024
"""Bytes of a request line and its headers at most, roughly: what comes with them in one piece is let pass."""
UNREAD = 8_000_000
"""Bytes read to nowhere at most, of a request that has its answer: most clients do not listen while they send."""
SECONDS = 10.0
"""Seconds that a head may take to come, and that a client may go on sending what nobody waits for."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head = True
        self._unread = 0
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection that never says anything is cut too."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass it on; count it where it is not of the body of a request that is being answered."""
        answered = self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]
        if answered:
            self._wait()
        if self._in_head or answered:
            self._unread += len(data)
        super().data_received(data)
        if self._unread > (HEAD if self._in_head else UNREAD):
            self._cut()

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        super().on_message_begin()
        self._in_head = True
        self._unread = 0

    def on_headers_complete(self) -> None:
        """The head is there, and the request begins."""
        super().on_headers_complete()
        self._in_head = False
        self._unread = 0
        self._wait_no_more()

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(SECONDS, self._cut)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _cut(self) -> None:
        self.transport.abort()
