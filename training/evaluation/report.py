"""Everything that was measured of one model, as ``eval.json`` holds it. Filled by ``parts.py``, read by ``choice.py``.

``docs/evaluation.md`` explains every key. The file is the same for the same model, rows and cases, but for ``speed``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import evasions, fairness, functional, groups
from training.evaluation.cells import Cell
from training.evaluation.gate import Ruled, failed
from training.evaluation.label_scores import LabelLine
from training.evaluation.resampling import DRAWS, SEED
from training.spans import Measured
from training.speed import Speed

FILE = "eval.json"
SCHEMA = 1
PARTS = ("rows", "labels", "spans", "functional", "groups", "evasions", "fairness", "speed")
NEED_DATA = frozenset({"rows", "labels", "spans"})


@dataclass(slots=True)
class Report:
    """What was measured; ``None`` is what was not. ``data`` and ``cases`` say on what."""

    model: str
    data: dict[str, Any] | None = None
    cases: dict[str, Any] | None = None
    rows: list[Cell] | None = None
    labels: list[LabelLine] | None = None
    spans: dict[str, Measured] | None = None
    functional: list[functional.Cell] | None = None
    groups: list[groups.Line] | None = None
    evasions: list[evasions.Line] | None = None
    fairness: list[fairness.Line] | None = None
    leanings: dict[str, dict[str, float]] | None = None
    speed: Speed | None = None
    against: str | None = None
    paired: bool = True
    gate: list[Ruled] | None = None

    def lines(self) -> Iterator[tuple[str, Any]]:
        """Key and value of what was measured, in the order of the file."""
        yield "schema", SCHEMA
        yield "model", self.model
        yield "bootstrap", {"draws": DRAWS, "seed": SEED, "interval": 0.95}
        yield "data", self.data
        yield "cases", self.cases
        for name in ("rows", "labels"):
            yield name, _dicts(getattr(self, name))
        yield "spans", self.spans and [{"of": name, **one.as_dict()} for name, one in self.spans.items()]
        counted = self.functional and [cell for cell in self.functional if cell.passed.total]
        yield "functional", _dicts(counted)
        for name in ("groups", "evasions", "fairness"):
            yield name, _dicts(getattr(self, name))
        yield "leanings", self.leanings
        yield "gate", self._gate()
        yield "speed", self.speed and self.speed.as_dict()

    def as_dict(self) -> dict[str, Any]:
        """All of it; what was not measured is left out."""
        return {key: value for key, value in self.lines() if value is not None}

    def as_json(self) -> str:
        """The file's text: a line for each line of a table, so that versions can be compared."""
        parts = []
        for key, value in self.as_dict().items():
            if isinstance(value, list):
                inside = ",\n".join(f"  {_text(one)}" for one in value)
                parts.append(f' "{key}": [\n{inside}\n ]')
            else:
                parts.append(f' "{key}": {_text(value)}')
        return "{\n" + ",\n".join(parts) + "\n}\n"

    def write(self, folder: Path) -> Path:
        """Into a model's folder."""
        file = folder / FILE
        file.write_text(self.as_json(), encoding="utf-8")
        return file

    def _gate(self) -> dict[str, Any] | None:
        if self.gate is None or self.against is None:
            return None
        compared = [one.as_dict() for one in self.gate]
        return {"against": self.against, "paired": self.paired, "worse": failed(self.gate), "compared": compared}


def _dicts(items: list[Any] | None) -> list[dict[str, Any]] | None:
    return None if items is None else [one.as_dict() for one in items]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
