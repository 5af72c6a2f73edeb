"""Lines in, lines out: nothing that a stream may hold changes the count or the order."""

from __future__ import annotations

import io

import orjson
from hypothesis import given
from hypothesis import strategies as st

from mahlan.cli import lines
from mahlan.cli.lines import Bad, Chunk, Good, answer, parse, read_chunks


class Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data, self.step, self.at = data, step, 0

    def read1(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + min(size, self.step)]
        self.at += len(piece)
        return piece


def all_lines(data: bytes, step: int = 1 << 20) -> list[bytes]:
    chunks = list(read_chunks(Dripping(data, step)))
    number = 1
    for chunk in chunks:
        assert chunk.first == number
        number += len(chunk.lines)
    return [line for chunk in chunks for line in chunk.lines]


@given(st.binary(max_size=300), st.integers(1, 40))
def test_lines_are_what_stands_between_line_feeds(data, step):
    data = data.removeprefix(b"\xef")
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert all_lines(data, step) == expected


def test_a_byte_order_mark_is_passed_over_at_the_beginning_only():
    assert all_lines(b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n") == [b"a", b"\xef\xbb\xbfb"]


def test_a_line_that_is_too_long_is_dropped_but_keeps_its_place(monkeypatch):
    monkeypatch.setattr(lines, "MAX_LINE", 10)
    found = all_lines(b"a\n" + b"x" * 50 + b"\nb\n", step=7)
    assert found == [b"a", lines.TOO_LONG, b"b"]
    assert "longer" in parse(2, found[1]).error


def test_ids_come_back_to_the_byte():
    for written in (b"12345678901234567890123", b'"\\u0627"', b"null", b"1.50", b"true"):
        row = parse(1, b'{"id": ' + written + b' , "text": "a"}\r')
        assert isinstance(row, Good)
        assert row.id == written


def test_a_bad_line_is_named_by_its_id_where_that_can_be_read():
    assert parse(3, b'{"id": "a", "text": 5}') == Bad(3, b'"a"', "text: Expected str, got int")
    assert parse(3, b'{"id": "a"}').id == b'"a"'
    for line in (
        b"",
        b"  \r",
        b"nonsense",
        b'{"text": "a"}',
        b'{"id": [1], "text": "a"}',
        b'{"id": 1, "text": "\xff"}',
    ):
        row = parse(3, line)
        assert isinstance(row, Bad)
        assert orjson.loads(row.answer()) == {"line": 3, "error": row.error}


def test_errors_never_quote_the_line():
    for line in (
        b'{"id": {"secret": 1}, "text": "secret"}',
        b'{"id": 1, "text": ["secret"]}',
        b'secret {"id"',
        b'"secret"',
    ):
        assert "secret" not in parse(1, line).error


def test_deep_nesting_is_an_error_of_its_line():
    assert isinstance(parse(1, b'{"id":1,"text":"a","more":' + b"[" * 200_000), Bad)


@given(st.binary(max_size=200))
def test_every_line_gets_exactly_one_line(data):
    given_lines = data.split(b"\n")
    output, bad = answer(Chunk(1, given_lines), lambda rows: [b"{}" for _ in rows])
    assert output.count(b"\n") == len(given_lines)
    assert sum(b"error" in line for line in output.splitlines()) == bad
