"""The dev rows of a data folder for the evaluation: read, sampled, spelled, told apart. Called by ``parts.py``."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.rows import Row, normalised, raw_rows
from training.scores import LABEL
from training.spelling import spelled_rows

SEED = 7
NEEDED = ("text", "lang", "source")


class DataError(Exception):
    """The data folder cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A comment and what is known of it: label to 0 or 1. ``spelled``: typed in Latin letters by machine."""

    row: Row
    labels: Mapping[str, int]
    spelled: bool = False


@dataclass(frozen=True, slots=True)
class DevRows:
    """The rows, how many there were before a sample was drawn, and a digest that tells two data folders apart."""

    rows: tuple[Labelled, ...]
    whole: int
    digest: str

    @property
    def sampled(self) -> bool:
        """Whether some were left out."""
        return sum(not one.spelled for one in self.rows) < self.whole


def require_dev(data: Path) -> None:
    """Raises ``DataError`` for a folder that is not one of data."""
    if not [*(data / "dev").glob("*.jsonl"), *(data / "dev").glob("*.jsonl.gz")]:
        raise DataError(
            f"{data / 'dev'} holds no *.jsonl or *.jsonl.gz: --data takes a folder with dev/ in it, "
            "in the format of training/README.md"
        )


def read_dev(data: Path, most: int | None = None) -> DevRows:
    """The dev rows in ``data``, ``most`` of them where given; Egyptian ones again in Latin letters. Seeded.

    Raises ``DataError`` for rows that lack a field.
    """
    raw = list(raw_rows(data, "dev"))
    for number, one in enumerate(raw, start=1):
        if missing := [key for key in NEEDED if key not in one]:
            raise DataError(f"{data / 'dev'}: row {number} of all files in order has no {' and no '.join(missing)}")
    chosen = raw if most is None else sample(raw, most)
    # Where toxic is not known, 0 stands in for it: only the labels that are known are ever looked at.
    rows = normalised([{**one, LABEL: one.get(LABEL) or 0} for one in chosen], "normalising dev")
    labelled = [Labelled(row, _labels(one)) for row, one in zip(rows, chosen, strict=True)]
    known = [one.row for one in labelled if LABEL in one.labels]
    spelled = [Labelled(row, {LABEL: row.toxic}, spelled=True) for row in spelled_rows(known, SEED)]
    return DevRows((*labelled, *spelled), len(raw), _digest(chosen))


def sample(raw: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """``most`` rows by lot, every source with its share (one row at least), in their order."""
    if most >= len(raw):
        return list(raw)
    places: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(raw):
        places[one["source"]].append(place)
    kept: list[int] = []
    for source, own in sorted(places.items()):
        kept += random.Random(f"{SEED} {source}").sample(own, max(1, round(most * len(own) / len(raw))))
    return [raw[place] for place in sorted(kept)]


def _labels(one: Mapping[str, Any]) -> dict[str, int]:
    told = {LABEL: one.get(LABEL), **(one.get("labels") or {})}
    return {label: int(value) for label, value in told.items() if value is not None}


def _digest(raw: Sequence[Mapping[str, Any]]) -> str:
    """Of texts and labels in order; nothing of a text can be read from it."""
    found = hashlib.sha256()
    for one in raw:
        found.update(repr((one["source"], one["text"], sorted(_labels(one).items()))).encode("utf-8", "replace"))
    return found.hexdigest()[:16]
