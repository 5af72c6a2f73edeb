"""What was decided about a comment, what the author did then, and what is remembered of an author.

Written by the dispatcher, outcomes by platforms and the gateway; read by channels and the experiment statistics.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from mahlan.events.comment import Band, State, Surface
from mahlan.events.fields import (
    AuthorKey,
    CampaignId,
    CampaignVersion,
    Disguises,
    Id,
    Language,
    Moment,
    Platform,
    Reason,
    Revision,
    Score,
    Span,
)
from mahlan.events.ruling import Door, Kind, Support, Wording

OutcomeKind = Literal["shown", "revised", "cancelled", "sent_unchanged", "disputed"]

DecisionId = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{32}$", description="derived from campaign, comment id and revision")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeDecided:
    """One per comment revision and campaign: nudge, or why not. Also the outbox the channels deliver from.

    With the door ``check`` the author has had the answer before posting: channels deliver those of ``stream`` only.
    Where somebody may be in danger (reason ``self_harm``) there is ``support``, and no label, band or score.
    """

    decision_id: DecisionId
    campaign: CampaignId
    campaign_version: CampaignVersion
    comment_id: Id
    revision: Revision
    state: State
    author_key: AuthorKey
    surface: Surface
    language: Language
    kind: Kind
    reason: Reason
    model: Annotated[str, Meta(min_length=3, max_length=128)]
    occurred_at: Moment
    decided_at: Moment
    label: str | None = None
    band: Band = "none"
    score: Score = 0.0
    spans: tuple[Span, ...] = ()
    wording: Wording | None = None
    hashtags: tuple[str, ...] = ()
    platform: Platform | None = None
    door: Door = "stream"
    support: Support | None = None
    disguises: Disguises = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PastNudge:
    """One remembered decision of kind ``nudge`` or ``holdout``: it counts towards caps and cooldown."""

    decision_id: DecisionId
    campaign: str
    comment_id: Id
    kind: Kind
    decided_at: Moment
    surface: Surface | None = None
    lesson: Annotated[bool, Meta(description="a lesson card went with it")] = False


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
    platform: Platform | None = None
