"""What every request passes on its way: limits on its body, and on how long it takes.

A middleware inside the framework's, so that its answers get the headers that browsers want, as all others do. How many
there may be is ``entrance.py``'s, which comes before.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mahlan.gateway.problems import TOO_LARGE, ProblemError


@dataclass(frozen=True, slots=True)
class Gate:
    """``body`` bytes at most; ``seconds`` for each request, but of routes with ``endless=True``."""

    body: int
    seconds: float

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """The application behind the gate."""

        async def gated(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            headers = Headers.from_scope(scope)
            _check_encoding(headers)
            await self._check_length(headers, receive)
            if scope["route_handler"].opt.get("endless"):
                await app(scope, receive, send)
            else:
                await self._timed(app, scope, receive, send)

        return gated

    async def _check_length(self, headers: Headers, receive: Receive) -> None:
        """Refuse what says that it is too large before a byte of it is kept.

        Some of it is still read, to nowhere: most clients do not listen while they send.
        """
        told = headers.get("content-length", "")
        if not told.isdecimal() or int(told) <= self.body:
            return
        left = 4 * self.body
        with suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                while left > 0:
                    message = await receive()
                    if message["type"] != "http.request":
                        break
                    left -= len(message["body"])
                    if not message["more_body"]:
                        break
        raise ProblemError("too_large", TOO_LARGE, headers={"Connection": "close"})

    async def _timed(self, app: ASGIApp, scope: Any, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as limit:
                await app(scope, receive, watched)
        except TimeoutError:
            if begun or not limit.expired():
                raise
            raise ProblemError("timeout", "not done within MAHLAN_GATEWAY_TIMEOUT; try again") from None


def _check_encoding(headers: Headers) -> None:
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError("unsupported_media_type", "send the body as it is, not compressed", "Content-Encoding")
