"""What was decided about a comment, what the author did then, and what is remembered of an author.

Written by the dispatcher (and later the gateway); read by platforms, channels and the experiment statistics.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from mahlan.events.comment import (
    AuthorKey,
    Band,
    Id,
    Language,
    Moment,
    Revision,
    Score,
    Span,
    State,
    Surface,
)

Kind = Literal["none", "nudge", "holdout", "suppress"]
OutcomeKind = Literal["shown", "revised", "cancelled", "sent_unchanged", "disputed"]

DecisionId = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{32}$", description="derived from campaign, comment id and revision")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The kind sentence to show, in the author's own language and script."""

    id: Annotated[str, Meta(min_length=1, max_length=128)]
    language: Language
    direction: Literal["rtl", "ltr"]
    text: Annotated[str, Meta(min_length=1, max_length=600)]
    edit: Annotated[str, Meta(min_length=1, max_length=60, description="label of the prominent button")]
    send: Annotated[str, Meta(min_length=1, max_length=60, description="label of the button that posts anyway")]
    dispute: Annotated[str, Meta(min_length=1, max_length=60, description="label of 'this was a mistake'")]


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeDecided:
    """One per comment revision and campaign: nudge, or why not. Also the outbox the channels deliver from."""

    decision_id: DecisionId
    campaign: Annotated[str, Meta(min_length=1, max_length=64)]
    campaign_version: Annotated[str, Meta(pattern=r"^[0-9a-f]{12}$", description="hash of the campaign file")]
    comment_id: Id
    revision: Revision
    state: State
    author_key: AuthorKey
    surface: Surface
    language: Language
    kind: Kind
    reason: Annotated[str, Meta(min_length=1, max_length=64, description="code of the rule that decided")]
    model: Annotated[str, Meta(min_length=3, max_length=128)]
    occurred_at: Moment
    decided_at: Moment
    label: str | None = None
    band: Band = "none"
    score: Score = 0.0
    spans: tuple[Span, ...] = ()
    wording: Wording | None = None
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastNudge:
    """One remembered decision of kind ``nudge`` or ``holdout``: it counts towards caps and cooldown."""

    decision_id: DecisionId
    campaign: str
    comment_id: Id
    kind: Kind
    decided_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorHistory:
    """Recent nudges of one author, newest last. Compacted by author key; a null value is an erasure."""

    author_key: AuthorKey
    updated_at: Moment
    nudges: tuple[PastNudge, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeOutcome:
    """What the author did with a nudge."""

    decision_id: DecisionId
    comment_id: Id
    author_key: AuthorKey
    outcome: OutcomeKind
    occurred_at: Moment
    revision: Revision = 0
    reason: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
