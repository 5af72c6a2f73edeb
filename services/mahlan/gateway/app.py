"""The gateway's process: HTTP in front, scores and decisions inside, Kafka behind. ``mahlan run gateway``.

``MODULES`` lists the groups of routes. A new group is a module with ``ROUTES`` in ``gateway/routes``, named there.
"""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Litestar
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from mahlan.gateway.access import Access, LiveCors, check_scopes
from mahlan.gateway.counting import Counting
from mahlan.gateway.decoding import BodyRequest
from mahlan.gateway.document import document_route
from mahlan.gateway.gate import Gate
from mahlan.gateway.parts import Parts
from mahlan.gateway.problems import answer_problem
from mahlan.gateway.routes import authors, checks, comments, outcomes, pages, stream

MODULES = (checks, comments, outcomes, stream, authors, pages)


def routes() -> Sequence[HTTPRouteHandler]:
    """Every route."""
    return [handler for module in MODULES for handler in module.ROUTES]


def build_app(parts: Parts, access: Access) -> ASGIApp:
    """The ASGI application."""
    settings = parts.settings
    handlers = routes()
    app = Litestar(
        route_handlers=[*handlers, document_route(handlers)],
        guards=[access.guard],
        middleware=[_gate(parts)],
        exception_handlers={Exception: answer_problem},
        request_class=BodyRequest,
        request_max_body_size=settings.gateway_max_body,
        cors_config=LiveCors(access),
        state=State({"parts": parts}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    check_scopes(app)
    return Counting(app, parts.metrics)


def _gate(parts: Parts) -> Gate:
    settings = parts.settings
    return Gate(settings.gateway_concurrency, settings.gateway_streams, settings.gateway_timeout, parts.metrics)
