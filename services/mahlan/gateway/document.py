"""The OpenAPI document: the framework's, with limits and errors as they are. Built once, served as ``/openapi.json``.

Two things are put right in it: the framework loses the limits of optional fields (litestar#4650), so bodies are taken
from the decoder itself, and it knows nothing of our errors. No page that loads scripts from elsewhere is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import orjson
from litestar import Litestar, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from mahlan import __version__
from mahlan.gateway.access import HEADERS, PARAMETER, is_open
from mahlan.gateway.decoding import JSON, BodyRequest
from mahlan.gateway.problems import dialect_of

TITLE = "mahlan gateway"
#: Of these a body with both needs one, which a type cannot say.
AUTHOR = ("author_key", "author_id")
ALWAYS = (400, 413, 415)
WITH_KEY = (401, 403, 429)
MEANINGS = {
    400: "The request cannot be read, or a field breaks the contract",
    401: "No active key",
    403: "The key may not do this, or not from this origin",
    404: "There is no such thing",
    409: "The id was used for another text",
    413: "The body is too large",
    415: "The body is of a kind that is not read here",
    422: "The parts of the request do not belong together",
    429: "Asked too often; see Retry-After",
    500: "mahlan failed on this request",
    503: "Too much at once; see Retry-After",
    504: "The answer took too long",
}

_SCHEMES = {
    "bearer": SecurityScheme(type="http", scheme="bearer", description="Authorization: Bearer KEY"),
    **{name: SecurityScheme(type="apiKey", name=name, security_scheme_in="header") for name in HEADERS},
    "parameter": SecurityScheme(type="apiKey", name=PARAMETER, security_scheme_in="query"),
}


def render(handlers: Sequence[HTTPRouteHandler]) -> bytes:
    """The document of these routes, as JSON."""
    config = OpenAPIConfig(
        title=TITLE,
        version=__version__,
        components=Components(security_schemes=dict(_SCHEMES)),
        security=[{name: []} for name in _SCHEMES],
    )
    app = Litestar(route_handlers=list(handlers), openapi_config=config, request_class=BodyRequest, logging_config=None)
    document = app.openapi_schema.to_schema()
    documented = [handler for handler in _handlers(app) if handler.resolve_include_in_schema()]
    document["components"]["schemas"] = _schemas(documented)
    for handler in documented:
        for path in handler.paths:
            _complete(document["paths"][_formatted(path)], handler)
    return orjson.dumps(document)


def document_route(handlers: Sequence[HTTPRouteHandler]) -> HTTPRouteHandler:
    """The route that serves it."""
    document = render(handlers)

    @get("/openapi.json", open=True, include_in_schema=False, sync_to_thread=False, media_type=JSON)
    def openapi() -> bytes:
        """This document."""
        return document

    return openapi


def _handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            yield from route.route_handlers


def _schemas(handlers: Iterable[HTTPRouteHandler]) -> dict[str, Any]:
    """Every body and answer as the decoder sees it."""
    shapes: list[Any] = [dialect_of(None).shape]
    for handler in handlers:
        data = handler.parsed_data_field
        shapes += [data.annotation] if data is not None else []
        shapes += [handler.parsed_return_field.annotation, *handler.opt.get("shapes", ()), dialect_of(handler).shape]
    structs = [
        shape for shape in dict.fromkeys(shapes) if isinstance(shape, type) and issubclass(shape, msgspec.Struct)
    ]
    schemas: dict[str, Any] = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")[1]
    for schema in schemas.values():
        if schema.get("properties", {}).keys() >= set(AUTHOR):
            schema["anyOf"] = [{"required": [name], "properties": {name: {"type": "string"}}} for name in AUTHOR]
    return schemas


def _formatted(path: str) -> str:
    """``/a/{b:str}`` as OpenAPI writes it."""
    return "/".join("{" + part[1:-1].partition(":")[0] + "}" if part[:1] == "{" else part for part in path.split("/"))


def _complete(item: dict[str, Any], handler: HTTPRouteHandler) -> None:
    """The handler's operations with what the framework cannot know."""
    for method in handler.http_methods:
        operation = item.get(method.lower())
        if operation is None:
            continue
        told: Mapping[str, Any] = handler.opt.get("document", {})
        responses = operation.setdefault("responses", {}) | told.get("responses", {})
        operation |= told
        operation["responses"] = {code: answer for code, answer in responses.items() if int(code) < 400} | _errors(
            handler
        )
        if is_open(handler):
            operation["security"] = []


def _errors(handler: HTTPRouteHandler) -> dict[str, Any]:
    if handler.opt.get("problems") is False:
        return {}
    statuses = {*ALWAYS, *(() if is_open(handler) else WITH_KEY), *handler.opt.get("errors", ())}
    dialect = dialect_of(handler)
    content = {dialect.media_type: {"schema": {"$ref": f"#/components/schemas/{dialect.shape.__name__}"}}}
    return {str(status): {"description": MEANINGS[status], "content": content} for status in sorted(statuses)}
