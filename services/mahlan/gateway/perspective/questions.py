"""What is asked for, and whether it can be asked. Called by ``routes/perspective.py`` before anything is scored."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mahlan.core.draft import WINDOW
from mahlan.gateway.perspective.errors import RefusedError
from mahlan.gateway.perspective.shapes import AnalyzeBody, AttributeParameters, Context, SuggestBody, TextEntry

LABELS: Mapping[str, str] = {
    "TOXICITY": "toxic",
    "INSULT": "insult",
    "IDENTITY_ATTACK": "identity_attack",
    "THREAT": "threat",
    "PROFANITY": "profanity",
}
"""Attributes, and the label of a model that means the same. No other attribute has a label: see docs/perspective.md."""

DEGREES: Mapping[str, str] = {"SEVERE_TOXICITY": "toxic"}
"""A higher degree of what a label means. No model of ours tells it; a site's own map, fitted to its old scores, can."""

EXPERIMENTAL = "_EXPERIMENTAL"

_UNSCORED = (
    "SEVERE_TOXICITY",
    "SEXUALLY_EXPLICIT",
    "FLIRTATION",
    "ATTACK_ON_AUTHOR",
    "ATTACK_ON_COMMENTER",
    "INCOHERENT",
    "INFLAMMATORY",
    "LIKELY_TO_REJECT",
    "OBSCENE",
    "SPAM",
    "UNSUBSTANTIAL",
)
KNOWN = frozenset([*LABELS, *_UNSCORED, *(name + EXPERIMENTAL for name in (*LABELS, "SEVERE_TOXICITY"))])
"""Perspective's attributes. Those without a score are refused as it refuses them: for the language."""

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_SCORED_TYPES = {None, "PROBABILITY", "SCORE_TYPE_UNSPECIFIED"}


def text_of(comment: TextEntry | None) -> str:
    """The comment's text, as sent. Raises ``RefusedError`` where it is empty, too long or HTML."""
    text = (comment.text if comment else None) or ""
    if comment is not None and comment.type == "HTML":
        raise RefusedError("INVALID_REQUEST", "Currently, only 'PLAIN_TEXT' comments are supported")
    if not text.strip():
        raise RefusedError("COMMENT_EMPTY", "Comment must be non-empty.")
    if len(text) > WINDOW:
        raise RefusedError("COMMENT_TOO_LONG", "Comment text too long.")
    return text


def attributes_of(body: AnalyzeBody, further: Mapping[str, object]) -> dict[str, AttributeParameters]:
    """The attributes asked for; ``further`` are those of the site's own map. Raises ``RefusedError``."""
    _check_context(body.context)
    asked = {name: how or AttributeParameters() for name, how in (body.requested_attributes or {}).items()}
    if not asked:
        raise RefusedError("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
    for name, how in asked.items():
        if name not in KNOWN and name not in further:
            raise RefusedError("INVALID_REQUEST", f"Unknown requested attribute: {_shown(name)}")
        if how.score_type not in _SCORED_TYPES:
            message = f"Requested score type {how.score_type} is not supported by attribute {name}"
            raise RefusedError("INVALID_REQUEST", message)
    return asked


def suggestions_of(body: SuggestBody) -> dict[str, float]:
    """The summary scores that are suggested, by attribute. Raises ``RefusedError`` where there is none."""
    _check_context(body.context)
    found: dict[str, float] = {}
    for name, scores in (body.attribute_scores or {}).items():
        if not _NAME.fullmatch(name):
            raise RefusedError("INVALID_REQUEST", "Unknown requested attribute: names are in capitals, as TOXICITY")
        summary = scores.summary_score if scores else None
        if summary is None or summary.value is None:
            raise RefusedError("INVALID_REQUEST", f"attribute_scores.{name} needs a summary_score with a value")
        found[name] = summary.value
    if not 0 < len(found) <= 64:
        raise RefusedError("INVALID_REQUEST", "attribute_scores must have between 1 and 64 attributes")
    return found


def plain(attribute: str) -> str:
    """The attribute that an experimental one is the forerunner of; any other as it is."""
    return attribute.removesuffix(EXPERIMENTAL)


def _check_context(context: Context | None) -> None:
    if context is not None and context.entries and context.article_and_parent_comment is not None:
        message = "Context can have either entries or article_and_parent_comment, but both fields were populated."
        raise RefusedError("INVALID_REQUEST", message)


def _shown(name: str) -> str:
    """A name that looks like one; anything else is not told back."""
    return name if _NAME.fullmatch(name) else "names are in capitals, as TOXICITY"
