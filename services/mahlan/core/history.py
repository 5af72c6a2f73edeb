"""What is remembered of an author, and for how long: enough for caps and cooldown, no more.

A pure fold: the dispatcher calls ``remember`` with each decision and rebuilds the same histories from the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from mahlan.events.comment import Surface
from mahlan.events.nudge import AuthorHistory, NudgeDecided, PastNudge

#: A cap counts nudges of the last 24 hours, rolling: no midnight at which a burst is allowed.
CAP_WINDOW = timedelta(hours=24)
#: Longer than the longest cap or cooldown by a day, for clocks that differ and records that come late.
KEPT_FOR = CAP_WINDOW + timedelta(days=1)
#: Far above any cap a campaign may set; bounds a history whatever was written to the topic.
MOST_KEPT = 100

#: Holdout authors are held back by the same caps as those who see nudges, or the two groups would not compare.
COUNTED = ("nudge", "holdout")


def no_history(author_key: str, now: datetime) -> AuthorHistory:
    """The history of an author of whom nothing is remembered."""
    return AuthorHistory(author_key=author_key, updated_at=now)


def remember(history: AuthorHistory, decision: NudgeDecided) -> AuthorHistory:
    """The history after ``decision``; the same object where nothing changed.

    Only nudges and holdouts are remembered, each once by its decision id, however often it is told.
    """
    if decision.kind not in COUNTED or has_decision(history, decision.decision_id):
        return history
    past = PastNudge(
        decision_id=decision.decision_id,
        campaign=decision.campaign,
        comment_id=decision.comment_id,
        kind=decision.kind,
        decided_at=decision.decided_at,
        surface=decision.surface,
        lesson=decision.wording is not None and decision.wording.lesson is not None,
    )
    return _rebuilt(history.author_key, (*history.nudges, past), max(history.updated_at, decision.decided_at))


def merge(one: AuthorHistory, other: AuthorHistory) -> AuthorHistory:
    """Everything that either remembers: two doors may have written the same author's history."""
    nudges = {past.decision_id: past for past in (*one.nudges, *other.nudges)}
    return _rebuilt(one.author_key, nudges.values(), max(one.updated_at, other.updated_at))


def since_erasure(history: AuthorHistory, erased_at: datetime) -> AuthorHistory:
    """What was decided after the author was erased; the same object where that is all of it."""
    kept = tuple(past for past in history.nudges if past.decided_at > erased_at)
    return history if len(kept) == len(history.nudges) else replace(history, nudges=kept)


def has_decision(history: AuthorHistory, decision_id: str) -> bool:
    """Whether this very decision is remembered."""
    return any(past.decision_id == decision_id for past in history.nudges)


def has_comment(history: AuthorHistory, comment_id: str) -> bool:
    """Whether any revision of this comment was nudged, or held out."""
    return any(past.comment_id == comment_id for past in history.nudges)


def count_since(history: AuthorHistory, since: datetime, surface: Surface | None = None) -> int:
    """Nudges and holdouts decided after ``since``, on any surface or on one. Those of a clock that runs ahead count."""
    return sum(past.decided_at > since and surface in {None, past.surface} for past in history.nudges)


def is_expired(history: AuthorHistory, now: datetime) -> bool:
    """Whether nothing in it can matter any more."""
    return all(past.decided_at <= now - KEPT_FOR for past in history.nudges)


def _rebuilt(author_key: str, nudges: Iterable[PastNudge], updated_at: datetime) -> AuthorHistory:
    oldest = updated_at - KEPT_FOR
    kept = sorted(
        (past for past in nudges if past.decided_at > oldest), key=lambda past: (past.decided_at, past.decision_id)
    )
    return AuthorHistory(author_key=author_key, updated_at=updated_at, nudges=tuple(kept[-MOST_KEPT:]))
