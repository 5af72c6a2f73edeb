"""Requests before they are sent: method, path, body, and how to read the answer. Pure; used by both clients.

All of them can be sent twice without harm, which is why both clients do so by themselves: a check gives the answer it
gave, an outcome and a comment have the ids they had, an author is forgotten once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypedDict, TypeVar, Unpack
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from mahlan.events.comment import Context, State, Surface
from mahlan.events.nudge import OutcomeKind
from mahlan.gateway.shapes import (
    Accepted,
    CheckAnswer,
    CheckBody,
    CommentBody,
    DisputeReason,
    Line,
    OffsetUnit,
    OutcomeBody,
    Receipt,
)

T = TypeVar("T")

JSON = "application/json"
LINES = "application/x-ndjson"
LINES_AT_ONCE = 1000
BYTES_AT_ONCE = 1_000_000
"""Half of what a gateway takes by default (``MAHLAN_GATEWAY_MAX_BODY``)."""


class _Common(TypedDict, total=False):
    revision: int
    author_key: str | None
    author_id: str | None
    surface: Surface
    language_hint: str | None
    context: Context | None
    thread_id: str | None
    parent_id: str | None


class CheckFields(_Common, total=False):
    """The fields of a check beside its id and text; docs/gateway.md says what they mean."""

    offset_unit: OffsetUnit
    record: bool
    explain: bool


class CommentFields(_Common, total=False):
    """The fields of a comment to publish beside its id and text."""

    occurred_at: datetime | None
    state: State
    platform: str | None


class OutcomeFields(TypedDict, total=False):
    """The fields of an outcome beside what happened to which comment."""

    revision: int
    author_key: str | None
    author_id: str | None
    reason: DisputeReason | None
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request. ``read`` makes its answer of the body; it raises ``msgspec.DecodeError``."""

    method: str
    path: str
    read: Callable[[bytes], T]
    body: bytes = b""
    kind: str = JSON


def check_call(comment_id: str, text: str, **fields: Unpack[CheckFields]) -> Call[CheckAnswer]:
    """``POST /v1/checks``."""
    body = CheckBody(comment_id=comment_id, text=whole(text), **fields)
    return Call("POST", "/v1/checks", _read_check, _encoded(body))


def publish_call(comment: CommentBody, now: datetime) -> Call[Accepted]:
    """``POST /v1/comments`` with one comment; without a time of its own it is of ``now``, however often it is sent."""
    return Call("POST", "/v1/comments", _read_accepted, _encoded(_dated(comment, now)))


def publish_calls(comments: Iterable[CommentBody], now: datetime) -> Iterator[Call[list[Line]]]:
    """``POST /v1/comments`` with many, in bodies that a gateway takes. Lines are counted from 1 over all of them."""
    taken: list[bytes] = []
    before = size = 0
    for comment in comments:
        line = _encoded(_dated(comment, now))
        if taken and (len(taken) == LINES_AT_ONCE or size + len(line) > BYTES_AT_ONCE):
            yield _lines_call(taken, before)
            before, size, taken = before + len(taken), 0, []
        taken.append(line)
        size += len(line) + 1
    if taken:
        yield _lines_call(taken, before)


def report_call(
    nudge_id: str, outcome: OutcomeKind, comment_id: str, **fields: Unpack[OutcomeFields]
) -> Call[Accepted]:
    """``POST /v1/nudges/{nudge_id}/outcomes``. Raises ValueError without an id: what was unavailable has no nudge."""
    if not nudge_id:
        raise ValueError("nudge_id is empty: there was no nudge whose outcome could be reported")
    body = OutcomeBody(outcome=outcome, comment_id=comment_id, **fields)
    return Call("POST", f"/v1/nudges/{quote(nudge_id, safe='')}/outcomes", _read_accepted, _encoded(body))


def erase_call(author_key: str) -> Call[Receipt]:
    """``DELETE /v1/authors/{author_key}/data``."""
    return Call("DELETE", f"/v1/authors/{quote(author_key, safe='')}/data", _read_receipt)


def whole(text: str) -> str:
    """The text with each half of a surrogate pair replaced, as browsers do; its length stays."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def _dated(comment: CommentBody, now: datetime) -> CommentBody:
    return replace(comment, text=whole(comment.text), occurred_at=comment.occurred_at or now)


def _lines_call(lines: list[bytes], before: int) -> Call[list[Line]]:
    def read(body: bytes) -> list[Line]:
        told = [msgspec.json.decode(line, type=Line) for line in body.splitlines() if line.strip()]
        return [replace(line, line=line.line + before) for line in told]

    return Call("POST", "/v1/comments", read, b"\n".join(lines), LINES)


def _encoded(body: msgspec.Struct) -> bytes:
    """The body as JSON. Raises ValueError for what JSON cannot hold, without a word of it."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        pass  # raised below: the error that is caught here holds the value
    raise ValueError("a field other than text holds half of a surrogate pair, which is no text: mend it")


_read_check = msgspec.json.Decoder(CheckAnswer).decode
_read_accepted = msgspec.json.Decoder(Accepted).decode
_read_receipt = msgspec.json.Decoder(Receipt).decode
