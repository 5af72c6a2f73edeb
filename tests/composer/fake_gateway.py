"""A gateway whose slowness and failures a test sets: what the composer must stand, and a real one does not do on call.

It answers in the shapes of the real one and asks about the words in ``HURTFUL`` with the campaign's own wording.
"""

from __future__ import annotations

import json
import threading
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "services" / "mahlan" / "gateway" / "static"
CAMPAIGN = tomllib.loads((ROOT / "campaigns" / "fakkar-eg.toml").read_text("utf-8"))
WORDINGS = {wording["language"]: wording for wording in reversed(CAMPAIGN["wording"])}
#: Word, and the language of the comment it is found in.
HURTFUL = {"غبي": "arz", "أحمق": "ar", "7omar": "arz-Latn", "idiot": "en"}
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8", ".ts": "text/plain",
         ".svg": "image/svg+xml", ".json": "application/json"}  # fmt: skip
PATIENCE = 20.0


def answer_for(body: dict[str, Any]) -> dict[str, Any]:
    """What the gateway would say, with spans in UTF-16 code units."""
    text = body["text"]
    found = next((word for word in HURTFUL if word in text), None)
    wording = {"direction": "ltr", **WORDINGS[HURTFUL[found]]} if found else None
    units = len(text[: text.index(found)].encode("utf-16-le")) // 2 if found else 0
    return {
        "nudge_id": f"{body['comment_id'][:24]:0>24}{body['revision']:08x}",
        "decision": "nudge" if found else "none",
        "reason": "over_band" if found else "not_toxic",
        "campaign": "fakkar-eg",
        "campaign_version": "0123456789ab",
        "language": wording["language"] if wording else "arz",
        "script": "Latn" if text.isascii() else "Arab",
        "labels": {"insult": 0.94, "threat": 0.02} if found else {"insult": 0.03, "threat": 0.01},
        "label": "insult" if found else None,
        "band": "high" if found else "none",
        "score": 0.94 if found else 0.03,
        "spans": [[units, units + len(found)]] if found else [],
        "wording": wording,
        "model": "fake@1",
        "recorded": body.get("record", True),
        **({"explain": explained(text)} if body.get("explain") else {}),
    }


def explained(text: str) -> dict[str, Any]:
    readings = [{"kind": "original", "text": text}]
    if "7omar" in text:
        readings.append({"kind": "arabic", "text": "يا حمار انت مبتفهمش"})
    times = {"queue": 0.1, "normalise": 0.6, "score": 4.2, "decide": 0.2, "record": 0.9}
    return {"readings": readings, "signals": [], "truncated": False, "milliseconds": times}


@dataclass
class FakeGateway:
    """Serves the static files, test pages and two endpoints. ``gate`` cleared: no check is answered until it is set."""

    pages: dict[str, str] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    #: The key of each check.
    keys: list[str] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, list[str]]] = field(default_factory=list)
    status: int = 200
    decision: str | None = None
    said: bytes | None = None
    #: More of a nudge's wording, and of an answer: what a campaign adds.
    wording: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    conflicts: int = 0
    #: Another origin that pages may load from and talk to.
    friend: str = ""
    gate: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Self:
        self.gate.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"gateway": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def elsewhere(self) -> str:
        """The same server as another origin."""
        return f"http://localhost:{self.port}"

    def keep(self, kept: list[Any], item: Any) -> None:
        with self.changed:
            kept.append(item)
            self.changed.notify_all()

    def wait_for_outcomes(self, *expected: str) -> list[dict[str, Any]]:
        """The outcomes, once all that are expected are here (in any order: browsers send side by side)."""
        with self.changed:
            arrived = self.changed.wait_for(lambda: len(self.outcomes) >= len(expected), PATIENCE)
        assert arrived, self.outcomes
        assert sorted(outcome["body"]["outcome"] for outcome in self.outcomes) == sorted(expected)
        return self.outcomes

    def wait_for_checks(self, count: int) -> list[dict[str, Any]]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.checks) >= count, PATIENCE), self.checks
        return self.checks


class Handler(BaseHTTPRequestHandler):
    gateway: FakeGateway
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""

    def do_OPTIONS(self) -> None:
        self._reply(204, b"", "text/plain")

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.gateway.pages:
            self._reply(200, self.gateway.pages[path].encode(), TYPES.get(Path(path).suffix, TYPES[".html"]))
            return
        file = STATIC / ("playground/index.html" if path == "/" else path[1:])
        if file.is_file() and file.resolve().is_relative_to(STATIC):
            self._reply(200, file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))
        else:
            self._reply(404, b"", "text/plain")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        address = urlsplit(self.path)
        if address.path == "/v1/checks":
            self._check(json.loads(raw))
        elif address.path.startswith("/v1/nudges/"):
            sent = {
                "nudge_id": address.path.split("/")[3],
                "type": self.headers["Content-Type"],
                "body": json.loads(raw),
                "key": self.headers.get("X-API-Key") or parse_qs(address.query).get("key", [""])[0],
                "origin": self.headers.get("Origin"),
                "query": address.query,
            }
            self.gateway.keep(self.gateway.outcomes, sent)
            self._reply(202, b"{}", "application/json")
        else:
            self.gateway.keep(self.gateway.posts, parse_qs(raw.decode()))
            self._reply(200, b"<title>posted</title>", TYPES[".html"])

    def _check(self, body: dict[str, Any]) -> None:
        fake = self.gateway
        fake.keys.append(self.headers.get("X-API-Key") or self.headers.get("Authorization", "").removeprefix("Bearer "))
        fake.keep(fake.checks, body)
        fake.gate.wait(PATIENCE)
        if fake.conflicts:
            fake.conflicts -= 1
            self._reply(409, b'{"status": 409}', "application/problem+json")
            return
        answer = answer_for(body) | ({"decision": fake.decision} if fake.decision else {}) | fake.more
        if answer["wording"]:
            answer["wording"] = answer["wording"] | fake.wording
        self._reply(fake.status, json.dumps(answer).encode() if fake.said is None else fake.said, "application/json")

    def _reply(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        friend = self.gateway.friend or self.gateway.elsewhere
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": "Content-Type, X-API-Key",
            "Content-Security-Policy": f"default-src 'self' {friend}; connect-src 'self' {friend}",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(BrokenPipeError):  # the page has gone on
            self.wfile.write(body)
