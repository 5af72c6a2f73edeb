"""Bodies and answers of the Comment Analyzer API, v1alpha1, as its clients know them.

Every field of a request may be missing or null, as in Google's JSON; ``questions.py`` says what is needed, in the words
that clients expect. Fields that nobody reads here (``context``'s texts, ``sessionId``) go no further than the decoder.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

TextType = Literal["TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"]
ScoreType = Literal["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$", description="ar, en, ar-Latn")]
Offset = Annotated[int, Meta(ge=0, le=2**31 - 1, description="UTF-16 code units of the comment's text")]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Attribute = Annotated[str, Meta(max_length=64)]


class TextEntry(Struct, frozen=True, kw_only=True):
    """A text."""

    text: str | None = None
    type: TextType | None = None


class ArticleAndParentComment(Struct, frozen=True, kw_only=True, rename="camel"):
    """Context: what was commented on."""

    article: TextEntry | None = None
    parent_comment: TextEntry | None = None


class Context(Struct, frozen=True, kw_only=True, rename="camel"):
    """Context of either kind. Perspective did not use it, and nor is it used here."""

    entries: list[TextEntry] | None = None
    article_and_parent_comment: ArticleAndParentComment | None = None


class AttributeParameters(Struct, frozen=True, kw_only=True, rename="camel"):
    """How an attribute is wanted: scores below ``scoreThreshold`` are left out."""

    score_type: ScoreType | None = None
    score_threshold: Share | None = None


class AnalyzeBody(Struct, frozen=True, kw_only=True, rename="camel"):
    """A comment to score. ``doNotStore`` is always kept: nothing of it is stored or published."""

    comment: TextEntry | None = None
    requested_attributes: dict[Attribute, AttributeParameters | None] | None = None
    context: Context | None = None
    languages: list[Language] | None = None
    span_annotations: bool | None = None
    do_not_store: bool | None = None
    drop_unsupported_attributes: bool | None = None
    client_token: str | None = None
    session_id: str | None = None
    community_id: str | None = None


class Score(Struct, frozen=True, kw_only=True):
    """A probability."""

    value: Share
    type: Literal["PROBABILITY"] = "PROBABILITY"


class SpanScore(Struct, frozen=True, kw_only=True):
    """The score of a part of the text, ``[begin, end)``."""

    begin: Offset
    end: Offset
    score: Score


class AttributeScores(Struct, frozen=True, kw_only=True, rename="camel"):
    """The score of the whole, and at least one span."""

    summary_score: Score
    span_scores: list[SpanScore]


class AnalyzeAnswer(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Scores by attribute."""

    attribute_scores: dict[str, AttributeScores]
    languages: list[str]
    detected_languages: list[str]
    client_token: str | None = None


class SuggestedScore(Struct, frozen=True, kw_only=True):
    """What a score should have been."""

    value: Share | None = None
    type: ScoreType | None = None


class SuggestedSpan(Struct, frozen=True, kw_only=True):
    """What the score of a part should have been."""

    begin: Offset | None = None
    end: Offset | None = None
    score: SuggestedScore | None = None


class SuggestedScores(Struct, frozen=True, kw_only=True, rename="camel"):
    """What the scores of an attribute should have been."""

    summary_score: SuggestedScore | None = None
    span_scores: list[SuggestedSpan] | None = None


class SuggestBody(Struct, frozen=True, kw_only=True, rename="camel"):
    """Scores that a reader suggests for a comment."""

    comment: TextEntry | None = None
    attribute_scores: dict[Attribute, SuggestedScores | None] | None = None
    context: Context | None = None
    languages: list[Language] | None = None
    community_id: str | None = None
    client_token: str | None = None
    session_id: str | None = None


class SuggestAnswer(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The token of the request."""

    client_token: str | None = None


class Status(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as Google's APIs tell it; ``details`` says what a program can act on."""

    code: int
    message: str
    status: str
    details: list[dict[str, Any]] = []


class ErrorAnswer(Struct, frozen=True, kw_only=True):
    """The body of every error."""

    error: Status
