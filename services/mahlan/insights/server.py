"""The HTTP port of insights: ``GET /insights`` and ``GET /insights/{campaign}``, numbers only. Read by the board.

``?own=1`` asks for this worker's own partitions, as other workers do. With a token set, every request must bear it.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Awaitable, Callable

import msgspec
import orjson
from aiohttp import web

from mahlan.errors import SettingsError
from mahlan.insights import SERVICE
from mahlan.insights.peers import OWN
from mahlan.insights.view import View
from mahlan.runtime.metrics import Metrics

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def listen(host: str, port: int) -> socket.socket:
    """A socket that waits for requests, so that its port is known before anybody answers. Raises ``SettingsError``."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        where = f"{host}:{port}"
        raise SettingsError(
            f"MAHLAN_INSIGHTS_PORT: cannot listen on {where} ({error.strerror}); choose another"
        ) from None


class Server:
    """Answers on a socket until closed."""

    def __init__(self, view: View, token: str, metrics: Metrics) -> None:
        self._view = view
        self._token = token.encode()
        self._metrics = metrics
        self._runner = web.AppRunner(self._app(), access_log=None)

    async def open(self, listening: socket.socket) -> None:
        """Begin to answer."""
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()

    async def close(self) -> None:
        """Stop listening; what is being answered is finished."""
        await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/insights", self._list)
        app.router.add_get("/insights/{campaign}", self._tell)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await self._checked(request, handler)
        self._metrics.insights_answers.labels(SERVICE, str(response.status)).inc()
        return response

    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ").encode("utf-8", "replace")
        if self._token and not hmac.compare_digest(sent, self._token):
            return _json({"error": "send MAHLAN_INSIGHTS_TOKEN as Authorization: Bearer"}, 401)
        try:
            return await handler(request)
        except web.HTTPException as error:
            return _json({"error": error.reason}, error.status)

    async def _list(self, request: web.Request) -> web.Response:
        if OWN in request.query:
            return _json(sorted(self._view.own_campaigns()))
        return _json({"campaigns": await self._view.list_campaigns()})

    async def _tell(self, request: web.Request) -> web.Response:
        campaign = request.match_info["campaign"]
        if OWN in request.query:
            return _bytes(msgspec.json.encode(self._view.own_shares(campaign)))
        answer = await self._view.answer(campaign)
        if answer is None:
            return _json({"error": "no such campaign; GET /insights lists them"}, 404)
        return _json(answer)


def _json(body: object, status: int = 200) -> web.Response:
    return _bytes(orjson.dumps(body), status)


def _bytes(body: bytes, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
