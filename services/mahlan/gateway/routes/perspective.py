"""The Perspective API: ``comments:analyze``, ``comments:suggestscore`` and the discovery document.

Score only: ``analyze`` stores and publishes nothing, whatever ``doNotStore`` says; ``suggestscore`` publishes what was
suggested, without the text. What is said here is what the stream would say of the same text.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import JSONBody, Parameter

from mahlan.gateway.decoding import JSON, BodyRequest
from mahlan.gateway.parts import key_behind, parts_of
from mahlan.gateway.perspective.answers import answer, label_of
from mahlan.gateway.perspective.discovery import VERSION, describe
from mahlan.gateway.perspective.errors import GOOGLE
from mahlan.gateway.perspective.languages import languages_of
from mahlan.gateway.perspective.questions import attributes_of, suggestions_of, text_of
from mahlan.gateway.perspective.shapes import AnalyzeAnswer, AnalyzeBody, SuggestAnswer, SuggestBody
from mahlan.gateway.problems import ProblemError
from mahlan.gateway.records import suggestion_record
from mahlan.gateway.texts import read_text

_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
Version = Annotated[str, Parameter(description=f"only {VERSION} is there")]
_DOCUMENT = {
    "responses": {
        "200": {"description": "Google's discovery format.", "content": {JSON: {"schema": {"type": "object"}}}}
    }
}


@post(
    "/v1alpha1/comments:analyze",
    scope="score",
    scores=True,
    status_code=200,
    operation_id="analyze",
    dialect=GOOGLE,
    errors=(500, 503, 504),
)
async def analyze(request: BodyRequest, data: JSONBody[AnalyzeBody]) -> AnalyzeAnswer:
    """Score a comment, as the Perspective API does: see docs/perspective.md for what differs.

    Nothing of it is stored or published, with or without `doNotStore`.
    """
    parts = parts_of(request)
    text = text_of(data.comment)
    sites = parts.score_map.value.sites
    asked = attributes_of(data, sites)
    obey = parts.settings.gateway_language_hints == "request"
    hint = data.languages[0] if obey and data.languages else None
    labels = frozenset(label_of(attribute, sites) for attribute in asked)
    read = await read_text(parts, text, labels, hint)
    told = languages_of(read.comment, data.languages, obey=obey)
    return answer(data, asked, read.scores, told, read.labels, sites)


@post(
    "/v1alpha1/comments:suggestscore",
    scope="score",
    scores=True,
    status_code=200,
    operation_id="suggestscore",
    dialect=GOOGLE,
    errors=(500, 503, 504),
)
async def suggestscore(request: BodyRequest, data: JSONBody[SuggestBody]) -> SuggestAnswer:
    """Suggest what a score should have been. It goes to `feedback.suggested.v1`, without the text."""
    parts = parts_of(request)
    text = text_of(data.comment)
    values = suggestions_of(data)
    read = await read_text(parts, text, frozenset())
    await parts.record(
        suggestion_record(
            read.comment,
            read.scores.scores,
            read.model,
            values,
            parts.clock(),
            platform=key_behind(request).platform,
            community_id=data.community_id,
            client_token=data.client_token,
        )
    )
    return SuggestAnswer(client_token=data.client_token)


@get(
    "/$discovery/rest",
    open=True,
    sync_to_thread=False,
    status_code=200,
    operation_id="discovery",
    dialect=GOOGLE,
    errors=(404,),
    document=_DOCUMENT,
)
def discovery(request: BodyRequest, version: Version = VERSION) -> Response[dict[str, Any]]:
    """The discovery document, for clients that build themselves from one."""
    if version != VERSION:
        raise ProblemError("not_found", f"the only version is {VERSION}", "version")
    return Response(describe(_root(request)))


def _root(request: BodyRequest) -> str:
    """The address that was asked, as the one who asked sees it: behind TLS a proxy says so."""
    told = request.headers.get("x-forwarded-proto", request.scope["scheme"])
    scheme = told if told in {"http", "https"} else "http"
    host = request.headers.get("host", "")
    return f"{scheme}://{host if _HOST.fullmatch(host) else 'localhost'}/"


ROUTES = (analyze, suggestscore, discovery)
