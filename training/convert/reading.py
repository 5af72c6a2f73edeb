"""Files of a source as records: columns by name, with the place each record came from. Called by ``engine.py``."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from training.convert.sources import File, Source

csv.field_size_limit(10_000_000)


class BadRowError(Exception):
    """A row that cannot be used: in which field and why, never its content."""

    def __init__(self, where: str, field: str, why: str) -> None:
        super().__init__(f"{where}: {field}: {why}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``where`` names file and line, or file and item; ``number`` counts from 0 in the file."""

    file: File
    where: str
    number: int
    fields: Mapping[str, str]


def find_file(given: Path, wanted: str, only: bool) -> Path | None:
    """``wanted`` in ``given``: a checkout, a folder with the bare file, or, where it is the ``only`` one, any file."""
    if given.is_file():
        return given if only or given.name == Path(wanted).name else None
    places = (given / wanted, given / Path(wanted).name)
    return next((place for place in places if place.is_file()), None)


def read_records(source: Source, file: File, path: Path, labels: Path | None) -> Iterator[Record | BadRowError]:
    """The records of ``path``, bad ones as errors. Exits where the file as a whole cannot be read."""
    try:
        second = _second(labels) if labels else {}
        found = _json(source, path) if source.shape == "json" else _table(source, path)
        for number, (where, fields) in enumerate(found):
            if isinstance(fields, BadRowError):
                yield fields
            elif labels and fields.get(source.id_column, "") not in second:
                yield BadRowError(where, source.id_column, f"no label with that id in {labels.name}")
            else:
                # A split file of labels speaks of one level only; the deeper ones are unknown, not 0.
                more = {next(iter(source.labels)): second[fields[source.id_column]]} if labels else {}
                yield Record(file, where, number, {**fields, **more})
    except (OSError, UnicodeDecodeError, csv.Error, json.JSONDecodeError) as error:
        raise SystemExit(f"{path}: {_why(error)}") from None


def _why(error: Exception) -> str:
    """The fault without the text around it, which may be a comment."""
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    return f"{error.msg} at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else str(error)


def _second(path: Path) -> dict[str, str]:
    """Id to label of a file without a header line."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {line[0]: line[1].strip() for line in csv.reader(lines) if len(line) == 2}


def _json(source: Source, path: Path) -> Iterator[tuple[str, dict[str, str] | BadRowError]]:
    """Objects of the list ``source.items``; their fields as text."""
    whole = json.loads(path.read_text(encoding="utf-8-sig"))
    items = whole.get(source.items) if isinstance(whole, dict) else whole
    if not isinstance(items, list):
        raise SystemExit(f"{path}: no list {source.items}: is it the file of {source.name}?")
    for number, item in enumerate(items, 1):
        where = f"{path.name}, item {number}"
        if isinstance(item, dict):
            yield where, {name: str(value) for name, value in item.items() if value is not None}
        else:
            yield where, BadRowError(where, source.items, "not an object")


def _table(source: Source, path: Path) -> Iterator[tuple[str, dict[str, str] | BadRowError]]:
    """Lines as fields by column name. The line of a record is its first."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        numbered = _csv(lines) if source.shape == "csv" else _tsv(lines, source.quoted)
        names = list(source.columns) or next(numbered, (0, []))[1]
        wanted = {*(text.column for text in source.texts), *([source.spans] if source.spans else [])}
        if missing := sorted(wanted - set(names)):
            raise SystemExit(f"{path}: no column {', '.join(missing)}: is it the file of {source.name}?")
        for line, fields in numbered:
            where = f"{path.name}, line {line}"
            if len(fields) > len(names):
                yield where, BadRowError(where, names[-1], f"{len(fields)} fields where {len(names)} are named")
            else:
                yield where, dict(zip(names, fields, strict=False))


def _csv(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines)
    begins = 1
    for fields in reader:
        if fields:
            yield begins, fields
        begins = reader.line_num + 1


def _tsv(lines: Iterable[str], quoted: bool) -> Iterator[tuple[int, list[str]]]:
    """Split at tabs. A quote is a character like any other, unless the file wraps fields that hold one."""
    for number, line in enumerate(lines, 1):
        if fields := line.rstrip("\r\n").split("\t") if line.strip() else []:
            yield number, [_unwrapped(field) for field in fields] if quoted else fields


def _unwrapped(field: str) -> str:
    wrapped = len(field) > 1 and field[0] == field[-1] == '"'
    return field[1:-1].replace('""', '"') if wrapped else field
