"""What ends by itself: outcomes nobody waits for any longer, follow-ups that are over, authors to be forgotten.

Called again and again for every author, while everything of their partition has been read: what waits to be read must
not be missing from what is closed. Follow-ups and endings go by the time that events tell, so that a week which is
replayed in a minute closes as it would have; only an outcome without a decision waits by the clock of the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from mahlan.core.insights.author import Author, Part
from mahlan.core.insights.endings import tell_unknown
from mahlan.core.insights.following import observe
from mahlan.core.insights.tally import Tally
from mahlan.core.insights.terms import Patience, Terms


def close(author: Author, until: int, now: int, terms: Mapping[str, Terms], patience: Patience, tally: Tally) -> bool:
    """End what is over, in place. Whether anything was.

    ``until``: the time that events have told so far; ``now``: the clock's. Both in milliseconds.
    """
    closed = False
    for campaign, part in author.parts.items():
        known = terms.get(campaign) or Terms(id=campaign)
        over = until - patience.outcome_ms
        closed = _close_nudges(part, over, known, tally) or closed
        closed = _close_entry(part, over, campaign, tally) or closed
    waiting = [early for early in author.early if early.arrived > now - patience.outcome_ms]
    tally.unmatched += len(author.early) - len(waiting)
    closed = closed or len(waiting) < len(author.early)
    author.early = waiting
    return closed


def is_forgotten(author: Author, now: int, patience: Patience) -> bool:
    """Whether the author was not heard of for so long that nothing is kept of them any more."""
    return author.last <= now - patience.forget_ms


def erase(author: Author, at: int, terms: Mapping[str, Terms], tally: Tally) -> Author:
    """What is left of an author who was erased at ``at``: that they were, so that nothing older brings them back.

    Sums stay, since nobody can be found in them. Nudges that wait for an ending end as unknown. An author who is still
    being followed becomes no observation.
    """
    for campaign, part in author.parts.items():
        _close_nudges(part, None, terms.get(campaign) or Terms(id=campaign), tally)
    return Author(last=at, erased=at)


def _close_nudges(part: Part, until: int | None, terms: Terms, tally: Tally) -> bool:
    """End the nudges that were made until then (None: all) and have no ending."""
    over = [comment for comment in part.comments if comment.nudge and (until is None or comment.nudge.at <= until)]
    return sum(tell_unknown(part, comment, terms, tally) for comment in over) > 0


def _close_entry(part: Part, until: int, campaign: str, tally: Tally) -> bool:
    """Count the author, if their follow-up ended by then: as long after it as an outcome of its last day may take.

    What was written on that last day may still be cancelled, and what comes late still belongs to it.
    """
    entry = part.entry
    if entry is None or entry.closed or entry.until > until:
        return False
    entry.closed = True
    tally.observations.append(observe(campaign, entry, part.comment(entry.comment)))
    return True
