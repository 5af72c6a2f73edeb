"""Texts to verdicts by a served model; shares with intervals. Called by ``functional``, ``evasions``, ``fairness``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan, sqrt
from pathlib import Path
from typing import Any, Protocol

from mahlan.core.normalise import normalise
from mahlan.errors import ModelError, RecordError
from mahlan.scoring.cascade import Served
from mahlan.scoring.model import Scorable, Scores
from training.evaluation.served import load
from training.scores import LABEL

NUDGED = frozenset({"medium", "high"})
"""The bands of the nudge: what a campaign asks about by default."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model says to one text: its score, and whether a threshold or the nudge band is reached."""

    score: float
    toxic: bool
    nudged: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """``hits`` of ``total``."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        """0 where nothing was counted."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % score interval (Wilson 1927); 0 to 1 where nothing was counted."""
        if not self.total:
            return 0.0, 1.0
        z = 1.959964
        middle = self.share + z * z / (2 * self.total)
        spread = z * sqrt(self.share * (1 - self.share) / self.total + z * z / (4 * self.total**2))
        scale = 1 + z * z / self.total
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    def as_dict(self) -> dict[str, Any]:
        """For JSON, shares to four places."""
        low, high = self.interval
        return {
            "hits": self.hits, "total": self.total, "share": round(self.share, 4),
            "low": round(low, 4), "high": round(high, 4),
        }  # fmt: skip


def counted(hits: Iterable[bool]) -> Rate:
    """The rate of true ones."""
    found = list(hits)
    return Rate(sum(found), len(found))


class Scoring(Protocol):
    """What scores: a model, or something that asks one (``evaluation/served.py``)."""

    def score(self, items: Sequence[Scorable]) -> Sequence[Scores | RecordError]: ...


def judge_texts(model: Scoring, texts: Sequence[str]) -> list[Judged]:
    """The verdict on each text, by the product's normaliser and the manifest's limits.

    Raises ``RecordError`` where the model has no score: on invented text that is a fault.
    """
    judged: list[Judged] = []
    for result in model.score([normalise(text) for text in texts]):
        if not isinstance(result, Scores):
            raise result
        verdict = result.verdict
        judged.append(Judged(score_of(result), verdict.toxic, verdict.band in NUDGED))
    return judged


def score_of(result: Scores) -> float:
    """The score of ``toxic``; of a model without that label, the verdict's."""
    return result.scores.get(LABEL, result.verdict.score)


def options(name: str, about: str | None) -> argparse.ArgumentParser:
    """The options every measuring command has: which model, and JSON or a table."""
    parser = argparse.ArgumentParser(
        prog=f"python -m training.{name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=None, help="name@version; the registry's champion by default")
    parser.add_argument("--models", type=Path, default=Path("models"), help="where the model folders are")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    return parser


def loaded(chosen: argparse.Namespace) -> Served:
    """The model or cascade the options name; exits with one clear line where it cannot be loaded."""
    try:
        return load(chosen.models, chosen.model)
    except ModelError as error:
        raise SystemExit(str(error)) from None


def markdown(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its first column to the left and the others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def numbered(number: float, shape: str = ".3f") -> str:
    """A number of a table; a dash where it has no meaning."""
    return "–" if isnan(number) else f"{number:{shape}}"


def spanned(low: float, high: float, shape: str = ".3f") -> str:
    """An interval behind its number; nothing where there is none."""
    return "" if isnan(low) else f" ({low:{shape}}–{high:{shape}})"
