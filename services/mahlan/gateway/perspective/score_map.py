"""A site's own map from our scores to those it knew: the file that ``mahlan perspective calibrate`` writes.

Read when the gateway starts (``MAHLAN_GATEWAY_SCORE_MAP``), and again when it changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct, ValidationError, convert

from mahlan.core.monotone import Curve
from mahlan.errors import SettingsError
from mahlan.events.feedback import Attribute
from mahlan.events.fields import ModelName
from mahlan.runtime.followed import Followed
from mahlan.runtime.http import Health

SETTING = "MAHLAN_GATEWAY_SCORE_MAP"

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Shares = Annotated[tuple[Share, ...], Meta(min_length=1, max_length=10_000)]


class Mapped(NamedTuple):
    """How one attribute is made: of which label of ours, along which curve."""

    label: str
    curve: Curve


ScoreMap = Mapping[str, Mapped]
"""By attribute. Those that are not in it have our probabilities as they are."""


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    label: Annotated[str, Meta(min_length=1, max_length=64)]
    ours: Shares
    theirs: Shares


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    schema: Literal[1]
    model: ModelName
    attributes: dict[Attribute, _Row]


class Fitted(NamedTuple):
    """A map and the model that it was fitted for."""

    sites: ScoreMap
    model: str


def follow_score_map(path: str, health: Health) -> Followed[bytes, Fitted]:
    """The map of a file; an empty one where ``path`` is empty. Raises ``SettingsError``."""
    if not path:
        return Followed("score_map", bytes, lambda _: Fitted({}, ""), health)
    return Followed("score_map", lambda: _read(path), lambda data: _parse(path, data), health)


def _read(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise SettingsError(f"{SETTING}: {path} cannot be read ({error.strerror})") from None


def _parse(path: str, data: bytes) -> Fitted:
    try:
        return parse_score_map(data)
    except SettingsError as error:
        raise SettingsError(f"{SETTING}: {path}: {error}") from None


def parse_score_map(data: bytes) -> Fitted:
    """The map in the bytes of a file, and its model. Raises ``SettingsError`` that names the line or the field."""
    try:
        file = convert(tomllib.loads(data.decode()), _File)
    except UnicodeDecodeError:
        raise SettingsError("not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"not valid TOML: {error}") from None
    except ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise SettingsError(f"{where.rstrip('`') or 'the file'}: {what.replace('`', '')}") from None
    for name, row in file.attributes.items():
        _check(name, row)
    sites = {name: Mapped(row.label, Curve(row.ours, row.theirs)) for name, row in file.attributes.items()}
    return Fitted(sites, file.model)


def _check(name: str, row: _Row) -> None:
    if len(row.ours) != len(row.theirs):
        raise SettingsError(f"attributes.{name}: ours and theirs must have as many numbers")
    if any(left >= right for left, right in pairwise(row.ours)):
        raise SettingsError(f"attributes.{name}.ours: every number must be larger than the one before")
    if any(left > right for left, right in pairwise(row.theirs)):
        raise SettingsError(f"attributes.{name}.theirs: no number may be smaller than the one before")


def write_score_map(sites: ScoreMap, model: str) -> str:
    """The file that ``parse_score_map`` reads."""
    lines = [
        "# From mahlan's scores to those this site knew, written by `mahlan perspective calibrate`.",
        f"# The gateway follows it: {SETTING}. Straight lines between the points, flat outside.",
        "schema = 1",
        f'model = "{model}"',
    ]
    for name, (label, curve) in sites.items():
        lines += [
            "",
            f"[attributes.{name}]",
            f'label = "{label}"',
            f"ours = {_list(curve.x)}",
            f"theirs = {_list(curve.y)}",
        ]
    return "\n".join(lines) + "\n"


def _list(numbers: tuple[float, ...]) -> str:
    return f"[{', '.join(f'{number:.6f}' for number in numbers)}]"
