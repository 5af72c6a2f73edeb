"""Rows of a data folder, read and normalised by the product's own normaliser. Called by ``fast.py``, ``evaluate.py``.

A data folder holds ``train/*.jsonl.gz`` and ``dev/*.jsonl.gz`` (plain ``.jsonl`` too), one file a source, with rows
``{"text", "lang", "toxic": 0 or 1, "source", "weak"?}``; other fields are ignored.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mahlan.core.normalise import normalise
from mahlan.events.comment import Reading
from training.progress import shown

TAGS = {"arabizi": "arz-Latn"}
"""The data's language names where they are not ours."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled comment. ``row_language`` is the source's word, ``language`` the normaliser's: the one served.

    ``length`` counts the characters that were written, ``disguises`` the places where words were hidden,
    ``slips`` words that were mistyped.
    """

    source: str
    row_language: str
    toxic: int
    weak: bool
    language: str
    readings: tuple[Reading, ...]
    script: str = ""
    length: int = 0
    disguises: int = 0
    slips: int = 0


def read_rows(data: Path, split: str) -> list[Row]:
    """All rows of ``data/split``, in the files' order. Exits with one clear line where the folder is not there."""
    raw = [row for row in raw_rows(data, split) if row.get("toxic") is not None]
    return normalised(raw, f"normalising {split}")


def raw_rows(data: Path, split: str) -> Iterator[dict[str, Any]]:
    """The JSON of every row of ``data/split``, in the files' order. Exits as ``read_rows``."""
    for file in row_files(data, split):
        yield from read_lines(file)


def row_files(data: Path, split: str, sources: Collection[str] | None = None) -> list[Path]:
    """The files of ``data/split``, by name: of those sources or of all. Exits as ``read_rows`` if there are none."""
    folder = data / split
    files = sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")])
    if not files:
        raise SystemExit(f"{folder}: no *.jsonl or *.jsonl.gz there; --data takes a folder as training/README.md says")
    wanted = [file for file in files if sources is None or file.name.split(".")[0] in sources]
    if not wanted:
        raise SystemExit(f"{folder}: no rows of {', '.join(sorted(sources or ()))} there, and only these are read")
    return wanted


def normalised(raw: Sequence[dict[str, Any]], title: str) -> list[Row]:
    """Rows from their JSON, on all cores, in order."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        work = pool.map(_row, raw, chunksize=512)
        return list(shown(work, title, len(raw)))


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of one file, ``.jsonl`` or ``.jsonl.gz``."""
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _row(raw: dict[str, Any]) -> Row:
    found = normalise(raw["text"])
    return Row(
        source=raw["source"],
        row_language=TAGS.get(raw["lang"], raw["lang"]),
        toxic=int(raw["toxic"]),
        weak=bool(raw.get("weak", False)),
        language=found.language,
        readings=tuple(Reading(kind=reading.kind, text=reading.text, offsets=()) for reading in found.readings),
        script=found.script,
        length=found.length,
        disguises=found.disguises,
        slips=found.slips,
    )
