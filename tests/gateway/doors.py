"""What each door says of one text, in one shape: made so that further doors can be added (Perspective, OpenAI, …)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mahlan.cli.lines import Good
from mahlan.cli.score import build_scorer
from mahlan.cli.serving import asking_band, find_served


@dataclass(frozen=True)
class Said:
    """Scores, verdict, spans in characters, and what is asked of the author."""

    scores: dict[str, float]
    label: str | None
    band: str
    spans: list[list[int]]
    language: str
    model: str
    decision: str | None = None


def near(one: Said, other: Said, by: float = 0.001) -> bool:
    """The same, but for the last digits of the scores. A door that decides nothing agrees with any decision."""
    same = (one.label, one.band, one.spans, one.language, one.model) == (
        other.label,
        other.band,
        other.spans,
        other.language,
        other.model,
    )
    decided = None in {one.decision, other.decision} or one.decision == other.decision
    scored = one.scores.keys() == other.scores.keys() and all(
        abs(one.scores[label] - other.scores[label]) <= by for label in one.scores
    )
    return same and decided and scored


def by_command(texts: Sequence[str]) -> list[Said]:
    """``mahlan score``."""
    lines = build_scorer(find_served(None), asking_band())([Good(b"1", text) for text in texts])
    return [_said(orjson.loads(line)) for line in lines if isinstance(line, bytes)]


def _said(line: dict[str, Any]) -> Said:
    verdict = line["verdict"]
    return Said(line["scores"], verdict["label"], verdict["band"], line["spans"], line["language"], line["model"])


def by_check(answer: dict[str, Any]) -> Said:
    """``POST /v1/checks``."""
    return Said(
        answer["labels"],
        answer["label"],
        answer["band"],
        answer["spans"],
        answer["language"],
        answer["model"],
        answer["decision"],
    )
