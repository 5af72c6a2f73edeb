"""``/openapi.json``: what it says of routes, bodies, limits, errors and keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from mahlan.gateway import app, document
from mahlan.gateway.routes import checks
from tests.gateway.stage import Stage

OPERATIONS = {
    ("post", "/v1/checks"),
    ("post", "/v1/comments"),
    ("post", "/v1/nudges/{nudge_id}/outcomes"),
    ("get", "/v1/nudges/stream"),
    ("delete", "/v1/authors/{author_key}/data"),
    ("post", "/v1alpha1/comments:analyze"),
    ("post", "/v1alpha1/comments:suggestscore"),
    ("get", "/$discovery/rest"),
    ("post", "/v1/moderations"),
    ("get", "/v1/board"),
    ("get", "/v1/board/{campaign}"),
    ("get", "/v1/public-board/{campaign}"),
}
#: Routes that tell errors as others do.
FOREIGN = {
    "/v1alpha1/comments:analyze": ("application/json", "ErrorAnswer"),
    "/v1alpha1/comments:suggestscore": ("application/json", "ErrorAnswer"),
    "/$discovery/rest": ("application/json", "ErrorAnswer"),
    "/v1/moderations": ("application/json", "FaultAnswer"),
}
RENDERED = orjson.loads(document.render(app.routes()))


async def test_it_is_served_to_everybody_and_says_what_there_is(stage: Stage) -> None:
    answer = await stage.ask("GET", "/openapi.json", key=None)
    assert (answer.status, answer.json) == (200, RENDERED)
    found = {(method, path) for path, item in RENDERED["paths"].items() for method in item}
    assert found >= OPERATIONS
    assert RENDERED["openapi"].startswith("3.1")


def test_limits_of_optional_fields_are_in_it() -> None:
    body = RENDERED["components"]["schemas"]["CheckBody"]
    assert body["required"] == ["comment_id", "text"]
    (key, nothing) = body["properties"]["author_key"]["anyOf"]
    assert (key["minLength"], key["maxLength"], nothing) == (8, 128, {"type": "null"})


def test_every_operation_tells_its_errors_and_how_to_show_a_key() -> None:
    assert set(RENDERED["components"]["securitySchemes"]) == {"bearer", "x-api-key", "x-goog-api-key", "parameter"}
    for path, item in RENDERED["paths"].items():
        for operation in item.values():
            responses = operation["responses"]
            assert operation["operationId"], path
            with_key = {"401", "403", "429"} if operation.get("security") != [] else set()
            assert {"400", "413", "415"} | with_key <= set(responses), path
            shape = FOREIGN.get(path, ("application/problem+json", "Problem"))
            for status, answer in responses.items():
                if status >= "400":
                    ((kind, content),) = answer["content"].items()
                    assert (kind, content["schema"]["$ref"].rpartition("/")[2]) == shape


def test_every_reference_leads_somewhere() -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
            for child in node.values():
                yield from references(child)
        elif isinstance(node, list):
            for child in node:
                yield from references(child)

    for reference in references(RENDERED):
        name = reference.removeprefix("#/components/schemas/")
        assert name in RENDERED["components"]["schemas"], reference


def test_a_route_without_a_scope_is_not_served() -> None:
    from litestar import Litestar, get

    from mahlan.gateway.access import check_scopes

    @get("/open-to-all", sync_to_thread=False)
    def forgotten() -> None: ...

    with pytest.raises(ValueError, match="say scope"):
        check_scopes(Litestar([forgotten], openapi_config=None))
    check_scopes(Litestar([checks.check], openapi_config=None))
