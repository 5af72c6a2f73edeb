"""What the gateway tells of its requests in metrics, and the headers that all answers have."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mahlan.gateway import SERVICE
from mahlan.runtime.metrics import Metrics

#: Of answers that say nothing else: they are for who asked, and no browser may guess what they are.
DEFAULTS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


@dataclass(frozen=True, slots=True)
class Counting:
    """The outermost ASGI application. Routes are told by their pattern, never by the path that was asked for."""

    app: ASGIApp
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; count it when its answer is complete."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        begun, status = perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_missing(message["headers"])]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            # A method or path that nobody offers is the caller's own word: no label for it.
            route = f"{scope['method']} {scope['path_template']}" if scope.get("path_template") else "none"
            self.metrics.gateway_requests.labels(SERVICE, route, str(status or 499)).inc()
            self.metrics.gateway_request_seconds.labels(SERVICE, route).observe(perf_counter() - begun)


def _missing(headers: object) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in headers}  # type: ignore[attr-defined]
    return [(name, value) for name, value in DEFAULTS if name not in there]
