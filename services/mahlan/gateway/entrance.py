"""How many requests are open at once, and the answer to those that are too many: given before the framework sees them.

A refusal must cost next to nothing: where it costs as much as an answer, too much load leaves no time for any answer.
So its bytes are made beforehand, in the format of each route. OPTIONS is let pass: a browser asks it before the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec
from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.enums import HttpMethod, ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from mahlan.gateway import SERVICE
from mahlan.gateway.problems import FULL, dialect_of, overloaded
from mahlan.runtime.metrics import Metrics

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Way:
    """A route: its pattern, whether its answers never end, whether it scores texts, and its refusals."""

    template: str
    endless: bool
    scores: bool
    bodies: Mapping[str, bytes]
    headers: Mapping[str, Headers]


class Entrance:
    """The application behind limits: ``limits`` holds those of ``concurrency`` and ``streams``.

    ``crowded`` tells why one more text would not be scored in time: ``queue``, ``wait``, or None.
    """

    def __init__(
        self,
        app: Litestar,
        cors: CORSConfig,
        limits: Mapping[str, int],
        crowded: Callable[[], str | None],
        metrics: Metrics,
    ) -> None:
        self.inside: Counter[str] = Counter()
        self._app: ASGIApp = app
        self._cors = cors
        self._limits = limits
        self._crowded = crowded
        self._metrics = metrics
        self._ways, self._patterns = _table(app)
        self._none = _way("", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        if scope["type"] != ScopeType.HTTP or scope["method"] == "OPTIONS":
            await self._app(scope, receive, send)
            return
        way = self._find(scope["method"], scope["path"].rstrip("/"))
        kind = "streams" if way.endless else "concurrency"
        if full := self._full(way, kind):
            await self._refuse(way, full, scope, send)
            return
        self.inside[kind] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.inside[kind] -= 1

    def _find(self, method: str, path: str) -> Way:
        if way := self._ways.get((method, path)):
            return way
        found = (way for (of, pattern), way in self._patterns if of == method and pattern.fullmatch(path))
        return next(found, self._none)

    def _full(self, way: Way, kind: str) -> str | None:
        if self.inside[kind] >= self._limits[kind]:
            return kind
        return self._crowded() if way.scores else None

    async def _refuse(self, way: Way, full: str, scope: Scope, send: Send) -> None:
        self._metrics.gateway_shed.labels(SERVICE, full).inc()
        if way.template:
            scope["path_template"] = way.template
        headers = [*way.headers[full], *self._shared(scope)]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": way.bodies[full], "more_body": False})

    def _shared(self, scope: Scope) -> Headers:
        """What a page of another origin needs to read the refusal."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        if origin is None:
            return []
        told = [(name.lower().encode(), value.encode()) for name, value in self._cors.simple_headers.items()]
        if self._cors.is_origin_allowed(origin.decode("latin-1")):
            told += [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]
        return told


Patterns = list[tuple[tuple[str, re.Pattern[str]], Way]]


def _table(app: Litestar) -> tuple[dict[tuple[str, str], Way], Patterns]:
    """Ways by method and path, and those whose path has parameters."""
    plain: dict[tuple[str, str], Way] = {}
    patterns: Patterns = []
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, handler in _offered(route.route_handlers):
            way = _way(route.path_format, handler)
            if route.path_components and any(not isinstance(part, str) for part in route.path_components):
                patterns.append(((method, _pattern(route)), way))
            else:
                plain[method, route.path_format.rstrip("/")] = way
    return plain, patterns


def _offered(handlers: Iterable[HTTPRouteHandler]) -> Iterable[tuple[str, HTTPRouteHandler]]:
    return ((HttpMethod(method).value, handler) for handler in handlers for method in handler.http_methods)


def _pattern(route: HTTPRoute) -> re.Pattern[str]:
    parts = (
        re.escape(part) if isinstance(part, str) else ".+" if part.full.endswith(":path") else "[^/]+"
        for part in route.path_components
    )
    return re.compile("/" + "/".join(parts))


def _way(template: str, handler: HTTPRouteHandler | None) -> Way:
    dialect = dialect_of(handler)
    bodies = {full: msgspec.json.encode(dialect.tell(overloaded(full))) for full in FULL}
    opt = {} if handler is None else handler.opt
    return Way(
        template=template,
        endless=bool(opt.get("endless")),
        scores=bool(opt.get("scores")),
        bodies=bodies,
        headers={full: _headers(dialect.media_type, body) for full, body in bodies.items()},
    )


def _headers(media_type: str, body: bytes) -> Headers:
    told = {"Content-Type": media_type, "Content-Length": str(len(body)), **overloaded("queue").headers}
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]
