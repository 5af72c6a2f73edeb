"""What each door says of one text, in one shape: made so that further doors can be added (Perspective, OpenAI, …)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mahlan.cli.lines import Good
from mahlan.cli.score import build_scorer
from mahlan.cli.serving import asking_band, find_served
from mahlan.events.comment import CommentScored
from mahlan.events.nudge import NudgeDecided
from mahlan.gateway.moderations.answers import LABELS

HARASSMENT = LABELS["harassment"]


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
    """Kind, reason, and the id of the wording: ``nudge over_band arz-2``."""


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


def by_perspective(answer: dict[str, Any], text: str, like: Said) -> Said:
    """``comments:analyze`` with ``TOXICITY`` and spans: what it tells, and of the rest what ``like`` says."""
    found = answer["attributeScores"]["TOXICITY"]
    raw = text.encode("utf-16-le")

    def characters(units: int) -> int:
        return len(raw[: 2 * units].decode("utf-16-le"))

    spans = [[characters(one["begin"]), characters(one["end"])] for one in found["spanScores"]]
    whole = [[0, len(text)]]
    return replace(
        like,
        scores={**like.scores, "toxic": found["summaryScore"]["value"]},
        spans=[] if spans == whole and not like.spans else spans,
    )


def by_moderation(answer: dict[str, Any], like: Said, by: float = 0.001) -> Said:
    """One result of ``/v1/moderations``: its score, and whether it is flagged.

    The category's score is the highest of its labels', of which a comment that a cascade's fast part settled has one.
    """
    told, known = (
        answer["category_scores"]["harassment"],
        [like.scores[one] for one in HARASSMENT if one in like.scores],
    )
    right = told >= max(known) - by if len(known) < len(HARASSMENT) else abs(told - max(known)) <= by
    agrees = right and answer["flagged"] == (like.label is not None)
    return like if agrees else replace(like, label="another verdict")


def by_check(answer: dict[str, Any]) -> Said:
    """``POST /v1/checks``."""
    return Said(
        answer["labels"],
        answer["label"],
        answer["band"],
        answer["spans"],
        answer["language"],
        answer["model"],
        _decided(answer["decision"], answer["reason"], (answer["wording"] or {}).get("id")),
    )


def by_stream(scored: CommentScored, decided: NudgeDecided) -> Said:
    """The events of the scorer and of the dispatcher."""
    return Said(
        dict(scored.scores),
        scored.verdict.label,
        scored.verdict.band,
        [list(span) for span in scored.spans],
        scored.language,
        scored.model,
        _decided(decided.kind, decided.reason, decided.wording and decided.wording.id),
    )


def _decided(kind: str, reason: str, wording: str | None) -> str:
    return " ".join(part for part in (kind, reason, wording) if part)
