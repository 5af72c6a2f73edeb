"""One submitted record to one outgoing record, whatever its bytes are."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.identity import author_key
from mahlan.events import codec, dead_letter, topics
from mahlan.events.comment import CommentNormalised, CommentSubmitted
from mahlan.normaliser import record as module
from mahlan.normaliser.record import normalised
from mahlan.runtime.broker import Record

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SALT = "a salt of the tests"
COMMENT = {
    "comment_id": "c-1",
    "text": "Enta ghabi awi ya 3am",
    "occurred_at": "2026-11-23T11:59:58Z",
    "author_key": "author-0001",
}


def record(value: object, headers=(), timestamp_ms: int = 1_795_435_200_000) -> Record:
    raw = value if isinstance(value, bytes | None) else orjson.dumps(value)
    return Record(topics.SUBMITTED.name, 3, 42, b"key", raw, tuple(headers), timestamp_ms)


def event_of(value: object, headers=()) -> CommentNormalised:
    result = normalised(record(value, headers), SALT, NOW)
    assert result.reason == ""
    return codec.decode(CommentNormalised, result.outgoing.value, result.outgoing.headers).event


def letter_of(value: object, headers=()) -> dead_letter.DeadLetter:
    result = normalised(record(value, headers), SALT, NOW)
    assert result.outgoing.topic == topics.NORMALISER_DLQ.name
    letter = dead_letter.read(result.outgoing.headers)
    assert letter is not None
    assert letter.reason == result.reason
    return letter


def test_a_comment_keeps_its_identity_and_gains_two_readings() -> None:
    event = event_of({**COMMENT, "revision": 2, "state": "draft", "surface": "reply", "thread_id": "t-1"})
    assert (event.comment_id, event.revision, event.state, event.surface) == ("c-1", 2, "draft", "reply")
    assert (event.language, event.script, event.thread_id) == ("arz-Latn", "Latn", "t-1")
    assert [reading.kind for reading in event.readings] == ["original", "arabic"]
    assert event.length == len(COMMENT["text"])


def test_the_platform_is_carried_on_where_one_is_named() -> None:
    assert event_of({**COMMENT, "platform": "square.example"}).platform == "square.example"
    assert event_of(COMMENT).platform is None


def test_the_record_is_keyed_by_the_author_key_and_goes_to_the_normalised_topic() -> None:
    outgoing = normalised(record(COMMENT), SALT, NOW).outgoing
    assert outgoing.topic == "comments.normalised.v1"
    assert outgoing.key == b"author-0001"


def test_an_author_id_is_hashed_with_the_salt_and_goes_no_further() -> None:
    comment = {k: v for k, v in COMMENT.items() if k != "author_key"} | {"author_id": "sara@example.org"}
    result = normalised(record(comment), SALT, NOW)
    assert result.outgoing.key == author_key("sara@example.org", SALT).encode()
    assert b"sara" not in (result.outgoing.value or b"")
    assert author_key("sara@example.org", "another salt") != author_key("sara@example.org", SALT)


def test_an_author_id_without_a_salt_is_a_dead_letter_that_names_the_setting() -> None:
    comment = {k: v for k, v in COMMENT.items() if k != "author_key"} | {"author_id": "sara"}
    result = normalised(record(comment), "", NOW)
    letter = dead_letter.read(result.outgoing.headers)
    assert letter is not None
    assert letter.field == "$.author_id"
    assert "MAHLAN_AUTHOR_SALT" in letter.message


def test_trace_and_first_arrival_are_carried_on() -> None:
    trace = ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    first = normalised(record(COMMENT, [trace]), SALT, NOW)
    headers = dict(first.outgoing.headers)
    assert headers["traceparent"] == trace[1]
    assert headers["ce_receivedat"] == b"1795435200000"
    assert headers["ce_type"] == b"mahlan.comments.normalised.v1"


@pytest.mark.parametrize(
    ("value", "reason", "field"),
    [
        (None, "undecodable", "$"),
        (b"", "undecodable", "$"),
        (b"{", "undecodable", "$"),
        (b"\xff\xfe{}", "undecodable", "$"),
        (b'"text"', "invalid_field", "$"),
        (b'{"unknown":' + b"[" * 100_000, "undecodable", "$"),
        ({}, "invalid_field", "$.comment_id"),
        ({k: v for k, v in COMMENT.items() if k != "text"}, "invalid_field", "$.text"),
        ({**COMMENT, "text": 5}, "invalid_field", "$.text"),
        ({**COMMENT, "text": None}, "invalid_field", "$.text"),
        ({**COMMENT, "revision": -1}, "invalid_field", "$.revision"),
        ({**COMMENT, "revision": 1.5}, "invalid_field", "$.revision"),
        ({**COMMENT, "state": "Enta ghabi"}, "invalid_field", "$.state"),
        ({**COMMENT, "occurred_at": "2099-01-01T00:00:00Z"}, "invalid_field", "$.occurred_at"),
        ({**COMMENT, "occurred_at": "2026-11-23T11:59:58"}, "invalid_field", "$.occurred_at"),
        ({**COMMENT, "occurred_at": 1795435200}, "invalid_field", "$.occurred_at"),
        ({**COMMENT, "author_key": None}, "invalid_field", "$.author_key"),
        ({**COMMENT, "context": {"reply_to": "x"}}, "invalid_field", "$.context.reply_to"),
    ],
)
def test_a_bad_record_becomes_a_dead_letter_that_names_the_field(value: object, reason: str, field: str) -> None:
    letter = letter_of(value)
    assert (letter.reason, letter.field) == (reason, field)
    assert (letter.topic, letter.partition, letter.offset) == (topics.SUBMITTED.name, 3, 42)


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ([("content-type", b"text/csv")], "content-type"),
        (
            [
                ("ce_type", b"mahlan.comments.submitted.v2"),
                ("ce_id", b"1"),
                ("ce_source", b"s"),
                ("ce_specversion", b"1.0"),
            ],
            "ce_type",
        ),
        ([("ce_id", b"1")], "ce_source"),
    ],
)
def test_a_wrong_envelope_is_a_dead_letter_too(headers: list[tuple[str, bytes]], field: str) -> None:
    assert letter_of(COMMENT, headers).field == field


def test_a_dead_letter_holds_the_original_bytes_key_and_headers() -> None:
    outgoing = normalised(record(b"{", [("x-trace", b"1")]), SALT, NOW).outgoing
    assert (outgoing.key, outgoing.value) == (b"key", b"{")
    assert dead_letter.original_headers(outgoing.headers) == (("x-trace", b"1"),)


@pytest.mark.parametrize("text", ["x" * 1_000_000, "مهلا " * 5_000, "", " ", "\u200f", "a\u0301" * 15_000])
def test_extreme_texts_are_scored_on_the_window_and_flagged(text: str) -> None:
    event = event_of({**COMMENT, "text": text})
    assert event.truncated == (len(text) > 20_000)
    assert event.length == len(text)


def test_a_fault_of_ours_becomes_a_dead_letter_without_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(submitted: CommentSubmitted, _: str) -> None:
        raise ZeroDivisionError(submitted.text)

    monkeypatch.setattr(module, "read_comment", broken)
    letter = letter_of(COMMENT)
    assert (letter.reason, letter.field) == ("internal_error", "$")
    assert "ghabi" not in letter.message


def test_reasons_never_quote_the_record() -> None:
    canary = "canary-7f3a"
    seeded = random.Random(5)
    for _ in range(300):
        comment = {**COMMENT, "text": canary}
        comment[seeded.choice(list(comment))] = seeded.choice([canary, [canary], {"a": canary}, -1])
        result = normalised(record(comment), SALT, NOW)
        letter = dead_letter.read(result.outgoing.headers)
        assert letter is None or canary not in f"{letter.message}{letter.field}{letter.reason}"


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: json.dumps({**COMMENT, "text": t}).encode()))
def test_any_bytes_become_exactly_one_record(value: bytes) -> None:
    outgoing = normalised(record(value), SALT, NOW).outgoing
    assert outgoing.topic in {topics.NORMALISED.name, topics.NORMALISER_DLQ.name}
