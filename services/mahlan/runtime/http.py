"""One small HTTP port per service: ``/metrics``, ``/livez``, ``/readyz``. Started by every service.

It runs in a thread of its own, so that it answers even while the event loop hangs, which is when it matters.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson
from prometheus_client import CollectorRegistry, make_wsgi_app

Clock = Callable[[], float]


@dataclass(slots=True)
class Health:
    """What the probes tell. The service's loop calls ``beat``; ``ready`` and ``detail`` change with its state.

    Live means that the loop beat within ``patience`` seconds; ready, that it also has what it needs to work.
    """

    patience: float = 30.0
    clock: Clock = time.monotonic
    ready: bool = False
    detail: dict[str, str] = field(default_factory=dict)
    last_beat: float = field(init=False)

    def __post_init__(self) -> None:
        self.last_beat = self.clock()

    def beat(self) -> None:
        """The loop is alive."""
        self.last_beat = self.clock()

    @property
    def live(self) -> bool:
        """Whether the loop beat lately."""
        return self.clock() - self.last_beat <= self.patience

    def answer(self, path: str) -> tuple[bool, bytes]:
        """Whether the probe at ``path`` passes, and the JSON that says why."""
        good = self.live if path == "/livez" else self.live and self.ready
        body = {"ok": good, "seconds_since_beat": round(self.clock() - self.last_beat, 1), **self.detail}
        return good, orjson.dumps(body)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Probes come every few seconds: no access log."""


class _Server(WSGIServer):
    daemon_threads = True
    allow_reuse_address = True


@dataclass(slots=True)
class StatusServer:
    """The running port. ``port`` is the one taken; ``close`` frees it."""

    server: WSGIServer
    port: int

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()


def build_status_app(registry: CollectorRegistry, health: Health) -> Callable[..., Iterable[bytes]]:
    """The WSGI application behind the port."""
    metrics = make_wsgi_app(registry)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return cast("Iterable[bytes]", metrics(environ, start_response))
        if path not in {"/livez", "/readyz"}:
            start_response("404 Not Found", [("Content-Type", "application/json")])
            return [b'{"ok":false,"paths":["/metrics","/livez","/readyz"]}']
        good, body = health.answer(path)
        status = "200 OK" if good else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        return [body]

    return app


def serve_status(host: str, port: int, registry: CollectorRegistry, health: Health) -> StatusServer:
    """Listen on ``host:port`` (0 takes a free port) in a daemon thread. Raises OSError where the port is taken."""
    app = build_status_app(registry, health)
    server = make_server(host, port, app, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="status", daemon=True).start()
    return StatusServer(server, server.server_port)
