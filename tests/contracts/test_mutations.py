"""Ten thousand broken records: each becomes an event or a ``RecordError``; no message repeats what the record says."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.errors import RecordError
from mahlan.events.codec import Decoded, decode, encode, envelope_of
from mahlan.events.comment import CommentSubmitted
from tests.contracts.examples import GOOD, records

COUNT = 10_000
CANARY = "qanary7391"
WEIRD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 2**64, 10**40, 1e308, 0.5, "", "x", "\x00", "é" * 300, "\u202e", [], {},
    [[]], {"$": 1}, [None], "2026-13-01T00:00:00Z", "2099-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59", "NaN", CANARY,
)  # fmt: skip
RAW = (b"NaN", b"1e999", b"-", b'"\\ud800"', b"\xff", b"[" * 2000, b'{"a":' * 2000, b"1" * 500, b"\xef\xbb\xbf")
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
HEADER_SETS: tuple[tuple[tuple[str, Any], ...], ...] = (
    *((),) * 10,
    (("content-type", b"application/json"),),
    STRUCTURED,
    (("content-type", b"\xff"),),
    (("ce_id", b"1"),),
    (("content-type", None), ("ce_type", None)),
)


def mutate_bytes(data: bytes, rng: random.Random) -> bytes:
    """One of: cut, flip a byte, double a slice, put something impossible in the middle."""
    at, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    match rng.randrange(4):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        case 2:
            return data[:end] + data[at:]
        case _:
            return data[:at] + rng.choice(RAW) + data[at:]


def mutate_json(data: bytes, rng: random.Random) -> bytes:
    """Drop, replace or rename one field somewhere in the event."""
    event = json.loads(data)
    node: Any = event
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            break
        key = rng.choice(keys)
        if isinstance(node[key], dict | list) and rng.random() < 0.6:
            node = node[key]
            continue
        match rng.randrange(3):
            case 0:
                del node[key]
            case 1:
                node[key] = rng.choice(WEIRD)
            case _ if isinstance(node, dict):
                node[str(key) + rng.choice("_ x1")] = node.pop(key)
        break
    return json.dumps(event, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def nested(depth: int, shape: tuple[bytes, bytes]) -> bytes:
    """Return a good event with one more field, ``depth`` levels deep."""
    opening, closing = shape
    return GOOD[-1].data[:-1] + b',"more":' + opening * depth + b"1" + closing * depth + b"}"


def structured(data: bytes, topic_type: str) -> bytes:
    return b'{"specversion":"1.0","id":"1","source":"s","type":"%b","data":%b}' % (topic_type.encode(), data)


def mutated(seed: int) -> tuple[type, bytes, Any]:
    rng = random.Random(seed)
    example = rng.choice(GOOD)
    data = rng.choice((mutate_bytes, mutate_json))(example.data, rng)
    headers = rng.choice(HEADER_SETS)
    if headers is STRUCTURED:
        data = structured(data, example.topic.type)
    return example.topic.event, data, headers


def decoded(kind: type, data: bytes, headers: Any) -> Decoded | RecordError:
    """Return what became of the record; anything but these two fails the test."""
    try:
        return decode(kind, data, headers)
    except RecordError as error:
        return error


def test_ten_thousand_mutated_records_end_as_events_or_record_errors():
    events, errors = 0, 0
    for seed in range(COUNT):
        kind, data, headers = mutated(seed)
        fate = decoded(kind, data, headers)
        if isinstance(fate, RecordError):
            errors += 1
            assert fate.field, seed
            str(fate).encode()
        else:
            events += 1
            encode(fate.event, envelope_of(fate.event, id="1", source="s", time="", parent=fate.envelope))
    assert events + errors == COUNT
    # Both fates are really met; a mutation that always or never breaks would prove nothing.
    assert min(events, errors) > COUNT // 10


@pytest.mark.parametrize("depth", [100, 250, 260, 900, 1100, 50_000])
@pytest.mark.parametrize("shape", [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
@pytest.mark.parametrize("mode", ["binary", "structured"])
def test_deep_nesting_is_an_event_or_a_record_error(depth, shape, mode):
    topic = GOOD[-1].topic
    data, headers = nested(depth, shape), ()
    if mode == "structured":
        data, headers = structured(data, topic.type), STRUCTURED
    fate = decoded(topic.event, data, headers)
    if isinstance(fate, RecordError):
        assert fate.reason == "undecodable"
    else:
        assert type(fate.event) is topic.event


def plant(node: Any, path: list[Any]) -> list[list[Any]]:
    """Every place of an event that holds a value."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path] * bool(path) + [found for key, child in inner for found in plant(child, [*path, key])]


def planted(data: bytes, rng: random.Random, value: Any) -> Any:
    event = json.loads(data)
    *way, last = rng.choice(plant(event, []))
    node = event
    for step in way:
        node = node[step]
    node[last] = value
    return event


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32), shape=st.sampled_from(["text", "list", "object", "key", "cut", "extra"]))
def test_no_error_message_holds_a_value_of_the_record(seed, shape):
    rng = random.Random(seed)
    kind, data = rng.choice(records())
    shapes: dict[str, Any] = {"list": [CANARY], "object": {"a": CANARY}, "key": {CANARY: 1}}
    event = planted(data, rng, shapes.get(shape, f"{CANARY} {rng.random()}"))
    raw = json.dumps(event).encode()
    raw = raw[: rng.randrange(1, len(raw))] if shape == "cut" else raw
    headers = rng.choice(HEADER_SETS)
    fate = decoded(kind, raw, headers)
    if isinstance(fate, RecordError):
        assert CANARY not in f"{fate} {fate.field} {fate.reason} {fate.args} {fate.__cause__}"
        assert fate.__suppress_context__ or fate.__context__ is None


@pytest.mark.parametrize("name", ["content-type", "ce_id", "ce_type", "ce_source", "ce_specversion", "ce_time"])
def test_no_error_message_holds_a_header(name):
    value = json.dumps({"comment_id": "c", "text": "t", "author_id": "u", "occurred_at": "2026-01-01T00:00:00Z"})
    with pytest.raises(RecordError) as caught:
        decode(CommentSubmitted, value.encode(), ((name, CANARY.encode()), ("content-type", CANARY.encode())))
    assert CANARY not in f"{caught.value} {caught.value.field}"
