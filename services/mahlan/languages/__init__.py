"""The tables of each language and of the scripts, as data a non-coder can edit, and the functions that read them.

Called by ``core``'s steps, ``core.language`` and ``core.arabizi``. Nothing is read at import; each table is read
once, at its first use.
"""

from __future__ import annotations

import json
import tomllib
from array import array
from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The table ``languages/<name>.toml``. Callers must not change what they get."""
    return tomllib.loads(read_bytes(f"{name}.toml").decode())


def read_bytes(name: str) -> bytes:
    """The bytes of one file of this folder."""
    return Path(__file__).with_name(name).read_bytes()


@cache
def words(name: str, key: str) -> frozenset[str]:
    """A word list of a table: one string of words separated by white space, or a list of strings."""
    value: str | list[str] = table(name)[key]
    return frozenset(value.split() if isinstance(value, str) else value)


def costs(name: str) -> dict[int, int]:
    """A file of numbered costs, whole steps of a nat in a byte each: the numbers (32 bits each), then the bytes."""
    body = read_bytes(name)
    size = len(body) // 5 * 4
    return dict(zip(array("I", body[:size]), body[size:], strict=True))


def grams(content: bytes, encoding: str) -> tuple[dict[str, float], bytes]:
    """A file of trained n-grams: each with its weight, and the bytes behind the table.

    A line of JSON (``grams``: how many there are of each length; ``steps``: by what the weights are divided), the
    n-grams run together in an encoding of one byte a letter, shortest first, and their weights, a signed byte each.
    ``training.language_id.packed`` writes it.
    """
    head, _, body = content.partition(b"\n")
    told = json.loads(head)
    counts = {int(order): count for order, count in told["grams"].items()}
    size, number = sum(order * count for order, count in counts.items()), sum(counts.values())
    letters, weights = body[:size].decode(encoding), array("b", body[size : size + number])
    found: list[str] = []
    at = 0
    for order, count in counts.items():
        found += [letters[start : start + order] for start in range(at, at + order * count, order)]
        at += order * count
    return {gram: weight / told["steps"] for gram, weight in zip(found, weights, strict=True)}, body[size + number :]
