"""``POST /v1/comments``: comments for the stream, one as JSON or many as lines of JSON."""

from __future__ import annotations

import asyncio

import msgspec
from litestar import Response, post

from mahlan.core.reading import check_time
from mahlan.errors import RecordError
from mahlan.events.codec import decode_json
from mahlan.events.comment import CommentSubmitted, Context
from mahlan.gateway.decoding import JSON, BodyRequest
from mahlan.gateway.keys import Key
from mahlan.gateway.parts import Parts, key_behind, parts_of, platform_for
from mahlan.gateway.problems import ProblemError
from mahlan.gateway.records import submitted_record
from mahlan.gateway.shapes import Accepted, CommentBody, Line
from mahlan.runtime.broker import Outgoing

LINES = "application/x-ndjson"
TOGETHER = 200
"""Lines read between two looks at other requests."""
MOST = 10_000
"""Lines of a request at most: each has an answer, which may be far longer than the line."""

_TEXT = {"schema": {"type": "string"}}
_DOCUMENT = {
    "requestBody": {
        "required": True,
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/CommentBody"}}, LINES: _TEXT},
    },
    "responses": {
        "202": {
            "description": "Kept; it goes to Kafka. Of lines: what came of each, a `Line` of JSON for each line.",
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/Accepted"}}, LINES: _TEXT},
        }
    },
}


@post(
    "/v1/comments",
    scope="publish",
    status_code=202,
    operation_id="publish",
    accepts=(JSON, LINES),
    errors=(403, 503, 504),
    document=_DOCUMENT,
    shapes=(CommentBody, Accepted, Line),
)
async def publish(request: BodyRequest) -> Response[Accepted | bytes]:
    """Publish a comment that was posted, or a draft, to the stream.

    Lines (`application/x-ndjson`, up to 10,000) are taken one by one: one that cannot be read costs no other.
    """
    parts, key = parts_of(request), key_behind(request)
    if request.content_kind() == LINES:
        return Response(await _publish_lines(parts, key, await request.body()), media_type=LINES)
    name, record = _record(parts, key, await request.body())
    await parts.record(record)
    return Response(Accepted(id=name, accepted=True))


async def _publish_lines(parts: Parts, key: Key, body: bytes) -> bytes:
    """Read every line, keep the good ones at once, tell what came of each."""
    if body.count(b"\n") > MOST:
        raise ProblemError("too_large", f"send {MOST:,} lines at once at most")
    told: list[Line] = []
    records: list[Outgoing] = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if number % TOGETHER == 0:
            await asyncio.sleep(0)
        if not line.strip():
            continue
        try:
            name, record = _record(parts, key, line)
        except (RecordError, ProblemError) as error:
            told.append(Line(line=number, accepted=False, field=error.field, error=str(error)))
        else:
            records.append(record)
            told.append(Line(line=number, accepted=True, id=name))
    if records:
        await parts.record(*records)
    return msgspec.json.Encoder().encode_lines(told)


def _record(parts: Parts, key: Key, data: bytes) -> tuple[str, Outgoing]:
    """One comment's id and record. Raises ``RecordError`` or ``ProblemError``."""
    told = decode_json(CommentBody, data)
    now = parts.clock()
    check_time(told.occurred_at or now, now)
    event = CommentSubmitted(
        comment_id=told.comment_id,
        text=told.text,
        occurred_at=told.occurred_at or now,
        revision=told.revision,
        state=told.state,
        author_key=parts.author(told.author_key, told.author_id),
        surface=told.surface,
        language_hint=told.language_hint,
        thread_id=told.thread_id,
        parent_id=told.parent_id,
        context=told.context or Context(),
        platform=platform_for(key, told.platform),
    )
    return submitted_record(event, now)


ROUTES = (publish,)
