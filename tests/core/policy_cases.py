"""Invented comments, histories and a campaign for the tests of the policy and the dispatcher."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mahlan.core.campaign import Campaign
from mahlan.core.campaign_file import parse_campaign
from mahlan.events.comment import CommentScored, Context, Verdict
from mahlan.events.nudge import AuthorHistory, PastNudge

CAMPAIGN_FILE = Path(__file__).parents[2] / "campaigns" / "fakkar-eg.toml"
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # noon in Cairo
HURTFUL = Verdict(toxic=True, label="insult", band="high", score=0.95)
FRIENDLY = Verdict(toxic=False, score=0.05)


def campaign(**changes: Any) -> Campaign:
    """The campaign that ships, with nobody held out unless a test asks for it."""
    shipped = parse_campaign(CAMPAIGN_FILE.read_text(encoding="utf-8"), CAMPAIGN_FILE.name)
    return replace(shipped, **{"holdout": replace(shipped.holdout, share=0.0), **changes})


def scored(comment_id: str = "c-1", **changes: Any) -> CommentScored:
    """A hurtful Egyptian comment to a stranger, unless a test changes it."""
    if "reply_to" in changes:
        changes["context"] = Context(reply_to=changes.pop("reply_to"))
    fields: dict[str, Any] = {
        "comment_id": comment_id,
        "revision": 0,
        "state": "draft",
        "author_key": "a" * 32,
        "surface": "comment",
        "occurred_at": NOON,
        "language": "arz",
        "script": "Arab",
        "length": 40,
        "scores": {"insult": 0.95},
        "verdict": HURTFUL,
        "model": "fast@1",
        "spans": ([0, 4],),
    }
    return CommentScored(**{**fields, **changes})


def history(
    *minutes_ago: float, author_key: str = "a" * 32, now: datetime = NOON, kind: Any = "nudge"
) -> AuthorHistory:
    """An author who was nudged so many minutes before ``now``."""
    nudges = tuple(
        PastNudge(
            decision_id=f"{number:032x}",
            campaign="fakkar-eg",
            comment_id=f"past-{number}",
            kind=kind,
            decided_at=now - timedelta(minutes=minutes),
        )
        for number, minutes in enumerate(minutes_ago)
    )
    return AuthorHistory(author_key=author_key, updated_at=now, nudges=nudges)
