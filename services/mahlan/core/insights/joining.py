"""The join: decisions with what their authors did then, and a comment's revisions with each other. Author by author.

The sums come out the same in whichever order decisions and outcomes are read: they lie in two topics, and a check's
outcome may be there before its decision. ``take_decision`` and ``take_outcome`` change the author in place and say
what adds up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from mahlan.core.insights.author import (
    BANDS,
    MOST_COMMENTS,
    MOST_EARLY,
    MOST_REVISIONS,
    Author,
    Comment,
    Early,
    Nudge,
    Part,
    Told,
    short,
)
from mahlan.core.insights.challenge import count_post
from mahlan.core.insights.endings import dimensions, tell, tell_unknown
from mahlan.core.insights.following import enter, follow
from mahlan.core.insights.tally import ALL, Tally, day_window, milliseconds
from mahlan.core.insights.terms import Terms
from mahlan.events.nudge import NudgeDecided, NudgeOutcome

#: Rules after which no person has hurt anybody, whatever the score: see ``core/policy.py``.
HARMLESS = frozenset(
    {
        *("self_harm", "not_toxic", "staff_or_bot", "campaign_tag", "too_short", "unknown_language", "victim_report"),
        *("counter_speech", "quoting", "self_directed", "praise", "own_thread", "mutual"),
    }
)
#: Scores of one model that differ by less than this are the same: they are not that exact.
SAME_SCORE = 0.05


def offends(decision: NudgeDecided, terms: Terms) -> bool:
    """Whether the comment is one the campaign would have somebody think about again, by its verdict and the rules.

    A cap, a cooldown, quiet hours or a brake only hold the question back. Signs of self-harm never offend.
    """
    return decision.reason not in HARMLESS and terms.reaches(decision.band, decision.language)


def take_decision(author: Author, decision: NudgeDecided, terms: Terms, tally: Tally) -> bool:
    """Take in one decision. False where it was taken in before, and nothing changed."""
    part = author.parts.setdefault(decision.campaign, Part())
    comment, is_new = _comment(part, decision.comment_id, terms, tally)
    if decision.revision in comment.revisions:
        return False
    comment.revisions = [*comment.revisions, decision.revision][-MOST_REVISIONS:]
    author.last = max(author.last, milliseconds(decision.occurred_at))
    _count(decision, terms, tally, is_new=is_new)
    count_post(part, comment, decision, terms, tally)
    told = Told(decision.revision, offends(decision, terms))
    if decision.kind in {"nudge", "holdout"}:
        enter(part, comment, decision, terms, tally)
    if is_new:
        follow(part, comment, told, milliseconds(decision.occurred_at))
        part.seen += 1
    _latest(comment, told, posted=decision.state == "posted")
    _compare(comment, decision, terms, tally)
    if decision.kind == "nudge" and comment.nudge is None:
        comment.nudge = _nudge(decision, terms)
        tally.add(terms.id, ALL, "asked")
        for early in _taken_early(author, comment.nudge.id):
            tell(part, comment, early.outcome, early.at, terms, tally)
    return True


def take_outcome(author: Author, outcome: NudgeOutcome, arrived: int, terms: Mapping[str, Terms], tally: Tally) -> None:
    """Take in what the author did with a nudge; told twice, it counts once. Kept for later where no nudge is known.

    ``arrived``: when the record was written, in milliseconds.
    """
    name, at = outcome.decision_id[:16], milliseconds(outcome.occurred_at)
    author.last = max(author.last, at)
    for campaign, part in author.parts.items():
        for comment in part.comments:
            if comment.nudge is not None and comment.nudge.id == name:
                known = terms.get(campaign) or Terms(id=campaign)
                tell(part, comment, outcome.outcome, at, known, tally)
                return
    early = Early(name, outcome.outcome, at, arrived)
    if not any((one.nudge, one.outcome) == (name, outcome.outcome) for one in author.early):
        tally.unmatched += len(author.early) == MOST_EARLY
        author.early = [*author.early, early][-MOST_EARLY:]


def count_only(decision: NudgeDecided, terms: Terms, tally: Tally) -> None:
    """Count a decision of which nothing may be remembered: its author was erased since."""
    _count(decision, terms, tally, is_new=True)


def _comment(part: Part, comment_id: str, terms: Terms, tally: Tally) -> tuple[Comment, bool]:
    """The comment as it is remembered, or a new one; then the oldest that nothing waits for is forgotten."""
    name = short(comment_id)
    known = part.comment(name)
    if known is not None:
        return known, False
    comment = Comment(id=name)
    part.comments.append(comment)
    if len(part.comments) > MOST_COMMENTS:
        entered = part.entry.comment if part.entry and not part.entry.closed else None
        oldest = next(one for one in part.comments if one.id != entered)
        tell_unknown(part, oldest, terms, tally)
        part.comments.remove(oldest)
    return comment, True


def _count(decision: NudgeDecided, terms: Terms, tally: Tally, *, is_new: bool) -> None:
    campaign, day = terms.id, day_window(milliseconds(decision.occurred_at), terms.zone)
    tally.add(campaign, ALL, f"decision/{decision.kind}", f"reason/{decision.reason}")
    if is_new:
        language = terms.language(decision.language)
        tally.add(campaign, ALL, "comments", f"language/{language}/comments", f"surface/{decision.surface}/comments")
        tally.add(campaign, day, "comments")
    if decision.kind == "nudge":
        tally.add(campaign, day, "nudges")
        tally.add(campaign, ALL, *(f"{name}/nudges" for name in dimensions(_nudge(decision, terms))))
        tally.add(campaign, ALL, f"label/{decision.label or 'none'}/nudges", f"surface/{decision.surface}/nudges")
    elif decision.kind == "holdout":
        tally.add(campaign, day, "holdouts")


def _latest(comment: Comment, told: Told, *, posted: bool) -> None:
    if comment.latest is None or told.revision > comment.latest.revision:
        comment.latest = told
    if posted and (comment.posted is None or told.revision > comment.posted.revision):
        comment.posted = told


def _compare(comment: Comment, decision: NudgeDecided, terms: Terms, tally: Tally) -> None:
    """The next revision after a nudge, against the one that was asked about."""
    nudge = comment.nudge
    if nudge is None or nudge.compared or decision.revision <= nudge.revision:
        return
    nudge.compared = True
    tally.add(terms.id, ALL, f"revision/{_change(nudge, decision)}")


def _change(nudge: Nudge, decision: NudgeDecided) -> Literal["less", "same", "more", "trick"]:
    """How a revision differs: less, same or more toxic, or a trick.

    A trick hides words instead of changing them: more of them are disguised than were before. The text is not known
    here; the normaliser counts what it undoes.
    """
    if decision.disguises > nudge.disguises:
        return "trick"
    step = BANDS.index(decision.band) - nudge.band
    if step == 0 and decision.model == nudge.model and abs(decision.score - nudge.score) >= SAME_SCORE:
        step = 1 if decision.score > nudge.score else -1
    return "more" if step > 0 else "less" if step < 0 else "same"


def _nudge(decision: NudgeDecided, terms: Terms) -> Nudge:
    wording = decision.wording
    return Nudge(
        id=decision.decision_id[:16],
        revision=decision.revision,
        at=milliseconds(decision.occurred_at),
        language=terms.language(decision.language),
        surface=decision.surface,
        label=decision.label or "",
        arm=wording.arm if wording else "plain",
        creator=wording.creator.id if wording and wording.creator else "",
        band=BANDS.index(decision.band),
        score=decision.score,
        disguises=decision.disguises,
        model=decision.model,
    )


def _taken_early(author: Author, name: str) -> list[Early]:
    """The outcomes that came before this nudge; they are not kept any longer."""
    found = [early for early in author.early if early.nudge == name]
    if found:
        author.early = [early for early in author.early if early.nudge != name]
    return found
