"""What refusing a request costs the gateway's core: at the entrance, and by the framework, as it would be otherwise.

    PYTHONPATH=services:. python load_tests/refusal_speed.py [--requests N]

Prints microseconds of processor time, which neighbours hardly change, of the best of five rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import Any

from litestar import Litestar, post
from litestar.config.cors import CORSConfig
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mahlan.gateway.counting import Counting
from mahlan.gateway.entrance import Entrance
from mahlan.gateway.problems import answer_problem, overloaded
from mahlan.runtime.metrics import build_metrics

HEADERS = [(b"host", b"localhost:8080"), (b"content-type", b"application/json"), (b"content-length", b"90")]


@post("/v1/checks")
async def check() -> None:
    """Never reached."""


def refusing(app: ASGIApp) -> ASGIApp:
    """A middleware with a limit of nothing before ``app``."""

    async def refuse(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise overloaded("concurrency")

    return refuse


def build(limit: int) -> ASGIApp:
    """An application that refuses at the entrance (0) or behind it."""
    metrics, cors = build_metrics(), CORSConfig(allow_origins=["https://site.example"])
    app = Litestar(
        [check],
        middleware=[refusing],
        exception_handlers={Exception: answer_problem},
        cors_config=cors,
        openapi_config=None,
        logging_config=None,
    )
    limits = {"concurrency": limit, "streams": limit}
    return Counting(Entrance(app, cors, limits, lambda: None, metrics), metrics)


async def microseconds(app: ASGIApp, count: int) -> float:
    """Of processor time, for one request."""
    statuses: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    begun = time.process_time()
    for _ in range(count):
        await app(_scope(), receive, send)
    took = time.process_time() - begun
    assert statuses == [503] * count, "not refused"
    return took / count * 1e6


def _scope() -> Any:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/checks",
        "raw_path": b"/v1/checks",
        "query_string": b"",
        "root_path": "",
        "headers": list(HEADERS),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8080),
        "state": {},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000, help="of each round")
    given = parser.parse_args()
    entrance, framework = (
        min(asyncio.run(microseconds(app, given.requests)) for _ in range(5)) for app in (build(0), build(1))
    )
    print(f"refused at the entrance   {entrance:7.1f} µs")
    print(f"refused by the framework  {framework:7.1f} µs")
    print(f"framework : entrance = {framework / entrance:.1f}")


if __name__ == "__main__":
    main()
