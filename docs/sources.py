"""The table of public sources of training rows, from ``training/``. Called by ``docs/generate.py``."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from training.convert.sources import SOURCES

HEAD = ("source", "language", "rows", "says", "licence statement there", "terms", "where", "converter")


def describe_sources(folder: Path, table: Callable[[Sequence[str], Iterable[Sequence[str]]], str]) -> str:
    """One line a source of ``sources.toml`` that is public: what is made here has no size and is left out."""
    named = tomllib.loads((folder / "sources.toml").read_text("utf-8"))
    chosen = tomllib.loads((folder / "accurate.toml").read_text("utf-8"))["sources"]
    converters = {source.name for source in SOURCES}
    rows = [
        (
            f"`{name}`",
            one["language"],
            f"{one['size']:,}",
            one["says"],
            one["licence"],
            "stated" if chosen.get(name, {}).get("stated") else "ask",
            f"[{one['repository']}](https://github.com/{one['repository']}/tree/{one['commit']}) @ {one['commit']}",
            "yes" if name in converters else "",
        )
        for name, one in named.items()
        if "size" in one
    ]
    return table(HEAD, rows)
