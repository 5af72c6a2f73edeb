"""A campaign's numbers as the insights service tells them, field by field. Decoded by ``source.py``.

What is not named here is dropped when it is read, so that nothing else can reach a page: no author and no text.
What is not known is null; a list that is missing is empty.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from mahlan.events.fields import CampaignId, Language, Moment
from mahlan.gateway.board.evidence import BudgetLine, Count, Effect, Name, SampleRatio

Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$", description="in the campaign's own time zone")]


class DayCounts(Struct, frozen=True, kw_only=True):
    """The challenge on one day."""

    day: Day
    posts: Count | None = None
    joiners: Count | None = None
    authors: Count | None = None


class HourCounts(Struct, frozen=True, kw_only=True):
    """The challenge in one hour of the last 72."""

    hour: Moment
    posts: Count | None = None
    joiners: Count | None = None


class LanguageCounts(Struct, frozen=True, kw_only=True):
    """The challenge in one language."""

    language: Language
    posts: Count | None = None
    joiners: Count | None = None
    authors: Count | None = None


class HashtagCounts(Struct, frozen=True, kw_only=True):
    """The challenge under one hashtag; a post with two counts under both."""

    hashtag: Name
    posts: Count | None = None
    joiners: Count | None = None
    authors: Count | None = None


class Estimate(Struct, frozen=True, kw_only=True):
    """How many authors, from a sketch, with its error."""

    estimate: Count | None = None
    low: Count | None = None
    high: Count | None = None


class Growth(Struct, frozen=True, kw_only=True):
    """People who joined today and before."""

    today: Count | None = None
    yesterday: Count | None = None
    week: Count | None = None
    week_before: Count | None = None


class Challenge(Struct, frozen=True, kw_only=True):
    """Posts with a hashtag of the campaign, and who joined with one."""

    posts: Count | None = None
    joiners: Count | None = None
    authors: Estimate = Estimate()
    by_day: list[DayCounts] = []
    by_hour: list[HourCounts] = []
    by_language: list[LanguageCounts] = []
    by_hashtag: list[HashtagCounts] = []
    growth: Growth = Growth()


class Decisions(Struct, frozen=True, kw_only=True):
    """Comments by what was decided."""

    none: Count | None = None
    nudge: Count | None = None
    holdout: Count | None = None
    suppress: Count | None = None


class Outcomes(Struct, frozen=True, kw_only=True):
    """What became of nudges. ``unknown``: no outcome came; ``open``: one may still come."""

    shown: Count | None = None
    revised: Count | None = None
    cancelled: Count | None = None
    sent_unchanged: Count | None = None
    disputed: Count | None = None
    open: Count | None = None
    unknown: Count | None = None


class Revisions(Struct, frozen=True, kw_only=True):
    """Changed comments scored again: less hurtful, the same, more, or the same in disguise."""

    less: Count | None = None
    same: Count | None = None
    more: Count | None = None
    trick: Count | None = None


class LanguageNudges(Struct, frozen=True, kw_only=True):
    """Nudges in one language."""

    language: Language
    comments: Count | None = None
    nudges: Count | None = None
    revised: Count | None = None
    cancelled: Count | None = None
    sent_unchanged: Count | None = None
    disputed: Count | None = None


class LabelNudges(Struct, frozen=True, kw_only=True):
    """Nudges for what one label names."""

    label: Name
    nudges: Count | None = None


class SurfaceNudges(Struct, frozen=True, kw_only=True):
    """Nudges where one kind of comment is written."""

    surface: Name
    comments: Count | None = None
    nudges: Count | None = None


class ArmNudges(Struct, frozen=True, kw_only=True):
    """Nudges in one way of asking."""

    arm: Name
    nudges: Count | None = None
    revised: Count | None = None
    cancelled: Count | None = None
    sent_unchanged: Count | None = None
    disputed: Count | None = None


class CreatorNudges(Struct, frozen=True, kw_only=True):
    """Nudges with one creator's message."""

    creator: Name
    nudges: Count | None = None
    revised: Count | None = None
    cancelled: Count | None = None
    sent_unchanged: Count | None = None
    disputed: Count | None = None


class DayNudges(Struct, frozen=True, kw_only=True):
    """Comments and decisions of one day."""

    day: Day
    comments: Count | None = None
    nudges: Count | None = None
    holdouts: Count | None = None


class Nudges(Struct, frozen=True, kw_only=True):
    """All comments of the campaign, what was decided, and what came of it."""

    comments: Count | None = None
    decisions: Decisions = Decisions()
    reasons: dict[Name, Count] = {}
    outcomes: Outcomes = Outcomes()
    revisions: Revisions = Revisions()
    by_language: list[LanguageNudges] = []
    by_label: list[LabelNudges] = []
    by_surface: list[SurfaceNudges] = []
    by_arm: list[ArmNudges] = []
    by_creator: list[CreatorNudges] = []
    by_day: list[DayNudges] = []


class Partitions(Struct, frozen=True, kw_only=True):
    """Of how many parts of the data these are the numbers."""

    answered: Count | None = None
    all: Count | None = None


class Numbers(Struct, frozen=True, kw_only=True):
    """Everything the insights service tells of a campaign."""

    campaign: CampaignId
    as_of: Moment
    data_age_seconds: Annotated[float, Meta(ge=0)] | None = None
    complete: bool | None = None
    partitions: Partitions = Partitions()
    first_day: Day | None = None
    last_day: Day | None = None
    challenge: Challenge = Challenge()
    nudges: Nudges = Nudges()
    effect: list[Effect] = []
    sample_ratio: SampleRatio | None = None
    budget: list[BudgetLine] = []
