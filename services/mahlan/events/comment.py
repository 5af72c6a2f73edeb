"""A comment on its way through the topics: submitted, normalised, scored.

Written by platforms, the normaliser, the scorer and the gateway; read by every service. Each field is written once:
the JSON Schemas under ``schemas/`` and the validating decoder are both derived from these classes.
Only ``CommentSubmitted`` and ``CommentNormalised`` carry text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from mahlan.errors import FieldError
from mahlan.events.fields import (
    AuthorKey,
    Count,
    Disguises,
    Id,
    Language,
    Length,
    ModelName,
    Moment,
    Platform,
    Revision,
    Score,
    Slips,
    Span,
)
from mahlan.events.ruling import Ruling

State = Literal["draft", "posted"]
Surface = Literal["comment", "reply", "caption", "share", "live_chat", "message", "transcript"]
ReplyTo = Literal["nobody", "own_thread", "mutual", "stranger"]
AuthorRole = Literal["person", "staff", "bot"]
Band = Literal["none", "low", "medium", "high"]
ReadingKind = Literal["original", "arabic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Whom the comment answers and who writes it, when the platform knows."""

    reply_to: ReplyTo = "nobody"
    author_role: AuthorRole = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSubmitted:
    """A person is about to post (``draft``) or has posted (``posted``) a comment.

    Either ``author_key`` or ``author_id`` must be given. An id is hashed with the deployment's salt as soon as
    the normaliser reads it and goes no further.
    """

    comment_id: Id
    text: Annotated[str, Meta(description="as typed; past 20,000 characters only the first 20,000 are read")]
    occurred_at: Moment
    revision: Revision = 0
    state: State = "posted"
    author_key: AuthorKey | None = None
    author_id: Annotated[str, Meta(min_length=1, max_length=512)] | None = None
    surface: Surface = "comment"
    language_hint: Language | None = None
    thread_id: Id | None = None
    parent_id: Id | None = None
    context: Context = field(default_factory=Context)
    platform: Platform | None = None

    def __post_init__(self) -> None:
        if self.author_key is None and self.author_id is None:
            raise FieldError("one of author_key and author_id is required", "$.author_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read the comment, normalised, with the way back to the author's own characters.

    ``offsets`` is flat pairs ``(n, o, n, o, …)``: the next ``n`` characters of ``text`` come from the next ``o``
    of the original; where ``n == o`` they map one to one. The ``n`` sum to ``len(text)``, the ``o`` to the
    length of the original (after truncation).
    """

    kind: ReadingKind
    text: str
    offsets: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRun:
    """Neighbouring tokens of one language: ``[start, end)`` in characters of the original text."""

    start: Count
    end: Count
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentNormalised:
    """The comment in the shape a model reads: one reading, or two where Latin letters spell Arabic."""

    comment_id: Id
    revision: Revision
    state: State
    author_key: AuthorKey
    surface: Surface
    occurred_at: Moment
    readings: Annotated[tuple[Reading, ...], Meta(min_length=1, max_length=4)]
    language: Language
    script: Annotated[str, Meta(min_length=4, max_length=4, description="ISO 15924: Arab, Latn, Zyyy …")]
    length: Length
    truncated: bool = False
    runs: tuple[LanguageRun, ...] = ()
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    context: Context = field(default_factory=Context)
    thread_id: Id | None = None
    parent_id: Id | None = None
    platform: Platform | None = None
    disguises: Disguises = 0
    slips: Slips = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the scores mean: over its threshold or not, by which label, and how far over."""

    toxic: bool
    label: str | None = None
    band: Band = "none"
    score: Score = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentScored:
    """Scores and a verdict. No text from here on: ids, numbers and offsets only.

    ``ruling`` is there when the comment was decided at the door, before it was posted.
    """

    comment_id: Id
    revision: Revision
    state: State
    author_key: AuthorKey
    surface: Surface
    occurred_at: Moment
    language: Language
    script: Annotated[str, Meta(min_length=4, max_length=4)]
    length: Length
    scores: dict[str, Score]
    verdict: Verdict
    model: ModelName
    truncated: bool = False
    spans: tuple[Span, ...] = ()
    campaign_tags: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    context: Context = field(default_factory=Context)
    platform: Platform | None = None
    ruling: Ruling | None = None
    disguises: Disguises = 0
