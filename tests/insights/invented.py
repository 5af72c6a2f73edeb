"""Invented decisions and outcomes by the thousand, as a platform and a dispatcher would write them, repeats and all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from mahlan.core.assignment import decision_id
from mahlan.core.insights.author import MOST_COMMENTS
from mahlan.events.nudge import NudgeDecided, NudgeOutcome
from tests.core.insights.stories import decision, wording

ARMS = ("plain", "highlight", "norm")
HASHTAGS = ("فكرقبلماتنشر", "practicethepause", "imagainstbullying")
LANGUAGES = ("arz", "en", "xx")

Event = NudgeDecided | NudgeOutcome


def invent(campaign: str, run: str, comments: int, authors: int, *, seed: int = 1) -> Iterator[Event]:
    """Some ``comments`` of some ``authors`` over the last two days, in the order of no clock."""
    assert comments < authors * MOST_COMMENTS / 2
    chance = random.Random(seed)
    base = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=40)
    for number in range(comments):
        author = f"{run}-{chance.randrange(authors):08d}"
        at = base + timedelta(seconds=chance.randrange(38 * 3600))
        yield from _comment(chance, campaign, f"{run}-{number}", author, at)


def _comment(chance: random.Random, campaign: str, comment: str, author: str, at: datetime) -> Iterator[Event]:
    kind = chance.choices(("none", "nudge", "holdout", "suppress"), (70, 15, 5, 10))[0]
    arm = ARMS[int(author[-3:]) % len(ARMS)]
    common = {"campaign": campaign, "author_key": author, "language": chance.choice(LANGUAGES)}
    tags = tuple(chance.sample(HASHTAGS, chance.choice((0, 0, 1, 1, 2)))) if kind == "none" else ()
    more = {"wording": wording(arm=arm)} if kind == "nudge" else {}
    made = decision(comment, kind, **common, **more, hashtags=tags, occurred_at=at, decided_at=at)
    outcomes = list(_outcomes(chance, campaign, comment, author, at)) if kind == "nudge" else []
    if chance.random() < 0.1:
        outcomes, early = outcomes[1:], outcomes[:1]
        yield from early  # a check's outcome may be quicker than its decision
    yield made
    if chance.random() < 0.05:
        yield made
    yield from outcomes
    if (kind == "nudge" and any(told.outcome == "revised" for told in outcomes)) or chance.random() < 0.03:
        later = at + timedelta(seconds=30)
        better = chance.choice(("none", "suppress"))
        yield decision(comment, better, **common, revision=1, occurred_at=later, decided_at=later)


def _outcomes(chance: random.Random, campaign: str, comment: str, author: str, at: datetime) -> Iterator[NudgeOutcome]:
    told = ["shown", *chance.choice([["revised"], ["cancelled"], ["sent_unchanged"], [], ["cancelled", "revised"]])]
    if chance.random() < 0.1:
        told.insert(1, "disputed")
    for number, name in enumerate(told):
        outcome = NudgeOutcome(
            decision_id=decision_id(campaign, comment, 0),
            comment_id=comment,
            author_key=author,
            outcome=name,
            occurred_at=at + timedelta(seconds=number + 1),
        )
        yield outcome
        if chance.random() < 0.05:
            yield outcome
