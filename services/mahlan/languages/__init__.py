"""The tables of each language and of the scripts, as data a non-coder can edit, and the functions that read them.

Called by ``core``'s steps, ``core.language`` and ``core.arabizi``. Nothing is read at import; each table is read
once, at its first use.
"""

from __future__ import annotations

import tomllib
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
