"""CloudEvents over Kafka: what is read, what is refused and for which field, and what is carried on."""

from __future__ import annotations

import orjson
import pytest

from mahlan.errors import DecodeError, FieldError, VersionError
from mahlan.events.codec import decode, encode, envelope_of
from mahlan.events.comment import CommentNormalised, CommentSubmitted
from mahlan.events.envelope import RECEIVED_AT, Envelope
from tests.contracts.examples import GOOD

TYPE = "mahlan.comments.submitted.v1"
EVENT = {"comment_id": "c-1", "text": "hello", "author_id": "u-1", "occurred_at": "2026-03-01T18:15:00Z"}
VALUE = orjson.dumps(EVENT)
BINARY = (
    ("content-type", b"application/json"),
    ("ce_specversion", b"1.0"),
    ("ce_id", b"e-1"),
    ("ce_type", TYPE.encode()),
    ("ce_source", b"/platform/eu"),
)
STRUCTURED = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def replaced(name, value):
    return tuple((key, value if key == name else old) for key, old in BINARY)


def structured(**changes):
    body = {"specversion": "1.0", "type": TYPE, "source": "/platform/eu", "id": "e-1", "data": EVENT, **changes}
    return orjson.dumps({key: value for key, value in body.items() if value is not ...})


def read(value=VALUE, headers=BINARY):
    return decode(CommentSubmitted, value, headers)


def refused(error, value=VALUE, headers=BINARY):
    with pytest.raises(error) as caught:
        read(value, headers)
    return caught.value.field


def test_binary_mode():
    event, envelope = read()
    assert event.comment_id == "c-1"
    assert (envelope.id, envelope.type, envelope.source) == ("e-1", TYPE, "/platform/eu")


def test_structured_mode():
    event, envelope = read(structured(time="2026-03-01T18:15:01Z"), STRUCTURED)
    assert event.text == "hello"
    assert (envelope.id, envelope.time) == ("e-1", "2026-03-01T18:15:01Z")


def test_structured_wins_over_repeated_binary_headers():
    headers = (*STRUCTURED, ("ce_id", b"another"), ("ce_type", b"another"))
    assert read(structured(), headers).envelope.id == "e-1"


@pytest.mark.parametrize("headers", [(), (("x-app", b"1"),), (("content-type", b"application/json"),)])
def test_bare_json_is_the_topics_own_type(headers):
    event, envelope = read(VALUE, headers)
    assert event.comment_id == "c-1"
    assert (envelope.id, envelope.type) == ("", TYPE)


@pytest.mark.parametrize("given", [b"application/json; charset=utf-8", b"APPLICATION/JSON", b" text/json ", b""])
def test_content_types_that_mean_json(given):
    assert read(headers=replaced("content-type", given)).envelope.id == "e-1"


@pytest.mark.parametrize(
    "given",
    [b"text/plain", b"application/avro", b"application/cloudevents+avro", b"application/cloudevents-batch+json"],
)
def test_other_content_types_are_refused(given):
    assert refused(DecodeError, headers=replaced("content-type", given)) == "content-type"


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_specversion", "ce_type"])
def test_each_missing_or_empty_header_is_named(name):
    assert refused(FieldError, headers=tuple(pair for pair in BINARY if pair[0] != name)) == name
    assert refused(FieldError, headers=replaced(name, b"")) == name
    assert refused(FieldError, headers=replaced(name, None)) == name


@pytest.mark.parametrize("name", ["id", "source", "specversion", "type"])
def test_each_missing_attribute_is_named(name):
    assert refused(FieldError, structured(**{name: ...}), STRUCTURED) == f"$.{name}"
    assert refused(FieldError, structured(**{name: 7}), STRUCTURED) == f"$.{name}"


def test_structured_without_data_is_named():
    assert refused(FieldError, structured(data=...), STRUCTURED) == "$.data"


@pytest.mark.parametrize("value", [b"[]", b'"text"', b"{", b"\xff"])
def test_a_broken_structured_envelope_is_undecodable(value):
    assert refused(DecodeError, value, STRUCTURED) == "$"


def test_a_field_inside_structured_data_is_named():
    assert refused(FieldError, structured(data={**EVENT, "state": "gone"}), STRUCTURED) == "$.state"


def test_a_future_version_and_a_foreign_type_are_told_apart():
    with pytest.raises(VersionError, match="this version"):
        read(headers=replaced("ce_type", b"mahlan.comments.submitted.v2"))
    with pytest.raises(VersionError, match="this topic carries"):
        read(headers=replaced("ce_type", b"shop.order.v1"))
    assert refused(VersionError, structured(type="mahlan.comments.submitted.v2"), STRUCTURED) == "ce_type"


def test_a_future_specversion():
    assert refused(VersionError, headers=replaced("ce_specversion", b"2.0")) == "ce_specversion"
    assert refused(VersionError, structured(specversion="0.3"), STRUCTURED) == "$.specversion"


@pytest.mark.parametrize("value", [None, b""])
def test_a_tombstone_is_not_an_event(value):
    assert refused(DecodeError, value) == "$"


def test_the_last_of_a_repeated_header_counts():
    assert read(headers=(*BINARY, ("ce_id", b"e-2"))).envelope.id == "e-2"
    assert refused(FieldError, headers=(*BINARY, ("ce_id", b""))) == "ce_id"


def test_header_names_are_read_in_any_case():
    assert read(headers=tuple((name.title(), value) for name, value in BINARY)).envelope.id == "e-1"


@pytest.mark.parametrize("name", ["content-type", "ce_id", "ce_source", "ce_type", "ce_specversion"])
def test_a_header_that_is_not_utf8_is_named(name):
    assert refused(DecodeError, headers=replaced(name, b"\xff\xfe")) == name


def test_time_that_is_not_utf8_is_named():
    assert refused(DecodeError, headers=(*BINARY, ("ce_time", b"\xff"))) == "ce_time"


@pytest.mark.parametrize("raw", [b"", b"soon", b"-5", b"1" * 40, "١٢".encode(), None])
def test_an_unusable_arrival_stamp_counts_as_none(raw):
    assert read(headers=(*BINARY, (RECEIVED_AT, raw))).envelope.received_ms == 0


def test_trace_and_first_arrival_are_carried_on():
    headers = (*BINARY, ("traceparent", TRACE), ("tracestate", b"a=1"), (RECEIVED_AT, b"1772388900123"))
    parent = read(headers=headers).envelope
    event = next(example for example in GOOD if example.topic.event is CommentNormalised)
    child = envelope_of(
        decode(CommentNormalised, event.data).event, id="e-2", source="/normaliser", time="", parent=parent
    )
    sent = dict(child.headers())
    assert sent["traceparent"] == TRACE
    assert sent["tracestate"] == b"a=1"
    assert sent[RECEIVED_AT] == b"1772388900123"
    assert sent["ce_type"] == b"mahlan.comments.normalised.v1"


def test_a_trace_in_a_structured_envelope_is_carried_on():
    assert read(structured(traceparent=TRACE.decode()), STRUCTURED).envelope.trace == (("traceparent", TRACE),)


@pytest.mark.parametrize("example", GOOD, ids=lambda example: example.name)
def test_what_is_written_is_read_back(example):
    event = decode(example.topic.event, example.data).event
    envelope = envelope_of(event, id="e-9", source="/test", time="2026-03-01T18:15:00Z")
    value, headers = encode(event, envelope)
    assert decode(example.topic.event, value, headers) == (event, envelope)


def test_an_envelope_of_its_own_has_no_arrival_header():
    assert RECEIVED_AT not in dict(Envelope("e", TYPE, "/s").headers())
