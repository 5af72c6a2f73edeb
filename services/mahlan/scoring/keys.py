"""Mistakes in TOML files in plain words: the key first, and the nearest name. For the manifest and the registry."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

Tables = Mapping[tuple[type, str], type]
"""A dataclass and one of its fields, to the dataclass of the table that the field holds."""


def unknown_keys(shape: type, raw: Mapping[str, Any], tables: Tables, at: str = "") -> Iterator[str]:
    """Keys of ``raw`` that ``shape`` has no field for, in tables below it too."""
    known = {entry.name: tables.get((shape, entry.name)) for entry in fields(shape)}
    for key, value in raw.items():
        if key not in known:
            yield f"{at}{key}: no such key{nearest(key, known)}"
        elif isinstance(value, dict) and (table := known[key]) is not None:
            yield from unknown_keys(table, value, tables, f"{at}{key}.")


def nearest(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)``, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def in_words(message: str, whole: str) -> str:
    """Turn msgspec's ``Expected `int`, got `str` - at `$.input.batch``` round: key first; ``whole`` names the file."""
    said, _, where = message.partition(" - at ")
    missing = re.search(r"missing required field `(\w+)`", said)
    key = where.strip("`").removeprefix("$").lstrip(".")
    if missing:
        return f"{'.'.join(filter(None, [key, missing[1]]))} is missing"
    return f"{key or whole}: {said[:1].lower()}{said[1:]}"
