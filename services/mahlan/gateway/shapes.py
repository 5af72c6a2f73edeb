"""What goes over HTTP: bodies and answers, each field once. Events (``mahlan/events``) are what goes over Kafka.

Structs, not dataclasses: the framework keeps their limits in the OpenAPI document. Fields that an event has too have
the event's type, and so its limits.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mahlan.events.comment import Band, Context, ReadingKind, State, Surface
from mahlan.events.fields import AuthorKey, Id, Language, ModelName, Moment, Platform, Revision, Score, Span
from mahlan.events.nudge import DecisionId, OutcomeKind
from mahlan.events.ruling import Kind, Support, Wording

AuthorId = Annotated[
    str, Meta(min_length=1, max_length=512, description="instead of author_key; hashed at once with MAHLAN_AUTHOR_SALT")
]
Text = Annotated[str, Meta(description="as typed; past 20,000 characters only the first 20,000 are read")]
OffsetUnit = Annotated[
    Literal["characters", "utf16"],
    Meta(description="what spans count: Unicode characters, or UTF-16 units as JavaScript and Java do"),
]
DisputeReason = Annotated[
    Literal["not_hurtful", "misread", "quoting", "joke", "other"],
    Meta(description="why it was a mistake; disputes only"),
]


class Written(Struct, frozen=True, kw_only=True):
    """What somebody wrote and where: as a draft to check, or as a comment to publish."""

    comment_id: Id
    text: Text
    revision: Revision = 0
    author_key: AuthorKey | None = None
    author_id: AuthorId | None = None
    surface: Surface = "comment"
    language_hint: Language | None = None
    context: Context | None = None
    thread_id: Id | None = None
    parent_id: Id | None = None


class CheckBody(Written, frozen=True, kw_only=True):
    """A draft whose author is about to post it. One of ``author_key`` and ``author_id`` is needed."""

    offset_unit: OffsetUnit = "characters"
    record: Annotated[bool, Meta(description="false: nothing is remembered or published (previews)")] = True
    explain: Annotated[bool, Meta(description="true: how the text was read, and where the time went")] = False


class ReadAs(Struct, frozen=True, kw_only=True):
    """One way the text was read."""

    kind: ReadingKind
    text: str


class Milliseconds(Struct, frozen=True, kw_only=True):
    """Where the time of a check went. ``normalise`` and ``score`` are those of the batch it was in."""

    queue: float
    normalise: float
    score: float
    decide: float
    record: float


class Explanation(Struct, frozen=True, kw_only=True):
    """How the text was read, what speaks against a nudge, and the time it took."""

    readings: list[ReadAs]
    signals: list[str]
    truncated: bool
    milliseconds: Milliseconds


class CheckAnswer(Struct, frozen=True, kw_only=True):
    """What was decided. Show ``wording`` where it is there, and report what the author did to the outcomes.

    Where ``support`` is there the author may be in danger: post the comment, and show it.
    """

    nudge_id: DecisionId
    decision: Kind
    reason: Annotated[str, Meta(description="code of the rule that decided; not_recorded: see docs/gateway.md")]
    campaign: str
    campaign_version: str
    language: Language
    script: str
    labels: dict[str, Score]
    label: str | None
    band: Band
    score: Score
    spans: list[Span]
    wording: Wording | None
    model: ModelName
    recorded: Annotated[bool, Meta(description="whether caps and statistics know of it")]
    support: Support | None = None
    explain: Explanation | None = None


class CommentBody(Written, frozen=True, kw_only=True):
    """A comment to publish. One of ``author_key`` and ``author_id`` is needed."""

    occurred_at: Annotated[Moment | None, Meta(description="default: now")] = None
    state: State = "posted"
    platform: Platform | None = None


class Accepted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The event is kept and goes to Kafka. ``id`` is its CloudEvents id."""

    id: str
    accepted: bool


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of one line of a batch."""

    line: int
    accepted: bool
    id: str | None = None
    field: str | None = None
    error: str | None = None


class OutcomeBody(Struct, frozen=True, kw_only=True):
    """What the author did with a nudge. ``comment_id`` and ``revision`` are those of the check."""

    outcome: OutcomeKind
    comment_id: Id
    revision: Revision = 0
    author_key: AuthorKey | None = None
    author_id: AuthorId | None = None
    reason: DisputeReason | None = None
    occurred_at: Annotated[Moment | None, Meta(description="default: now")] = None


class Expiry(Struct, frozen=True, kw_only=True):
    """A topic that still holds events of the author, and for how many days at most."""

    topic: str
    days: int


class Receipt(Struct, frozen=True, kw_only=True):
    """What was forgotten at once, and what goes by itself."""

    receipt_id: str
    author_key: AuthorKey
    erased_at: Moment
    forgotten: list[str]
    expires: list[Expiry]
