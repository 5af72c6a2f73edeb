"""Decisions and outcomes of invented authors, for the tests of what insights counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from mahlan.core.assignment import decision_id
from mahlan.core.insights.author import Author
from mahlan.core.insights.joining import take_decision, take_outcome
from mahlan.core.insights.tally import Tally, milliseconds
from mahlan.core.insights.terms import EVERYWHERE, Terms
from mahlan.events.nudge import NudgeDecided, NudgeOutcome
from mahlan.events.ruling import Wording

#: 14:00 in Cairo.
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CAMPAIGN = "fakkar-eg"
TAGS = {"فكرقبلماتنشر": "#فكر_قبل_ما_تنشر", "practicethepause": "#Practicethepause"}
TERMS = Terms(
    id=CAMPAIGN,
    zone="Africa/Cairo",
    languages=EVERYWHERE | {"arz", "en"},
    tags={**{name: name for name in TAGS}, "pausepractice": "practicethepause"},
    spelled=TAGS,
)
ALL_TERMS = {CAMPAIGN: TERMS}

#: What a decision of each kind usually says.
KINDS: dict[str, dict[str, Any]] = {
    "none": {"reason": "not_toxic", "band": "none", "score": 0.1},
    "nudge": {"reason": "over_band", "band": "high", "score": 0.95, "label": "insult"},
    "holdout": {"reason": "holdout", "band": "high", "score": 0.95, "label": "insult"},
    "suppress": {"reason": "already_nudged", "band": "high", "score": 0.95, "label": "insult"},
}


def wording(**changes: Any) -> Wording:
    given: dict[str, Any] = {
        "id": "en-1",
        "language": "en",
        "direction": "ltr",
        "text": "Take another look?",
        "edit": "Edit",
        "send": "Post",
        "dispute": "A mistake",
    }
    return Wording(**given | changes)


def decision(comment: str = "c-1", kind: str = "none", *, hours: float = 0.0, **changes: Any) -> NudgeDecided:
    """A decision on a comment of ``hours`` after noon."""
    at = NOON + timedelta(hours=hours)
    revision = changes.get("revision", 0)
    given: dict[str, Any] = {
        "decision_id": decision_id(changes.get("campaign", CAMPAIGN), comment, revision),
        "campaign": CAMPAIGN,
        "campaign_version": "0" * 12,
        "comment_id": comment,
        "revision": revision,
        "state": "draft",
        "author_key": "author-1",
        "surface": "comment",
        "language": "arz",
        "kind": kind,
        "model": "fast@1",
        "occurred_at": at,
        "decided_at": at,
        **({"wording": wording()} if kind == "nudge" else {}),
    }
    return NudgeDecided(**given | KINDS[kind] | changes)


def outcome(comment: str, told: str, *, hours: float = 0.0, revision: int = 0, **changes: Any) -> NudgeOutcome:
    """An outcome of a nudge on a comment."""
    given: dict[str, Any] = {
        "decision_id": decision_id(CAMPAIGN, comment, revision),
        "comment_id": comment,
        "revision": revision,
        "author_key": "author-1",
        "outcome": told,
        "occurred_at": NOON + timedelta(hours=hours),
    }
    return NudgeOutcome(**given | changes)


def told(*events: NudgeDecided | NudgeOutcome, author: Author | None = None) -> tuple[Author, Tally]:
    """An author after these events, and what they added up to."""
    author, tally = author or Author(), Tally()
    take(author, tally, events)
    return author, tally


def take(author: Author, tally: Tally, events: Iterable[NudgeDecided | NudgeOutcome]) -> None:
    for event in events:
        if isinstance(event, NudgeDecided):
            take_decision(author, event, ALL_TERMS.get(event.campaign) or Terms(id=event.campaign), tally)
        else:
            take_outcome(author, event, milliseconds(event.occurred_at), ALL_TERMS, tally)


def counted(tally: Tally, window: str = "all", prefix: str = "") -> dict[str, int]:
    """The counters of a window that are not 0 and begin so, without the prefix."""
    return {
        name.removeprefix(prefix): count
        for (_, where), counts in tally.counts.items()
        for name, count in counts.items()
        if where == window and count and name.startswith(prefix)
    }


def totalled(tally: Tally) -> dict[tuple[str, str], int]:
    """Every counter that is not 0, by window and name."""
    return {(where, name): n for (_, where), counts in tally.counts.items() for name, n in counts.items() if n}


def millis(hours: float) -> int:
    return int((NOON + timedelta(hours=hours)).timestamp() * 1000)
