"""The hashtag challenge: posts with a hashtag of the campaign, and who joins with their first one.

A post is a comment with a hashtag of the challenge, and counts once, whatever its revisions; so does each hashtag in
it. Somebody joins once. By the time an event tells: a post that comes late counts on its own day, and where it turns
out to be its author's first one, the joining moves there.
"""

from __future__ import annotations

from mahlan.core.insights.author import Comment, Joined, Part
from mahlan.core.insights.tally import ALL, Tally, day_window, hour_window, milliseconds
from mahlan.core.insights.terms import Terms
from mahlan.events.nudge import NudgeDecided


def count_post(part: Part, comment: Comment, decision: NudgeDecided, terms: Terms, tally: Tally) -> None:
    """Count a decision's comment as a post, where it carries a hashtag that it was not counted for yet."""
    named = dict.fromkeys(terms.tags[tag] for tag in decision.hashtags if tag in terms.tags)
    fresh = [tag for tag in named if tag not in comment.tags]
    if not fresh:
        return
    at, language = milliseconds(decision.occurred_at), terms.language(decision.language)
    counters = [f"tag/{tag}/posts" for tag in fresh]
    if not comment.tags:
        counters += ["posts", f"language/{language}/posts"]
        tally.add(terms.id, day_window(at, terms.zone), "posts")
        tally.add(terms.id, hour_window(at), "posts")
    tally.add(terms.id, ALL, *(f"challenge/{counter}" for counter in counters))
    comment.tags.extend(fresh)
    _see(decision, terms, tally, fresh, at)
    _join(part, Joined(at=at, comment=comment.id, language=language, tags=tuple(comment.tags)), terms, tally)


def _see(decision: NudgeDecided, terms: Terms, tally: Tally, tags: list[str], at: int) -> None:
    """The author is among those who took part: at all, on that day, in that language, with these hashtags."""
    names = ["", f"language/{terms.language(decision.language)}", *(f"tag/{tag}" for tag in tags)]
    tally.seen.update((terms.id, ALL, name) for name in names)
    tally.seen.add((terms.id, day_window(at, terms.zone), ""))


def _join(part: Part, post: Joined, terms: Terms, tally: Tally) -> None:
    """Let the author join with this post, unless an earlier one is known. Of two at once, the lower hash is first."""
    before = part.joined
    if before is not None and before.comment != post.comment and (before.at, before.comment) <= (post.at, post.comment):
        return
    if before is None:
        tally.add(terms.id, ALL, "challenge/joiners")
    elif before.comment == post.comment:
        # Another revision of the joining post: only the hashtags it has gained are new.
        post = Joined(at=before.at, comment=before.comment, language=before.language, tags=post.tags)
    if before is not None:
        _count_joiner(before, terms, tally, -1)
    _count_joiner(post, terms, tally, 1)
    part.joined = post


def _count_joiner(joined: Joined, terms: Terms, tally: Tally, by: int) -> None:
    counters = [f"language/{joined.language}", *(f"tag/{tag}" for tag in joined.tags)]
    tally.add(terms.id, ALL, *(f"challenge/{counter}/joiners" for counter in counters), by=by)
    tally.add(terms.id, day_window(joined.at, terms.zone), "joiners", by=by)
    tally.add(terms.id, hour_window(joined.at), "joiners", by=by)
