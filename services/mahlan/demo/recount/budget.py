"""The false-nudge budget, recounted: what was shown and disputed of late, by language, and the brakes set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mahlan.demo.recount.facts import Event, Facts, Log
from mahlan.demo.recount.nudges import Asked, asked_of

#: Nudges are counted by the five minutes in which they were shown. Windows are in five minutes, too.
FIVE_MINUTES = 300
HOUR, DAY, LONGEST = 12, 288, 864


def budget(log: Log, facts: Facts) -> dict[str, dict[str, Any]]:
    """The board's ``budget``, by language."""
    asked = [one for one in asked_of(log, facts) if one.shown_at is not None]
    rows: dict[str, list[Asked]] = {name: [] for name in facts.campaign.languages}
    for one in asked:
        rows.setdefault(facts.language(one.decision), []).append(one)
    for brake in log.brakes:
        rows.setdefault(brake["language"], [])
    told = {name: _row(name, shown, log, facts) for name, shown in rows.items()}
    return {name: row for name, row in told.items() if name in facts.campaign.languages or _matters(row)}


def _matters(row: dict[str, Any]) -> bool:
    """Whether a language that the campaign does not speak has a row: shown in of late, or braked."""
    return bool(row["shown"]) or row["brake"] != "released"


def _row(language: str, asked: list[Asked], log: Log, facts: Facts) -> dict[str, Any]:
    allowed, brake = facts.campaign.budget.disputes, _brake(log, language, facts.as_of)
    shown, disputed = _within(asked, LONGEST, facts.as_of)
    return {
        "shown": shown,
        "disputed": disputed,
        "rate": disputed / shown if shown else None,
        "allowed": allowed,
        "burn_hour": _burn(asked, HOUR, facts),
        "burn_day": _burn(asked, DAY, facts),
        "brake": brake["level"] if brake else "released",
        "since": brake["set_at"] if brake else None,
        "code": brake["code"] if brake else None,
    }


def _brake(log: Log, language: str, as_of: datetime) -> Event | None:
    """The brake of that moment, the last one that was set until then."""
    known = [brake for brake in log.brakes if datetime.fromisoformat(brake["set_at"]) <= as_of]
    return next((brake for brake in reversed(known) if brake["language"] == language), None)


def _within(asked: list[Asked], window: int, as_of: datetime) -> tuple[int, int]:
    """How many were shown in the last so many five minutes, and how many of those were disputed."""
    now = as_of.timestamp() // FIVE_MINUTES
    late = [one for one in asked if one.shown_at and 0 <= now - one.shown_at.timestamp() // FIVE_MINUTES <= window]
    return len(late), sum(one.disputed_at is not None for one in late)


def _burn(asked: list[Asked], window: int, facts: Facts) -> float | None:
    shown, disputed = _within(asked, window, facts.as_of)
    return disputed / shown / facts.campaign.budget.disputes if shown else None
