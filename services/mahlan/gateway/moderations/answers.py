"""From an input to texts, and from our scores to OpenAI's categories. Pure; called by ``routes/moderations.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from mahlan.core.verdict import Thresholds, limits_of
from mahlan.gateway.moderations.shapes import AppliedTypes, Categories, CategoryScores, Part, Result
from mahlan.gateway.problems import ProblemError
from mahlan.scoring.model import Scores

LABELS: Mapping[str, tuple[str, ...]] = {
    "harassment": ("toxic", "insult", "harassment", "profanity"),
    "harassment__threatening": ("threat",),
    "hate": ("identity_attack",),
    "sexual": ("sexual",),
    "violence": ("threat",),
}
"""Categories and the labels of ours that are one. A category's score is its highest label's; no other has a score."""


WANTED = frozenset(label for labels in LABELS.values() for label in labels)


def texts_of(given: str | Sequence[str | Part]) -> list[str]:
    """The texts to score: strings are one each, parts together are one. Raises ``ProblemError``."""
    if isinstance(given, str):
        return [given]
    parts = [one for one in given if isinstance(one, Part)]
    if not parts:
        return [one for one in given if isinstance(one, str)]
    if len(parts) < len(given):
        raise ProblemError("invalid_field", "send strings or parts, not both", "$.input")
    if any(part.type == "image_url" for part in parts):
        raise ProblemError("invalid_field", "images are not scored here; send parts of type text alone", "$.input")
    if any(part.text is None for part in parts):
        raise ProblemError("invalid_field", "a part of type text needs a text", "$.input")
    return ["\n".join(part.text or "" for part in parts)]


def result(found: Scores, language: str, thresholds: Thresholds) -> Result:
    """One text's result. A category of a flagged text is true where one of its labels is over its model's threshold."""
    over = {label for label, score in found.scores.items() if _is_over(label, score, language, thresholds)}
    over = over if found.verdict.toxic else set()
    known = {name: own for name, labels in LABELS.items() if (own := [one for one in labels if one in found.scores])}
    return Result(
        flagged=found.verdict.toxic,
        categories=replace(Categories(), **{name: bool(over & set(own)) for name, own in known.items()}),
        category_scores=replace(
            CategoryScores(), **{name: max(found.scores[one] for one in own) for name, own in known.items()}
        ),
        category_applied_input_types=replace(AppliedTypes(), **{name: ["text"] for name in known}),
    )


def _is_over(label: str, score: float, language: str, thresholds: Thresholds) -> bool:
    limits = limits_of(label, language, thresholds)
    return limits is not None and score >= limits.threshold
