"""The experiment, recounted: which authors entered, and what each of them came to once their time was over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from mahlan.core.experiment.effects import Pace, effects
from mahlan.core.experiment.observation import Observation
from mahlan.core.experiment.plan import plan_of
from mahlan.core.experiment.ratio import sample_ratio
from mahlan.core.experiment.totals import Totals, add
from mahlan.demo.recount.facts import Event, Facts, Log, comments_of, moment_of
from mahlan.demo.recount.nudges import Asked, asked_of

#: Reasons after which nobody was hurt, whatever the score said.
HARMLESS = {"self_harm", "not_toxic", "campaign_tag", "too_short", "unknown_language", "victim_report"}
HARMLESS |= {"counter_speech", "quoting", "self_directed", "praise", "own_thread", "mutual"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An author in the experiment. ``place``: how many decisions of theirs came before, in the log."""

    decision: Event
    place: int
    until: datetime

    @property
    def arm(self) -> str:
        """What became of their first eligible comment: held out, or asked in which way."""
        return "holdout" if self.decision["kind"] == "holdout" else str(self.decision["wording"]["arm"])


def experiment(log: Log, facts: Facts) -> dict[str, Any]:
    """The board's ``effect`` and ``sample_ratio``."""
    written: dict[str, list[Event]] = {}
    for event in log.decisions:
        written.setdefault(event["author_key"], []).append(event)
    entries = {author: entry for author, events in written.items() if (entry := _entry(events, facts)) is not None}
    endings = {one.decision["comment_id"]: one for one in asked_of(log, facts)}
    over = {author: entry for author, entry in entries.items() if facts.is_over(entry.until, author, log)}
    observed = [_observed(entry, written[author], endings, facts) for author, entry in over.items()]
    groups: dict[tuple[str, str], Totals] = {}
    for one in observed:
        groups[one.language, one.arm] = add(groups.get((one.language, one.arm), Totals()), one)
    held_out = sum(entry.arm == "holdout" for entry in entries.values())
    pace = _pace(list(entries.values()), len(observed), facts)
    share = facts.campaign.holdout.share
    return {
        "effect": [asdict(effect) for effect in effects(groups, plan_of(facts.campaign), pace)],
        "sample_ratio": asdict(sample_ratio(len(entries) - held_out, held_out, share)),
    }


def _entry(events: list[Event], facts: Facts) -> Entry | None:
    """The first decision of kind nudge or holdout, in the order of the log."""
    days = timedelta(days=facts.campaign.experiment.follow_up_days)
    for place, event in enumerate(events):
        if event["kind"] in {"nudge", "holdout"}:
            return Entry(event, place, moment_of(event) + days)
    return None


def _observed(entry: Entry, events: list[Event], endings: Mapping[str, Asked], facts: Facts) -> Observation:
    own = entry.decision["comment_id"]
    before, after = events[: entry.place], events[entry.place :]
    known = {event["comment_id"] for event in before}
    followed = [revisions[0] for name, revisions in comments_of(after).items() if name not in {own, *known}]
    followed = [event for event in followed if moment_of(entry.decision) <= moment_of(event) <= entry.until]
    dropped = [event for event in followed if _ending(endings, event["comment_id"]) == "cancelled"]
    toxic, cancelled = _posted(entry, comments_of(events)[own], _ending(endings, own), facts)
    return Observation(
        campaign=facts.campaign.id,
        arm=entry.arm,
        language=facts.language(entry.decision),
        toxic_posted=int(toxic),
        cancelled=int(cancelled),
        later_offences=sum(_offends(event, facts) for event in followed),
        volume=len(followed) - len(dropped),
        before=float(len(known - {own})),
    )


def _posted(entry: Entry, revisions: list[Event], ending: str, facts: Facts) -> tuple[bool, bool]:
    """Whether what was posted in the end would hurt, and whether nothing was posted."""
    first = entry.decision["revision"]
    latest = max(revisions, key=lambda event: event["revision"])
    posted = [event for event in revisions if event["state"] == "posted" and event["revision"] >= first]
    if posted:
        return _offends(max(posted, key=lambda event: event["revision"]), facts), False
    if ending == "cancelled":
        return False, True
    if ending == "sent_unchanged" or latest["revision"] <= first:
        return True, False
    return _offends(latest, facts), False


def _offends(event: Event, facts: Facts) -> bool:
    return event["reason"] not in HARMLESS and facts.reaches(event)


def _ending(endings: Mapping[str, Asked], comment: str) -> str:
    return endings[comment].ending if comment in endings else ""


def _pace(entries: list[Entry], closed: int, facts: Facts) -> Pace:
    """Authors who entered a day, over the last seven whole days."""
    if not entries:
        return Pace()
    today = date.fromisoformat(facts.day(facts.as_of))
    days = Counter((today - date.fromisoformat(facts.day(moment_of(entry.decision)))).days for entry in entries)
    age = max(days)
    past = [count for ago, count in days.items() if 1 <= ago <= 7]
    rate = sum(past) / min(7, age) if past and age > 0 else float(len(entries))
    wait = 0.0 if closed else max(0.0, facts.campaign.experiment.follow_up_days + facts.outcome_hours / 24 - age)
    return Pace(authors_per_day=rate, days_until_first=wait)
