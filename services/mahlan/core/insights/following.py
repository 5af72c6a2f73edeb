"""The experiment's part of an author: entering it, being followed, and what is known in the end.

An author enters with the first decision of kind ``nudge`` or ``holdout`` and is followed for a fixed time. Nothing
that happens then decides who is followed or for how long, so the arms compare.
"""

from __future__ import annotations

from mahlan.core.experiment.observation import HOLDOUT, Observation
from mahlan.core.insights.author import Comment, Entry, Part, Told
from mahlan.core.insights.tally import ALL, Tally, day_window, milliseconds
from mahlan.core.insights.terms import Terms
from mahlan.events.nudge import NudgeDecided


def enter(part: Part, comment: Comment, decision: NudgeDecided, terms: Terms, tally: Tally) -> None:
    """Let the author enter with this decision, unless they have before. ``comment`` is the decision's."""
    if part.entry is not None:
        return
    at = milliseconds(decision.occurred_at)
    tally.add(terms.id, ALL, "entered/holdout" if decision.kind == "holdout" else "entered/treated")
    tally.add(terms.id, day_window(at, terms.zone), "entered")
    known = comment.latest is not None  # an earlier revision of it was counted already
    part.entry = Entry(
        at=at,
        until=at + terms.follow_up_ms,
        comment=comment.id,
        revision=decision.revision,
        arm=HOLDOUT if decision.kind == "holdout" else decision.wording.arm if decision.wording else "plain",
        language=terms.language(decision.language),
        before=part.seen - known,
    )


def follow(part: Part, comment: Comment, told: Told, at: int) -> None:
    """Count a comment that was not known before, where its author is being followed. As it was written first."""
    entry = part.entry
    if entry is None or entry.closed or comment.id == entry.comment or not entry.at <= at <= entry.until:
        return
    comment.followed = True
    entry.volume += 1
    entry.offences += told.offends


def observe(campaign: str, entry: Entry, comment: Comment | None) -> Observation:
    """The author as an observation. ``comment`` is the entering one, with all that is known of it now."""
    toxic, cancelled = _posted(entry, comment) if comment else (True, False)
    return Observation(
        campaign=campaign,
        arm=entry.arm,
        language=entry.language,
        toxic_posted=int(toxic),
        cancelled=int(cancelled),
        later_offences=entry.offences,
        volume=max(0, entry.volume),
        before=float(entry.before),
    )


def _posted(entry: Entry, comment: Comment) -> tuple[bool, bool]:
    """Whether what was posted in the end would hurt, and whether nothing was posted.

    The last revision that is known to be posted tells; else a cancelled one was not posted; else what was sent
    unchanged hurts as it did; else the last revision that was checked tells, and where there is none, the first stands.
    """
    ending = comment.nudge.ending if comment.nudge else ""
    if comment.posted is not None and comment.posted.revision >= entry.revision:
        return comment.posted.offends, False
    if ending == "cancelled":
        return False, True
    if ending == "sent_unchanged" or comment.latest is None or comment.latest.revision <= entry.revision:
        return True, False
    return comment.latest.offends, False
