"""What the authors of the simulated week do once their comment is decided: they post it, change it, drop it, object.

Called by the scenario for every decision of the run. All chances are drawn by comment, so that a run does the same
whatever order the decisions come in; ``week.toml`` holds them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mahlan.demo.generator import Invented, choose, text_of
from mahlan.demo.publisher import encoded, record_of
from mahlan.demo.week import HOUR, Act, habits, said_again
from mahlan.events.nudge import NudgeOutcome, OutcomeKind
from mahlan.events.topics import OUTCOMES
from mahlan.runtime.broker import Outgoing

#: Seconds of the week from writing to seeing the question, and from there to having made up one's mind.
SEEN_AFTER, DECIDED_AFTER = 2.0, (5.0, 90.0)
#: Put between the letters of a word in disguise: Arabic and Latin letters are read through it all the same.
DISGUISE = "."


class Telling(NamedTuple):
    """An outcome that its platform tells when the week is ``sent`` seconds old."""

    sent: float
    record: Outgoing


@dataclass(slots=True)
class Cast:
    """The authors of one run. ``begins`` is the week's first moment.

    ``undecided`` are the comments written, by the name that the ledger has for them, until their decision is read.
    """

    run: str
    salt: str
    seed: int
    begins: datetime
    undecided: dict[str, Act] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    def write(self, act: Act) -> tuple[str, Outgoing]:
        """A comment's name and record. Somebody who has been asked before may have learned."""
        chance, comment = self._chance("learned", act.comment), act.comment
        repeats = comment.kind == "insult" and not comment.revision and comment.author in self._asked
        if repeats and chance.random() < habits()["habits"]["learned"]:
            text = text_of(chance, comment.language, "criticism")
            act = act._replace(comment=replace(comment, kind="criticism", text=text))
        name = f"{self.run}-{comment.number}.{comment.revision}"
        self.undecided[name] = act
        return name, record_of(self.run, self.salt, act.comment, self.begins + timedelta(seconds=act.at))

    def react(self, decision: Mapping[str, Any], now: float) -> Iterator[Act | Telling]:
        """What the author does, the week being ``now`` seconds old. Nothing about what this cast did not write."""
        act = self.undecided.pop(f"{decision['comment_id']}.{decision['revision']}", None)
        if act is None:
            return
        if decision["kind"] == "nudge":
            yield from self._when_asked(act, decision, now)
        elif act.comment.state == "draft":
            yield _posted(act, now, act.at + SEEN_AFTER, act.comment.text)

    def _when_asked(self, act: Act, decision: Mapping[str, Any], now: float) -> Iterator[Act | Telling]:
        self._asked.add(act.comment.author)
        chance = self._chance("asked", act.comment)
        does = choose(chance, habits()["asked"][decision["wording"]["arm"]])
        if chance.random() < habits()["wrong"].get(act.comment.language, 0.0):
            does = "disputed"
        decided = act.at + SEEN_AFTER + chance.uniform(*DECIDED_AFTER)
        if does != "silent":
            yield from self._told(act, decision, "shown", act.at + SEEN_AFTER, now)
            yield from self._told(act, decision, does, decided, now)
        if does == "revised":
            yield _posted(act, now, decided, _revised(chance, act.comment))
        elif act.comment.state == "draft" and does != "cancelled":
            if does == "disputed":
                yield from self._told(act, decision, "sent_unchanged", decided + 1, now)
            if does != "silent" or chance.random() < habits()["habits"]["silent_posts"]:
                yield _posted(act, now, decided, act.comment.text)

    def _told(
        self, act: Act, decision: Mapping[str, Any], outcome: OutcomeKind, at: float, now: float
    ) -> Iterator[Telling]:
        """The outcome as its platform tells it: some twice, some hours late."""
        chance, often = self._chance(outcome, act.comment), habits()["habits"]
        event = NudgeOutcome(
            decision_id=decision["decision_id"],
            comment_id=decision["comment_id"],
            author_key=decision["author_key"],
            outcome=outcome,
            occurred_at=self.begins + timedelta(seconds=at),
            revision=decision["revision"],
        )
        value, headers = encoded(event, f"{event.decision_id}-{outcome}", event.occurred_at)
        record = Outgoing(OUTCOMES.name, event.author_key.encode(), value, headers)
        late = often["told_late_hours"] * HOUR if chance.random() < often["told_late"] else 0.0
        for _ in range(2 if chance.random() < often["told_twice"] else 1):
            yield Telling(max(now, at) + late, record)

    def _chance(self, what: str, comment: Invented) -> random.Random:
        return random.Random(f"{self.seed}/{what}/{comment.number}.{comment.revision}")  # noqa: S311 (repeatable)


def _posted(act: Act, now: float, at: float, text: str) -> Act:
    """The draft, or what became of it, goes out ``at`` that second of the week."""
    return Act(max(now, at + act.sent - act.at), at, said_again(act.comment, text=text))


def _revised(chance: random.Random, comment: Invented) -> str:
    becomes = choose(chance, habits()["revised"])
    if becomes == "disguise":
        return " ".join(DISGUISE.join(word) for word in comment.text.split())
    return text_of(chance, comment.language, becomes)
