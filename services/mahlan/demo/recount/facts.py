"""What a recount goes by: the records of a run, as plain dicts in the order of the log, and the campaign's own file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from mahlan.core.campaign import Campaign
from mahlan.core.entities import fold_hashtag
from mahlan.events.topics import BRAKES, DECIDED, OUTCOMES
from mahlan.runtime.broker import Record

Event = Mapping[str, Any]
#: Events may come so late and still count.
LATE_HOURS = 1
BANDS = ("none", "low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What was read back. ``latest``: by author, the latest moment that a decision in their partition tells of."""

    decisions: tuple[Event, ...]
    outcomes: tuple[Event, ...]
    brakes: tuple[Event, ...]
    latest: Mapping[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The campaign, and the moment at which its board was read. ``tags``: as folded, the spelling they count for."""

    campaign: Campaign
    as_of: datetime
    tags: Mapping[str, str]
    outcome_hours: int

    def is_over(self, moment: datetime, author: str, log: Log) -> bool:
        """Whether nobody waits any longer for what an author did then: so much later has their partition told."""
        return moment <= log.latest[author] - timedelta(hours=self.outcome_hours + LATE_HOURS)

    def language(self, event: Event) -> str:
        """The language that an event counts for."""
        named = {*self.campaign.languages, "mixed", "und"}
        return str(event["language"]) if event["language"] in named else "other"

    def day(self, moment: datetime) -> str:
        """The day of a moment in the campaign's time zone."""
        return moment.astimezone(ZoneInfo(self.campaign.timezone)).date().isoformat()

    def reaches(self, event: Event) -> bool:
        """Whether a decision's band is one that the campaign asks from."""
        bands = self.campaign.nudge.band_by_language
        return BANDS.index(event["band"]) >= BANDS.index(bands.get(event["language"], self.campaign.nudge.band))


def facts_of(campaign: Campaign, as_of: datetime, outcome_hours: int) -> Facts:
    """The facts of a campaign."""
    told = campaign.hashtags
    tags = {fold_hashtag(other): name for name, others in told.variants.items() for other in others}
    tags |= {fold_hashtag(name): name for name in (*told.current, *told.earlier)}
    return Facts(campaign=campaign, as_of=as_of, tags=tags, outcome_hours=outcome_hours)


def log_of(records: Iterable[Record], campaign: str) -> Log:
    """The records of a campaign, each decision once. Partition by partition in the order of the log."""
    decisions: dict[str, Event] = {}
    outcomes: list[Event] = []
    brakes: list[Event] = []
    latest: dict[int, datetime] = {}
    places: dict[str, int] = {}
    for record in sorted(records, key=lambda one: (one.topic, one.partition, one.offset)):
        event = orjson.loads(record.value) if record.value else None
        if event is None:
            continue
        if record.topic == DECIDED.name:
            at = moment_of(event)
            latest[record.partition] = max(at, latest.get(record.partition, at))
            if event["campaign"] == campaign:
                decisions.setdefault(event["decision_id"], event)
                places[event["author_key"]] = record.partition
        elif record.topic == OUTCOMES.name:
            outcomes.append(event)
        elif record.topic == BRAKES.name and event["campaign"] == campaign:
            brakes.append(event)
    return Log(
        decisions=tuple(decisions.values()),
        outcomes=tuple(outcome for outcome in outcomes if outcome["decision_id"] in decisions),
        brakes=tuple(brakes),
        latest={author: latest[number] for author, number in places.items()},
    )


def moment_of(event: Event) -> datetime:
    """When it happened, to the millisecond: that is how exactly times are kept."""
    moment = datetime.fromisoformat(event["occurred_at"]).astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def comments_of(decisions: Iterable[Event]) -> dict[str, list[Event]]:
    """The decisions of each comment, by its id, in the order of the log."""
    comments: dict[str, list[Event]] = {}
    for event in decisions:
        comments.setdefault(event["comment_id"], []).append(event)
    return comments
