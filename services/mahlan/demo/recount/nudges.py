"""Decisions and what became of the nudges among them, recounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mahlan.demo.recount.facts import BANDS, Event, Facts, Log, comments_of, moment_of

ENDINGS = ("revised", "cancelled", "sent_unchanged")
#: Scores of one model closer than this are the same.
SAME = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One nudge and what became of it. ``ending`` is ``open`` while there is none, ``unknown`` once nobody waits."""

    decision: Event
    shown_at: datetime | None
    disputed_at: datetime | None
    ending: str


def asked_of(log: Log, facts: Facts) -> list[Asked]:
    """Every nudge, with its outcomes in the order of the log."""
    told: dict[str, list[Event]] = {}
    for outcome in log.outcomes:
        told.setdefault(outcome["decision_id"], []).append(outcome)
    nudges = (event for event in log.decisions if event["kind"] == "nudge")
    return [_asked(event, told.get(event["decision_id"], []), log, facts) for event in nudges]


def _asked(decision: Event, told: list[Event], log: Log, facts: Facts) -> Asked:
    disputes = [outcome for outcome in told if outcome["outcome"] == "disputed"]
    endings = [outcome for outcome in told if outcome["outcome"] in ENDINGS]
    ending = "unknown" if facts.is_over(moment_of(decision), decision["author_key"], log) else "open"
    if endings:
        ending = max(endings, key=moment_of)["outcome"]  # of several at once the first that was told
    return Asked(
        decision=decision,
        shown_at=moment_of(told[0]) if told else None,
        disputed_at=moment_of(disputes[0]) if disputes else None,
        ending=ending,
    )


def nudges(log: Log, facts: Facts) -> dict[str, Any]:
    """The board's ``nudges``."""
    asked = asked_of(log, facts)
    comments = [revisions[0] for revisions in comments_of(log.decisions).values()]
    kinds = Counter(event["kind"] for event in log.decisions)
    asks = [event for event in log.decisions if event["kind"] == "nudge"]
    days = {name: Counter(facts.day(moment_of(event)) for event in events) for name, events in _daily(log, comments)}
    return {
        "comments": len(comments),
        "decisions": {kind: kinds[kind] for kind in ("none", "nudge", "holdout", "suppress")},
        "reasons": dict(Counter(event["reason"] for event in log.decisions)),
        "outcomes": _outcomes(asked),
        "revisions": _revisions(log),
        "by_language": _with_endings(asked, facts.language, comments),
        "by_label": {label: {"nudges": count} for label, count in _counted(asks, lambda one: one["label"] or "none")},
        "by_surface": _by_surface(comments, asks),
        "by_arm": _with_endings(asked, lambda one: one["wording"]["arm"]),
        "by_creator": _with_endings([one for one in asked if _creator(one.decision)], _creator),
        "by_day": {day: {name: days[name][day] for name in days} for day in set().union(*days.values())},
    }


def _daily(log: Log, comments: list[Event]) -> Iterable[tuple[str, list[Event]]]:
    yield "comments", comments
    for name, kind in (("nudges", "nudge"), ("holdouts", "holdout")):
        yield name, [event for event in log.decisions if event["kind"] == kind]


def _outcomes(asked: list[Asked]) -> dict[str, int]:
    endings = Counter(one.ending for one in asked)
    shown, disputed = sum(one.shown_at is not None for one in asked), sum(one.disputed_at is not None for one in asked)
    return {"shown": shown, "disputed": disputed, **{name: endings[name] for name in (*ENDINGS, "open", "unknown")}}


def _with_endings(
    asked: list[Asked], name: Callable[[Event], str], comments: Iterable[Event] = ()
) -> dict[str, dict[str, int]]:
    rows: dict[str, Counter[str]] = {}
    for event in comments:
        rows.setdefault(name(event), Counter())["comments"] += 1
    for one in asked:
        row = rows.setdefault(name(one.decision), Counter())
        row["nudges"] += 1
        row[one.ending] += 1
        row["disputed"] += one.disputed_at is not None
    columns = (*(["comments"] if comments else []), "nudges", *ENDINGS, "disputed")
    return {key: {column: row[column] for column in columns} for key, row in rows.items()}


def _by_surface(comments: Iterable[Event], asks: Iterable[Event]) -> dict[str, dict[str, int]]:
    written, asked = (dict(_counted(events, lambda one: one["surface"])) for events in (comments, asks))
    names = {*written, *asked}
    return {name: {"comments": written.get(name, 0), "nudges": asked.get(name, 0)} for name in names}


def _counted(events: Iterable[Event], name: Callable[[Event], str]) -> list[tuple[str, int]]:
    return list(Counter(map(name, events)).items())


def _creator(event: Event) -> str:
    creator = event["wording"].get("creator")
    return str(creator["id"]) if creator else ""


def _revisions(log: Log) -> dict[str, int]:
    """The revision that came next after the question, against the one that was asked about."""
    counts = Counter[str]()
    for revisions in comments_of(log.decisions).values():
        first = next((event for event in revisions if event["kind"] == "nudge"), None)
        later = [event for event in revisions if first is not None and event["revision"] > first["revision"]]
        if first is not None and later:
            counts[_compared(first, later[0])] += 1
    return {name: counts[name] for name in ("less", "same", "more", "trick")}


def _compared(before: Event, after: Event) -> str:
    if after.get("disguises", 0) > before.get("disguises", 0):
        return "trick"
    step = float(BANDS.index(after["band"]) - BANDS.index(before["band"]))
    apart = after["score"] - before["score"]
    if step == 0 and before["model"] == after["model"] and abs(apart) >= SAME:
        step = apart
    return "more" if step > 0 else "less" if step < 0 else "same"
