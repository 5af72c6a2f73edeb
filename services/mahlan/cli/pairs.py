"""A site's texts with the scores that Perspective gave them, one a line. Read by ``mahlan perspective calibrate``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from mahlan.errors import SettingsError


class Pair(NamedTuple):
    """A text, and its old scores by attribute."""

    text: str
    scores: dict[str, float]


class _Summary(Struct):
    value: float


class _Scores(Struct):
    summaryScore: _Summary  # noqa: N815 (as Perspective writes it)


class _Line(Struct):
    text: Annotated[str, Meta(min_length=1)]
    scores: dict[str, float] = {}
    attributeScores: dict[str, _Scores] = {}  # noqa: N815


_DECODER = msgspec.json.Decoder(_Line)


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file of JSON lines. Raises ``SettingsError`` that names line and field, and quotes no value."""
    try:
        with path.open("rb") as file:
            return list(_pairs(path, file))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror})") from None


def _pairs(path: Path, lines: Iterator[bytes]) -> Iterator[Pair]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _pair(line)
            except SettingsError as error:
                raise SettingsError(f"{path}, line {number}: {error}") from None


def _pair(line: bytes) -> Pair:
    try:
        found = _DECODER.decode(line)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        what = what.replace("Object missing required field", "missing field").replace("`", "")
        raise SettingsError(f"{where.rstrip('`')}: {what}" if where else what) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise SettingsError('not JSON; write {"text": "…", "scores": {"TOXICITY": 0.83}}') from None
    scores = {name: one.summaryScore.value for name, one in found.attributeScores.items()} | found.scores
    if not scores:
        raise SettingsError('missing field scores; write {"text": "…", "scores": {"TOXICITY": 0.83}}')
    for name, value in scores.items():
        if not 0.0 <= value <= 1.0:
            raise SettingsError(f"scores.{name}: must be between 0 and 1")
    return Pair(found.text, scores)
