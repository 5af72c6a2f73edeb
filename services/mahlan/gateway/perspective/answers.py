"""From our scores to Perspective's answer. Pure; called by ``routes/perspective.py``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mahlan.core.highlight import Span, utf16_spans
from mahlan.gateway.perspective.errors import unsupported
from mahlan.gateway.perspective.languages import Told
from mahlan.gateway.perspective.questions import LABELS, plain
from mahlan.gateway.perspective.score_map import ScoreMap
from mahlan.gateway.perspective.shapes import (
    AnalyzeAnswer,
    AnalyzeBody,
    AttributeParameters,
    AttributeScores,
    Score,
    SpanScore,
)
from mahlan.scoring.model import Scores

GENERAL = "toxic"
"""Its spans are those of the verdict, whatever label the verdict has: what insults is what is toxic."""


def label_of(attribute: str, sites: ScoreMap) -> str:
    """The label behind an attribute; empty where there is none."""
    own = sites.get(attribute) or sites.get(plain(attribute))
    return own.label if own is not None else LABELS.get(plain(attribute), "")


def answer(
    body: AnalyzeBody,
    asked: Mapping[str, AttributeParameters],
    found: Scores,
    told: Told,
    labels: Collection[str],
    sites: ScoreMap,
) -> AnalyzeAnswer:
    """The answer to ``body``. ``labels`` are those asked for that the model gives every text, ``sites`` the site's map.

    Raises ``RefusedError`` for an attribute without an honest score, unless the request wants it dropped.
    """
    text = (body.comment.text if body.comment else None) or ""
    given: dict[str, AttributeScores] = {}
    for attribute, how in asked.items():
        label = label_of(attribute, sites)
        if not told.honest or label not in labels:
            if body.drop_unsupported_attributes:
                continue
            raise unsupported(attribute, told.languages, asked=told.asked)
        value = _value(attribute, found.scores[label], sites)
        if value < (how.score_threshold or 0.0):
            continue
        spans = _marked(found, label) if body.span_annotations else ()
        given[attribute] = _scores(value, utf16_spans(text, spans or [(0, len(text))]))
    return AnalyzeAnswer(
        attribute_scores=given,
        languages=told.languages,
        detected_languages=told.detected,
        client_token=body.client_token,
    )


def _value(attribute: str, score: float, sites: ScoreMap) -> float:
    own = sites.get(attribute) or sites.get(plain(attribute))
    return score if own is None else round(own.curve.at(score), 6)


def _marked(found: Scores, label: str) -> Sequence[Span]:
    """The words that the verdict rests on, where it is about this label."""
    return found.spans if label in {GENERAL, found.verdict.label} else ()


def _scores(value: float, spans: Sequence[Span]) -> AttributeScores:
    score = Score(value=value)
    return AttributeScores(
        summary_score=score, span_scores=[SpanScore(begin=begin, end=end, score=score) for begin, end in spans]
    )
