"""What every request passes on its way: limits on how many there are, and on how long one takes.

A middleware inside the framework's, so that its answers get the headers that browsers want, as all others do.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mahlan.gateway import SERVICE
from mahlan.gateway.problems import TOO_LARGE, ProblemError
from mahlan.runtime.metrics import Metrics

RETRY_AFTER = {"Retry-After": "1"}


@dataclass(slots=True)
class Gate:
    """``limit`` requests at once, ``seconds`` for each; of routes with ``endless=True``, ``streams`` at once.

    ``body`` is the most bytes of a body.
    """

    limit: int
    streams: int
    body: int
    seconds: float
    metrics: Metrics
    inside: Counter[str] = field(default_factory=Counter)

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
                with self._seat("streams", self.streams):
                    await app(scope, receive, send)
                return
            with self._seat("concurrency", self.limit):
                await self._timed(app, scope, receive, send)

        return gated

    @contextmanager
    def _seat(self, kind: str, limit: int) -> Iterator[None]:
        if self.inside[kind] >= limit:
            self.metrics.gateway_shed.labels(SERVICE, kind).inc()
            raise ProblemError("overloaded", "too many requests at the same time; try again", headers=RETRY_AFTER)
        self.inside[kind] += 1
        try:
            yield
        finally:
            self.inside[kind] -= 1

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
