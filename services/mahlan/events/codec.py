"""Bytes to events and back. Every service decodes and encodes here and nowhere else.

``decode`` is total over bytes: it returns an event or raises a ``RecordError`` that names the field and holds no
value of the record.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
import orjson

from mahlan.errors import DecodeError, FieldError, RecordError
from mahlan.events.envelope import Envelope, Headers, open_record
from mahlan.events.topics import BY_EVENT

Event = TypeVar("Event")

_PATH = re.compile(r" - at (?:`key` in )?`(\$[^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `([^`]+)`")


class Decoded(NamedTuple):
    """An event and the envelope it came in."""

    event: Any
    envelope: Envelope


@lru_cache(maxsize=64)
def stamp(moment: datetime) -> str:
    """``moment`` as an envelope tells it (RFC 3339). A batch has one moment, so the last ones are remembered."""
    return moment.isoformat()


def encode(event: object, envelope: Envelope) -> tuple[bytes, Headers]:
    """The record value (JSON) and the binary CloudEvents headers of an event."""
    return orjson.dumps(event), envelope.headers()


def envelope_of(event: object, *, id: str, source: str, time: str, parent: Envelope | None = None) -> Envelope:  # noqa: A002
    """An envelope for ``event`` that carries on the trace and the first arrival of ``parent``."""
    topic = BY_EVENT[type(event)]
    if parent is None:
        return Envelope(id, topic.type, source, time)
    return Envelope(id, topic.type, source, time, parent.received_ms, parent.trace)


def decode(kind: type[Event], value: bytes | None, headers: Headers = ()) -> Decoded:
    """Validate one record of the topic that carries ``kind``. Raises a ``RecordError`` naming the field."""
    envelope, data = open_record(value, headers, BY_EVENT[kind].type)
    return Decoded(decode_json(kind, data), envelope)


def decode_json(kind: type[Event], data: bytes) -> Event:
    """Validate the JSON of one event, without an envelope."""
    try:
        event: Event = _decoder(cast("Any", kind)).decode(data)
    except RecordError:
        raise
    except msgspec.ValidationError as error:
        raise _field_error(str(error)) from None
    except UnicodeDecodeError:
        raise DecodeError("the value is not UTF-8") from None
    except msgspec.DecodeError:
        raise DecodeError("the value is not valid JSON") from None
    except RecursionError:
        raise DecodeError("the value is nested too deeply") from None
    return event


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _field_error(text: str) -> FieldError:
    """The decoder's message without the value it may quote, and with the path of the field as the field."""
    path = _PATH.search(text)
    where = path.group(1) if path else "$"
    what = _PATH.sub("", text)
    missing = _MISSING.match(what)
    if missing:
        return FieldError(f"required field {missing.group(1)} is missing", f"{where}.{missing.group(1)}")
    if what.startswith("Invalid enum value"):
        what = "not one of the allowed values (see the schema)"
    return FieldError(what.replace("`", ""), where)
