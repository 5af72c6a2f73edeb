"""What became of a nudge: shown, disputed, and how it ended. Called by the join and when waiting is over.

A nudge of which anything is told was shown; it is disputed once; it ends once, and of several endings the one that
happened last counts (a page that comes back after a closed tab reports its real ending later).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mahlan.core.budget import is_evidence
from mahlan.core.insights.author import Comment, Ending, Nudge, Part
from mahlan.core.insights.tally import ALL, Tally, five_window
from mahlan.core.insights.terms import Terms
from mahlan.events.nudge import OutcomeKind


def tell(part: Part, comment: Comment, outcome: OutcomeKind | str, at: int, terms: Terms, tally: Tally) -> None:
    """Take in one outcome of the comment's nudge, told for the moment ``at`` (milliseconds)."""
    nudge = comment.nudge
    if nudge is None:
        return
    if not nudge.shown_at:
        nudge.shown_at = at
        tally.add(terms.id, ALL, "outcome/shown")
        tally.add(terms.id, five_window(at), f"{nudge.language}/shown")
    if outcome == "disputed":
        _dispute(part, nudge, at, terms, tally)
    elif outcome != "shown" and (nudge.ending in {"", "unknown"} or at > nudge.ended_at):
        _end(part, comment, nudge, outcome, terms, tally)  # type: ignore[arg-type]  # the three that are left
        nudge.ended_at = at


def tell_unknown(part: Part, comment: Comment, terms: Terms, tally: Tally) -> bool:
    """Nobody waits for the nudge's ending any longer. Whether it had none."""
    if comment.nudge is None or comment.nudge.ending:
        return False
    _end(part, comment, comment.nudge, "unknown", terms, tally)
    return True


def dimensions(nudge: Nudge) -> list[str]:
    """What a nudge is counted by, beside the campaign as a whole."""
    names = [f"language/{nudge.language}", f"arm/{nudge.arm}"]
    return [*names, f"creator/{nudge.creator}"] if nudge.creator else names


def _dispute(part: Part, nudge: Nudge, at: int, terms: Terms, tally: Tally) -> None:
    if nudge.disputed:
        return
    nudge.disputed = True
    _count(nudge, "disputed", 1, terms, tally)
    window = five_window(nudge.shown_at)
    tally.add(terms.id, window, f"{nudge.language}/disputed")
    if is_evidence(None if part.evidence_at is None else _moment(part.evidence_at), _moment(at)):
        part.evidence_at = at
        tally.add(terms.id, window, f"{nudge.language}/disputers")


def _end(part: Part, comment: Comment, nudge: Nudge, ending: Ending, terms: Terms, tally: Tally) -> None:
    if nudge.ending:
        _count(nudge, nudge.ending, -1, terms, tally)
    _count(nudge, ending, 1, terms, tally)
    if comment.followed and part.entry is not None and not part.entry.closed:
        part.entry.volume += (nudge.ending == "cancelled") - (ending == "cancelled")
    nudge.ending = ending


def _count(nudge: Nudge, name: str, by: int, terms: Terms, tally: Tally) -> None:
    tally.add(terms.id, ALL, f"outcome/{name}", *(f"{dimension}/{name}" for dimension in dimensions(nudge)), by=by)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
