"""Lines of ``{"id", "text"}`` from a stream of bytes, and lines of answers back. Used by ``normalise`` and ``score``.

Every line of input gets exactly one line of output, in the same order, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol

import msgspec
import orjson

from mahlan.errors import FieldError, RecordError

#: A line may be as long as a record on Kafka; what is longer is dropped unread, so that memory stays bounded.
MAX_LINE = 4 * 1024 * 1024
#: Bytes asked for at once; whatever is there is taken, so that a slow writer gets answers while it still writes.
READ = 256 * 1024

BOM = b"\xef\xbb\xbf"
TOO_LONG = b"\0too long"


class _Line(msgspec.Struct):
    id: msgspec.Raw
    text: str


class _Known(msgspec.Struct):
    id: msgspec.Raw


_LINE = msgspec.json.Decoder(_Line)
_KNOWN = msgspec.json.Decoder(_Known)


class Chunk(NamedTuple):
    """Neighbouring lines without their line ends. ``first`` is the number of the first one, from 1."""

    first: int
    lines: list[bytes]


class Good(NamedTuple):
    """A line that can be worked on. ``id`` is the JSON it was given as, to be given back to the byte."""

    id: bytes
    text: str


class Bad(NamedTuple):
    """A line that cannot. ``id`` is None where it could not be read."""

    number: int
    id: bytes | None
    error: str

    def answer(self) -> bytes:
        """Its line of output."""
        name = {"line": self.number} if self.id is None else {"id": orjson.Fragment(self.id)}
        return orjson.dumps({**name, "error": self.error})


class Handler(Protocol):
    """What a command does with the good lines of a chunk: one JSON answer or one error each, in order."""

    def __call__(self, rows: list[Good]) -> list[bytes | RecordError]: ...


def read_chunks(stream: BinaryIO) -> Iterator[Chunk]:
    """The lines of ``stream``, as they come."""
    number, rest = 1, _Rest()
    while data := _available(stream):
        lines = rest.split(data.removeprefix(BOM) if number == 1 and not rest.begun else data)
        if lines:
            yield Chunk(number, lines)
            number += len(lines)
    last = rest.last()
    if last is not None:
        yield Chunk(number, [last])


def _available(stream: BinaryIO) -> bytes:
    read = getattr(stream, "read1", stream.read)
    data: bytes = read(READ)
    return data


class _Rest:
    """The line that has begun but not ended yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self.begun = False

    def split(self, data: bytes) -> list[bytes]:
        """The lines that end in ``data``."""
        self.begun = True
        head, *others = data.split(b"\n")
        if not others:
            self._keep(head)
            return []
        self._keep(head)
        first = self._take()
        *whole, tail = others
        self._keep(tail)
        return [first, *whole]

    def last(self) -> bytes | None:
        """The line that the stream ended in the middle of, if any."""
        return self._take() if self._size else None

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= MAX_LINE:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _take(self) -> bytes:
        line = b"".join(self._parts) if self._size <= MAX_LINE else TOO_LONG
        self._parts, self._size = [], 0
        return line


def parse(number: int, line: bytes) -> Good | Bad:
    """One line. Its error names what to mend and never quotes the line."""
    try:
        return _good(line)
    except msgspec.DecodeError as error:
        return Bad(number, _known_id(line), _plain(error))
    except UnicodeDecodeError:
        return Bad(number, None, "the line is not UTF-8")
    except RecursionError:
        return Bad(number, None, "the line is nested too deeply")
    except FieldError as error:
        return Bad(number, None, str(error))


def _good(line: bytes) -> Good:
    if line == TOO_LONG:
        raise FieldError(f"the line is longer than {MAX_LINE} bytes")
    if not line.strip():
        raise FieldError('the line is empty; write {"id": …, "text": …}')
    line.decode()  # msgspec copies the id as it is, whatever bytes it holds
    found = _LINE.decode(line)
    return Good(_scalar(bytes(found.id)), found.text)


def _scalar(identity: bytes) -> bytes:
    if identity[:1] in {b"{", b"["}:
        raise FieldError("id must be a text, a number, true, false or null", "$.id")
    return identity


def _known_id(line: bytes) -> bytes | None:
    try:
        return _scalar(bytes(_KNOWN.decode(line).id))
    except (msgspec.DecodeError, FieldError, RecursionError):
        return None


def _plain(error: msgspec.DecodeError) -> str:
    """The message in our words; msgspec's quote no values."""
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return "the line is not valid JSON"
    what, _, where = text.partition(" - at `$.")
    if not where:
        return what.replace("Object missing required field", "missing field").replace("`", "")
    return f"{where.rstrip('`')}: {what.replace('`', '')}"


def answer(chunk: Chunk, handler: Handler) -> tuple[bytes, int]:
    """The output for a chunk (each line ended), and how many of its lines were bad."""
    rows = [parse(chunk.first + index, line) for index, line in enumerate(chunk.lines)]
    results = iter(handler([row for row in rows if isinstance(row, Good)]))
    lines: list[bytes] = []
    bad = 0
    for number, row in enumerate(rows, chunk.first):
        result = next(results) if isinstance(row, Good) else row.answer()
        if isinstance(result, RecordError):
            result = Bad(number, row.id, str(result)).answer()
            bad += 1
        elif isinstance(row, Bad):
            bad += 1
        lines.append(result)
    lines.append(b"")
    return b"\n".join(lines), bad
