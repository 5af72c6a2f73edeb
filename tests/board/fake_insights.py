"""An insights service whose numbers, slowness and failures a test sets: what the board must stand, made on call."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

PATIENCE = 20.0


@dataclass
class FakeInsights:
    """Answers ``GET /insights/{campaign}`` with ``told[campaign]``. ``gate`` cleared: not until it is set."""

    told: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    #: Sent as it is instead of what is told.
    raw: bytes | None = None
    #: Campaigns as they were asked for.
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    port: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self.gate.set()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer, at the same port as before."""
        handler = type("Bound", (Handler,), {"insights": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Handler(BaseHTTPRequestHandler):
    insights: FakeInsights

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""

    def do_GET(self) -> None:
        fake = self.insights
        campaign = unquote(self.path.removeprefix("/insights/"))
        fake.asked.append(campaign)
        fake.tokens.append(self.headers["Authorization"])
        fake.gate.wait(PATIENCE)
        status = fake.status if campaign in fake.told or fake.raw is not None else 404
        body = fake.raw if fake.raw is not None else json.dumps(fake.told.get(campaign)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)
