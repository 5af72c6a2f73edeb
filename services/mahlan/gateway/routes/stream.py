"""``GET /v1/nudges/stream``: nudges that the stream decided, as server-sent events."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter
from litestar.response import ServerSentEvent

from mahlan.gateway.decoding import BodyRequest
from mahlan.gateway.feed import PLACE, Feed, read_place
from mahlan.gateway.parts import key_behind, parts_of

Place = Annotated[
    str | None, Parameter(pattern=PLACE, description="as the header Last-Event-ID, for those who cannot set one")
]
_DOCUMENT = {
    "responses": {
        "200": {
            "description": "`event: nudge` with a NudgeDecided as `data`; comments in between.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    }
}


@get(
    "/v1/nudges/stream",
    scope="stream",
    endless=True,
    status_code=200,
    operation_id="stream",
    errors=(503,),
    document=_DOCUMENT,
)
async def stream(request: BodyRequest, last_event_id: Place = None) -> ServerSentEvent:
    """Follow the nudges that the stream decides for the key's own platform; a key without a platform sees all.

    Decisions of `/v1/checks` are not among them: their authors have seen the answer. A client that comes back with the
    id of its last event (`Last-Event-ID`) goes on where it was; one without starts with what comes now.
    """
    parts, key = parts_of(request), key_behind(request)
    place = request.headers.get("last-event-id") or last_event_id
    feed = Feed(
        parts.broker,
        parts.metrics,
        place=read_place(place) if place else None,
        wanted=lambda told: key.platform in {None, told.platform},
        goes_on=lambda: not parts.stop.is_set() and parts.is_active(key),
    )
    return ServerSentEvent(feed.messages(), retry_duration=2000)


ROUTES = (stream,)
