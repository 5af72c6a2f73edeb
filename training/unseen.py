"""What a fast model is worth on comments of a source it never saw: ``python -m training.unseen --data DIR``.

Dev comes from the sources of train, so what is measured on it flatters: a platform's own comments are like none of
them. Here the sources are dealt into parts. For each part a model learns, and has its limits chosen, without those
sources, and is measured on their rows of dev, beside a model of the same recipe that saw them all. Only sources with
enough of both classes are left out; the others and the invented cases are always learnt. Nothing is kept.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

from training.calibrate import LEAST
from training.evaluate import score_rows, with_spelled
from training.fast import HERE, invented_of, write_model
from training.judging import markdown, numbered
from training.rows import Row, read_rows
from training.scores import Line, table

NUMBERS = ("macro_f1", "band_precision", "band_recall")
"""Of a ``Line``, what is shown."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A source by a model that learnt from it, and by one that did not."""

    seen: Line
    unseen: Line

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"source": self.seen.name, "seen": self.seen.as_dict(), "unseen": self.unseen.as_dict()}


@dataclass(frozen=True, slots=True)
class Material:
    """What is learnt from and chosen on: rows as read, the invented cases, the config of ``training.fast``."""

    train: Sequence[Row]
    dev: Sequence[Row]
    invented: Sequence[Row]
    config: dict[str, Any]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m training.unseen", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and dev/ (training/README.md)")
    parser.add_argument("--config", type=Path, default=HERE / "fast.toml")
    parser.add_argument("--parts", type=int, default=6, help="to deal the sources into: a training each (6)")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    options = parser.parse_args()
    if options.parts < 1:
        parser.error("argument --parts: at least 1")
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    train, dev = (read_rows(options.data, split) for split in ("train", "dev"))
    found = compared(train, dev, config, options.parts)
    if not found:
        raise SystemExit(f"{options.data}/dev: no source there has {LEAST} comments of either class to measure on")
    print(json.dumps([one.as_dict() for one in found]) if options.json else as_text(found))


def compared(train: Sequence[Row], dev: Sequence[Row], config: dict[str, Any], parts: int) -> list[Compared]:
    """Every source that can be measured, by name. ``train`` and ``dev`` are as read, without what is made of them."""
    names = measurable(dev)
    if not names:
        return []
    material = Material(train, dev, invented_of(config), config)
    seen = lines_without((), material, names)
    unseen: dict[str, Line] = {}
    for part in dealt(names, parts):
        unseen |= lines_without(part, material, part)
    return [Compared(seen[name], unseen[name]) for name in names]


def measurable(rows: Sequence[Row]) -> list[str]:
    """Sources with ``LEAST`` rows or more of either class, by name."""
    counts: dict[str, list[int]] = {}
    for row in rows:
        counts.setdefault(row.source, [0, 0])[row.toxic] += 1
    return sorted(name for name, both in counts.items() if min(both) >= LEAST)


def dealt(names: Sequence[str], parts: int) -> list[list[str]]:
    """The names in that many parts, one after the other, none empty."""
    return [part for start in range(parts) if (part := list(names[start::parts]))]


def lines_without(left_out: Sequence[str], material: Material, measured: Sequence[str]) -> Mapping[str, Line]:
    """The lines of the sources ``measured`` by a model that neither learnt nor chose limits on ``left_out``."""
    rows, chosen_on = (
        with_spelled([row for row in part if row.source not in left_out]) for part in (material.train, material.dev)
    )
    held = [row for row in material.dev if row.source in measured]
    with tempfile.TemporaryDirectory() as folder:
        model = write_model(Path(folder) / "unseen" / "1", [*rows, *material.invented], chosen_on, material.config, ())
        found = table(held, score_rows(model, held), model.manifest.judged)
        return {line.name: line for line in found if line.group == "source"}


def as_text(found: Sequence[Compared]) -> str:
    """A table in Markdown: each number as by the model that saw the source, then by the one that did not."""
    heads = ["macro-F1", "unseen", "nudge precision", "unseen", "nudge recall", "unseen"]
    body = [
        [one.seen.name, f"{one.seen.rows:,}", f"{one.seen.toxic / one.seen.rows:.0%}", *map(numbered, _pairs(one))]
        for one in found
    ]
    means = [_mean(numbers) for numbers in zip(*map(_pairs, found), strict=True)]
    body.append(["mean of sources", f"{sum(one.seen.rows for one in found):,}", "", *map(numbered, means)])
    return markdown(["source", "rows", "toxic", *heads], body)


def _pairs(one: Compared) -> list[float]:
    return [float(getattr(line, name)) for name in NUMBERS for line in (one.seen, one.unseen)]


def _mean(values: Sequence[float]) -> float:
    """Of those there are: where nobody is nudged, nudges have no precision."""
    known = [value for value in values if not isnan(value)]
    return sum(known) / len(known) if known else float("nan")


if __name__ == "__main__":
    main()
