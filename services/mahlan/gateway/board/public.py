"""A campaign's numbers for everybody: counts alone, and no small one. ``core/suppression.py`` says what is hidden.

Left out are comparisons with the holdout, budgets, labels, surfaces, arms, hours and creators: they are the team's.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mahlan.core.suppression import show, show_table
from mahlan.events.fields import Language, Moment
from mahlan.gateway.board.evidence import Count, Name
from mahlan.gateway.board.numbers import Day, Nudges, Numbers

ENDS = ("revised", "cancelled", "sent_unchanged", "other")


class PublicDay(Struct, frozen=True, kw_only=True):
    """The challenge on one day."""

    day: Day
    posts: Count | None
    joiners: Count | None


class PublicLanguage(Struct, frozen=True, kw_only=True):
    """The challenge in one language."""

    language: Language
    posts: Count | None
    joiners: Count | None


class PublicHashtag(Struct, frozen=True, kw_only=True):
    """The challenge under one hashtag."""

    hashtag: Name
    posts: Count | None
    joiners: Count | None


class PublicOutcomes(Struct, frozen=True, kw_only=True):
    """What became of nudges; ``other``: nobody knows, or not yet."""

    revised: Count | None
    cancelled: Count | None
    sent_unchanged: Count | None
    other: Count | None


class PublicNumbers(Struct, frozen=True, kw_only=True):
    """The counts. Null: small, or hidden since it would tell a small one, or not known."""

    as_of: Moment
    first_day: Day | None
    last_day: Day | None
    posts: Count | None
    joiners: Count | None
    authors: Count | None
    comments: Count | None
    nudges: Count | None
    outcomes: PublicOutcomes
    by_day: list[PublicDay]
    by_language: list[PublicLanguage]
    by_hashtag: list[PublicHashtag]


def publish(numbers: Numbers) -> PublicNumbers:
    """What everybody may see of them."""
    challenge, nudges = numbers.challenge, numbers.nudges
    days, tongues, tags = challenge.by_day, challenge.by_language, challenge.by_hashtag
    posts, all_posts = _show(challenge.posts, *([row.posts for row in rows] for rows in (days, tongues, tags)))
    joiners, all_joiners = _show(challenge.joiners, *([row.joiners for row in rows] for rows in (days, tongues, tags)))
    outcomes, asked = _show(nudges.decisions.nudge, _ends(nudges))
    counts = [
        [{"posts": p, "joiners": j} for p, j in zip(*both, strict=True)] for both in zip(posts, joiners, strict=True)
    ]
    return PublicNumbers(
        as_of=numbers.as_of,
        first_day=numbers.first_day,
        last_day=numbers.last_day,
        posts=all_posts,
        joiners=all_joiners,
        authors=show(challenge.authors.estimate),
        comments=show(nudges.comments),
        nudges=asked,
        outcomes=PublicOutcomes(**dict(zip(ENDS, outcomes[0], strict=True))),
        by_day=[PublicDay(day=row.day, **both) for row, both in zip(days, counts[0], strict=True)],
        by_language=[
            PublicLanguage(language=row.language, **both) for row, both in zip(tongues, counts[1], strict=True)
        ],
        by_hashtag=[PublicHashtag(hashtag=row.hashtag, **both) for row, both in zip(tags, counts[2], strict=True)],
    )


def _show(total: int | None, *tables: Sequence[int | None]) -> tuple[list[tuple[int | None, ...]], int | None]:
    """Tables of one total, which is shown where none of them hides it."""
    shown = [show_table([count or 0 for count in table], total) for table in tables]
    is_hidden = any(table.total is None for table in shown)
    return [table.cells for table in shown], None if is_hidden else show(total)


def _ends(nudges: Nudges) -> list[int | None]:
    """The ways a nudge can end, which make up all of them. In the order of ``ENDS``."""
    told = nudges.outcomes
    known = [told.revised, told.cancelled, told.sent_unchanged]
    return [*known, max(0, (nudges.decisions.nudge or 0) - sum(count or 0 for count in known))]
