"""Rows into the data folder, the same bytes on each run, old files only with leave. Called by ``__main__.py``."""

from __future__ import annotations

import json
from pathlib import Path

from training.convert.engine import SPLITS, Converted
from training.convert.sources import Source, Split


def places(source: Source, data: Path) -> dict[Split, Path]:
    """Where each split goes: ``aux/NAME.SPLIT.jsonl`` where rows may lack ``toxic``, else ``SPLIT/NAME.jsonl``."""
    if source.aux:
        return {split: data / "aux" / f"{source.name}.{split}.jsonl" for split in SPLITS}
    return {split: data / split / f"{source.name}.jsonl" for split in SPLITS}


def refuse_to_overwrite(source: Source, data: Path) -> None:
    """Exits where files of the source are there, packed or not."""
    there = [path for plain in places(source, data).values() for path in both(plain) if path.exists()]
    if there:
        raise SystemExit(f"{there[0]} is there; --force writes this source's files anew")


def both(plain: Path) -> tuple[Path, Path]:
    """A file's name and its packed one: training reads either, so both at once would count each row twice."""
    return plain, plain.with_name(plain.name + ".gz")


def write(source: Source, found: Converted, data: Path) -> list[Path]:
    """One file a split that has rows; whole or not at all. Older files of the source go. Returns what was written."""
    written = []
    for split, path in places(source, data).items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in found.rows[split]]
        if lines:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.part")
            part.write_text("".join(lines), encoding="utf-8", newline="\n")
            part.replace(path)
            written.append(path)
        for old in both(path):
            if old not in written:
                old.unlink(missing_ok=True)
    return written
