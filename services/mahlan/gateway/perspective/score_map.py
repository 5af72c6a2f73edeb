"""A site's own map from our scores to those it knew: the file that ``mahlan perspective calibrate`` writes.

Read once, when the gateway starts (``MAHLAN_GATEWAY_SCORE_MAP``).
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


def read_score_map(path: str) -> tuple[ScoreMap, str]:
    """The map of a file, and the model it was fitted for; nothing where ``path`` is empty. Raises ``SettingsError``."""
    if not path:
        return {}, ""
    try:
        return parse_score_map(Path(path).expanduser().read_bytes())
    except OSError as error:
        raise SettingsError(f"{SETTING}: {path} cannot be read ({error.strerror})") from None
    except SettingsError as error:
        raise SettingsError(f"{SETTING}: {path}: {error}") from None


def parse_score_map(data: bytes) -> tuple[ScoreMap, str]:
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
    return {name: Mapped(row.label, Curve(row.ours, row.theirs)) for name, row in file.attributes.items()}, file.model


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
        f"# The gateway reads it at its start: {SETTING}. Straight lines between the points, flat outside.",
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
