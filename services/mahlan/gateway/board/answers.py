"""What the board's routes answer, and the mark by which a page sees that nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import blake2b
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from mahlan.core.campaign import Campaign
from mahlan.core.suppression import LEAST
from mahlan.gateway.board.latest import EVERY, Heard, Insights
from mahlan.gateway.board.numbers import Numbers
from mahlan.gateway.board.public import PublicNumbers, publish

Age = Annotated[
    Annotated[float, Meta(ge=0)] | None, Meta(description="seconds that the data behind the numbers is old, now")
]
State = Annotated[
    Insights, Meta(description="away: numbers are the last that came; waiting: ask again; unset: there is no service")
]
Why = Annotated[str | None, Meta(description="away: unreachable, timeout, refused or unreadable")]


class CampaignFacts(Struct, frozen=True, kw_only=True):
    """What the campaign's file says that a board shows."""

    id: str
    title: str
    hashtags: list[str]
    languages: list[str]
    starts: date | None
    ends: date | None
    timezone: str
    running: bool
    holdout_share: float
    public: bool


class BoardList(Struct, frozen=True, kw_only=True):
    """The campaigns, the one in force first. ``insights``: whether a service for their numbers is set."""

    insights: bool
    campaigns: list[CampaignFacts]


class BoardAnswer(Struct, frozen=True, kw_only=True):
    """A campaign's board. ``numbers`` null: there are none yet. ``creators``: names by id, where they have any."""

    campaign: CampaignFacts
    creators: dict[str, str]
    insights: State
    reason: Why
    age_seconds: Age
    refresh_seconds: float
    numbers: Numbers | None


class PublicBoardAnswer(Struct, frozen=True, kw_only=True):
    """A campaign's counts for everybody, rounded down to tens (``least``). Null: smaller, hidden or not known."""

    campaign: CampaignFacts
    insights: State
    reason: Why
    age_seconds: Age
    refresh_seconds: float
    least: int
    numbers: PublicNumbers | None


def facts_of(campaign: Campaign, now: datetime) -> CampaignFacts:
    """The campaign as a board shows it."""
    return CampaignFacts(
        id=campaign.id,
        title=campaign.title,
        hashtags=list(campaign.hashtags.current),
        languages=list(campaign.languages),
        starts=campaign.starts,
        ends=campaign.ends,
        timezone=campaign.timezone,
        running=campaign.is_running(now),
        holdout_share=campaign.holdout.share,
        public=campaign.board.public,
    )


def list_of(campaigns: Iterable[Campaign], first: str, now: datetime, *, is_set: bool) -> BoardList:
    """All of them; ``first`` is the id of the one in force. ``is_set``: whether there is an insights service."""
    ordered = sorted(campaigns, key=lambda campaign: (campaign.id != first, campaign.id))
    return BoardList(insights=is_set, campaigns=[facts_of(campaign, now) for campaign in ordered])


def board_of(campaign: Campaign, heard: Heard, now: datetime) -> BoardAnswer:
    """The team's board."""
    creators = {creator.id: creator.name for creator in campaign.creators if creator.name and not creator.placeholder}
    return BoardAnswer(**_shared(campaign, heard, now), creators=creators, numbers=heard.numbers)


def public_board_of(campaign: Campaign, heard: Heard, now: datetime) -> PublicBoardAnswer:
    """Everybody's board."""
    numbers = None if heard.numbers is None else publish(heard.numbers)
    return PublicBoardAnswer(**_shared(campaign, heard, now), least=LEAST, numbers=numbers)


def _shared(campaign: Campaign, heard: Heard, now: datetime) -> dict[str, Any]:
    return {
        "campaign": facts_of(campaign, now),
        "insights": heard.insights,
        "reason": heard.reason,
        "age_seconds": heard.age(now),
        "refresh_seconds": EVERY,
    }


def mark_of(answer: BoardAnswer | PublicBoardAnswer) -> str:
    """The ETag: the same as long as nothing but the time has changed."""
    still = msgspec.structs.replace(answer, age_seconds=None, numbers=None)
    numbers = msgspec.to_builtins(answer.numbers) or {}
    timeless = {name: value for name, value in numbers.items() if name not in {"as_of", "data_age_seconds"}}
    said = msgspec.json.encode([still, timeless])
    return f'"{blake2b(said, digest_size=16).hexdigest()}"'
