"""Who may ask for what: the key of a request, its scope, its origin, its pace. A guard of every route.

A route names its scope (``scope="check"``) or says that it is open to all (``open=True``); one that does neither is
refused when the application is built.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute

from mahlan.errors import SettingsError
from mahlan.gateway.keyring import KeyRing
from mahlan.gateway.keys import SCOPES, Key
from mahlan.gateway.problems import ProblemError
from mahlan.runtime.settings import Settings

Connection = ASGIConnection[Any, Any, Any, Any]

#: Who asks where no keys are asked for.
ANYBODY = Key(id="00000000", name="anybody", hash="0" * 64, scopes=SCOPES, rate="1/day")
#: Where a key may stand. Perspective's clients send ``key`` or ``x-goog-api-key``, OpenAI's a bearer token.
HEADERS = ("x-api-key", "x-goog-api-key")
PARAMETER = "key"
#: With a realm, as RFC 6750 wants it: httplib2, and so Google's client, fails on a scheme alone.
CHALLENGE = 'Bearer realm="mahlan"'


@dataclass(slots=True)
class Access:
    """Without a ``ring`` anybody may do everything, from this machine."""

    ring: KeyRing | None
    limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))
    rates: dict[str, RateLimitItem] = field(default_factory=dict)

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let the request pass and note its key as ``request.auth``; raises ``ProblemError``.

        It waits for nothing, yet is a coroutine: Litestar sends a plain function through a thread, request by request.
        """
        if is_open(handler):
            return
        scope = handler.opt["scope"]
        if self.ring is None:
            _check_local(connection.headers)
            connection.scope["auth"] = ANYBODY
            return
        key = self.ring.find(_shown(connection))
        if key is None:
            detail = "send an active key as Authorization: Bearer KEY"
            raise ProblemError("unauthorized", detail, headers={"WWW-Authenticate": CHALLENGE})
        if scope not in key.scopes:
            raise ProblemError("forbidden", f"this key has not the scope {scope}")
        _check_origin(key, connection.headers.get("origin"))
        self._pace(key)
        connection.scope["auth"] = key

    def is_origin_allowed(self, origin: str) -> bool:
        """For a preflight, which shows no key: whether any key may be used from there."""
        if self.ring is None:
            return _is_here(origin.partition("://")[2])
        return origin in self.ring.origins or "*" in self.ring.origins

    async def run(self) -> None:
        """Follow the file of keys, until cancelled."""
        if self.ring is not None:
            await self.ring.run()

    def is_active(self, key: Key) -> bool:
        """Whether a key that was let in may stay."""
        return self.ring is None or self.ring.is_active(key)

    def _pace(self, key: Key) -> None:
        rate = self.rates.get(key.rate) or self.rates.setdefault(key.rate, parse(key.rate))
        if not self.limiter.hit(rate, key.id):
            reset = self.limiter.get_window_stats(rate, key.id).reset_time
            wait = max(1, math.ceil(reset - time.time()))
            detail = f"this key may be used {key.rate.replace('/', ' times a ')}; wait {wait} s"
            raise ProblemError("rate_limited", detail, headers={"Retry-After": str(wait)})


class LiveCors(CORSConfig):
    """The framework's CORS with origins that change while it runs."""

    def __init__(self, access: Access) -> None:
        super().__init__(
            allow_origins=[],
            allow_methods=["GET", "POST", "DELETE", "OPTIONS"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID", *HEADERS],
            expose_headers=["Retry-After"],
        )
        self._access = access

    def is_origin_allowed(self, origin: str) -> bool:
        """Whether pages of this origin may read answers."""
        return self._access.is_origin_allowed(origin)


def is_open(handler: BaseRouteHandler) -> bool:
    """Whether a route is for everybody: it says so, or it is the framework's answer to OPTIONS."""
    only_options = isinstance(handler, HTTPRouteHandler) and set(handler.http_methods) == {"OPTIONS"}
    return only_options or bool(handler.opt.get("open"))


def check_scopes(app: Litestar) -> None:
    """Raises ValueError for a route that says neither which scope it needs nor that it is open."""
    for handler in _handlers(app):
        if not is_open(handler) and handler.opt.get("scope") not in SCOPES:
            raise ValueError(f"{handler}: say scope=… or open=True")


def _handlers(app: Litestar) -> Iterator[BaseRouteHandler]:
    for route in app.routes:
        yield from route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]


def check_loopback(settings: Settings) -> None:
    """Without keys nobody but this machine may ask. Raises ``SettingsError``."""
    if settings.gateway_auth == "off" and not _is_here(settings.gateway_host):
        raise SettingsError(
            "MAHLAN_GATEWAY_AUTH=off serves this machine alone: set MAHLAN_GATEWAY_HOST=127.0.0.1, or use keys"
        )


def _shown(connection: Connection) -> str:
    """The key that the request shows; empty where it shows none."""
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip()
    for name in HEADERS:
        if found := connection.headers.get(name):
            return found
    return str(connection.query_params.get(PARAMETER, ""))


def _check_origin(key: Key, origin: str | None) -> None:
    """A browser tells where the page came from: a key taken from one site is of no use in another's pages."""
    if origin is not None and origin not in key.origins and "*" not in key.origins:
        raise ProblemError("forbidden", "this key is not for pages of this origin", "Origin")


def _check_local(headers: Headers) -> None:
    """Only this machine's own pages, called by its own name: no other site's, nor by a name that points here."""
    origin = headers.get("origin")
    if not _is_here(headers.get("host", "localhost")) or (origin and not _is_here(origin.partition("://")[2])):
        raise ProblemError("forbidden", "without keys only pages of this machine may ask", "Origin")


def _is_here(host: str) -> bool:
    """Whether ``host[:port]`` is this machine by a name that cannot be another's."""
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") and host.count(":") == 1 else host
    name = name.partition("]")[0].lstrip("[") if name.startswith("[") else name
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
