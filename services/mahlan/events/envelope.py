"""CloudEvents 1.0 over Kafka: binary headers written, binary and structured modes read.

Used by the codec only. Source: cloudevents/spec, bindings/kafka-protocol-binding.md (1.0.2), §3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from mahlan.errors import DecodeError, FieldError, VersionError

Headers = tuple[tuple[str, bytes], ...]

SPEC_VERSION = "1.0"
JSON = b"application/json"
STRUCTURED = "application/cloudevents"
#: CloudEvents extension: when the comment reached the broker first, milliseconds since 1970, carried by every hop.
RECEIVED_AT = "ce_receivedat"
#: Forwarded as they came (W3C Trace Context: who records no span passes both on unchanged).
TRACE_HEADERS = ("traceparent", "tracestate")

_FIXED = (("content-type", JSON), ("ce_specversion", b"1.0"))
_REQUIRED = ("ce_id", "ce_source", "ce_specversion", "ce_type")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sent which event when. ``time`` is RFC 3339; ``received_ms`` is 0 when no hop has stamped it yet."""

    id: str
    type: str
    source: str
    time: str = ""
    received_ms: int = 0
    trace: Headers = ()

    def headers(self) -> Headers:
        """The binary-mode Kafka headers of this envelope."""
        pairs = [
            *_FIXED,
            ("ce_id", self.id.encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
        ]
        if self.time:
            pairs.append(("ce_time", self.time.encode()))
        if self.received_ms:
            pairs.append((RECEIVED_AT, b"%d" % self.received_ms))
        return (*pairs, *self.trace)

    def received_at(self, milliseconds: int) -> Envelope:
        """The same envelope, stamped with its first arrival at the broker."""
        return Envelope(self.id, self.type, self.source, self.time, milliseconds, self.trace)


def open_record(value: bytes | None, headers: Headers, expected_type: str) -> tuple[Envelope, bytes]:
    """Split a record into its envelope and the bytes of its data.

    A record without any CloudEvents header is read as bare JSON of the topic's own type, so that a platform can
    start with a plain producer. Raises ``DecodeError``, ``FieldError`` or ``VersionError``.
    """
    if value is None or not value:
        raise DecodeError("the record has no value; send the event as JSON")
    named = _latest(headers)
    content_type = _content_type(named)
    if content_type.startswith(STRUCTURED):
        envelope, data = _structured(value, named, content_type)
    else:
        envelope, data = _binary(named, content_type, expected_type), value
    _check_type(envelope.type, expected_type)
    return envelope, data


def _latest(headers: Headers) -> dict[str, bytes]:
    # Kafka allows a header twice and None as its value: the last one counts, None counts as empty.
    return {name.lower(): value or b"" for name, value in headers}


def _content_type(named: dict[str, bytes]) -> str:
    raw = named.get("content-type", JSON)
    return "application/json" if raw == JSON else _text(raw, "content-type").strip().lower()


def _text(value: bytes, name: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise DecodeError(f"header {name} is not UTF-8", name) from None


def _binary(named: dict[str, bytes], content_type: str, expected_type: str) -> Envelope:
    if content_type.partition(";")[0].strip() not in {"application/json", "text/json", ""}:
        raise DecodeError("content-type must be application/json or application/cloudevents+json", "content-type")
    if "ce_id" not in named and not any(name.startswith("ce_") and name != RECEIVED_AT for name in named):
        return Envelope("", expected_type, "", received_ms=_received(named), trace=_trace(named))
    event_id, source, version, kind = [_required(named, name) for name in _REQUIRED]
    _check_spec(version, "ce_specversion")
    time = _text(named.get("ce_time", b""), "ce_time")
    return Envelope(event_id, kind, source, time, _received(named), _trace(named))


def _required(named: dict[str, bytes], name: str) -> str:
    value = named.get(name)
    if not value:
        raise FieldError(f"CloudEvents header {name} is missing or empty", name)
    return _text(value, name)


def _structured(value: bytes, named: dict[str, bytes], content_type: str) -> tuple[Envelope, bytes]:
    if content_type.partition(";")[0].strip() != "application/cloudevents+json":
        raise DecodeError("of the structured modes only application/cloudevents+json is read", "content-type")
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise DecodeError("the CloudEvents envelope is not valid JSON") from None
    if not isinstance(body, dict):
        raise DecodeError("the CloudEvents envelope is not a JSON object")
    for name in _REQUIRED:
        attribute = name.removeprefix("ce_")
        if not isinstance(body.get(attribute), str) or not body[attribute]:
            raise FieldError(f"CloudEvents attribute {attribute} is missing or not a text", f"$.{attribute}")
    _check_spec(body["specversion"], "$.specversion")
    time = body.get("time")
    envelope = Envelope(
        body["id"],
        body["type"],
        body["source"],
        time if isinstance(time, str) else "",
        _received(named),
        _trace(named) or _trace_of(body),
    )
    return envelope, _data(body)


def _data(body: dict[str, Any]) -> bytes:
    if "data" not in body:
        raise FieldError("CloudEvents attribute data is missing", "$.data")
    try:
        return orjson.dumps(body["data"])
    except orjson.JSONEncodeError:
        # orjson reads 1,024 levels and writes 254: nothing else of what it read can fail here.
        raise DecodeError("the value is nested too deeply", "$.data") from None


def _check_spec(version: str, field: str) -> None:
    if version != SPEC_VERSION:
        raise VersionError(f"CloudEvents specversion must be {SPEC_VERSION}", field)


def _check_type(found: str, expected: str) -> None:
    if found == expected:
        return
    if found.rpartition(".v")[0] == expected.rpartition(".v")[0]:
        raise VersionError(f"this version of the event is not known here; send {expected}", "ce_type")
    raise VersionError(f"this topic carries {expected}", "ce_type")


def _received(named: dict[str, bytes]) -> int:
    raw = named.get(RECEIVED_AT, b"")
    return int(raw) if raw.isdigit() and len(raw) < 16 else 0


def _trace(named: dict[str, bytes]) -> Headers:
    if "traceparent" not in named and "tracestate" not in named:
        return ()
    return tuple((name, named[name]) for name in TRACE_HEADERS if named.get(name))


def _trace_of(body: dict[str, Any]) -> Headers:
    found = ((name, body.get(name)) for name in TRACE_HEADERS)
    return tuple((name, text.encode("utf-8", "replace")) for name, text in found if isinstance(text, str))
