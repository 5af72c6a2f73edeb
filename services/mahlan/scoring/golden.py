"""A model's golden.jsonl: invented comments and what this model said to them. Read by ``check.py``.

A line is ``{"text", "scores": {label: score}, "toxic": bool}``; other keys are for people. Serving is right when it
gives the same numbers on this machine, through this normaliser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mahlan.core.normalise import normalise
from mahlan.errors import ModelError, ScoreError
from mahlan.scoring.folder import GOLDEN, verify
from mahlan.scoring.manifest import Manifest
from mahlan.scoring.model import Model, Scores

TOLERANCE = 0.01
"""Other processors and runtime versions move a quantised score by less than this."""


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One line of the file."""

    text: str
    scores: dict[str, float]
    toxic: bool


@dataclass(frozen=True, slots=True)
class GoldenMiss:
    """A line on which the model now says something else. The text is the file's own, and invented."""

    line: int
    text: str
    problem: str


def read_golden(folder: Path, manifest: Manifest | None = None) -> list[GoldenCase]:
    """The cases of ``folder``; empty where there is no file. Raises ``ModelError`` that names the line.

    With a ``manifest`` that names the file's sha256, it must be that file.
    """
    path = folder / GOLDEN
    if not path.exists():
        return []
    data = path.read_bytes()
    if manifest is not None and GOLDEN in manifest.files:
        verify(GOLDEN, data, manifest)
    cases: list[GoldenCase] = []
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            cases.append(msgspec.json.decode(line, type=GoldenCase))
        except msgspec.MsgspecError as error:
            raise ModelError(f"{path} line {number}: {error}") from None
    return cases


def compare(model: Model, cases: Sequence[GoldenCase]) -> list[GoldenMiss]:
    """The cases on which ``model`` differs from the file by more than ``TOLERANCE``, or in the verdict."""
    found = model.score([normalise(case.text) for case in cases])
    problems = [_problem(case, result) for case, result in zip(cases, found, strict=True)]
    return [
        GoldenMiss(line, case.text, problem)
        for line, (case, problem) in enumerate(zip(cases, problems, strict=True), start=1)
        if problem
    ]


def _problem(case: GoldenCase, result: Scores | ScoreError) -> str:
    if isinstance(result, ScoreError):
        return str(result)
    for label, wanted in case.scores.items():
        got = result.scores.get(label)
        if got is None:
            return f"the model has no label {label}"
        if abs(got - wanted) > TOLERANCE:
            return f"{label} is {got:.3f}, the file says {wanted:.3f}"
    if result.verdict.toxic != case.toxic:
        return f"the verdict is {'toxic' if result.verdict.toxic else 'not toxic'}, the file says otherwise"
    return ""
