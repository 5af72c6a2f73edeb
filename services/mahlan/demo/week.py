"""The simulated week: who writes what, and when. The same for the same seed; the numbers are in ``week.toml``.

Called by the scenario. What authors do once they are asked is in ``actors.py``.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from mahlan.demo.generator import REPLIES, Invented, choose, text_of, words
from mahlan.events.comment import Surface

_HABITS = Path(__file__).with_name("week.toml")

DAY = 86_400.0
HOUR = 3600.0
WEEK = timedelta(days=7)
#: Seconds at the end of the week in which nobody begins anything: room for what those before do in the end.
LAST_HOURS = HOUR
#: The campaign this grew from is about posting, sharing, recording and filming.
SURFACES: Mapping[Surface, float] = {
    "comment": 0.60,
    "reply": 0.18,
    "caption": 0.05,
    "share": 0.06,
    "live_chat": 0.05,
    "message": 0.03,
    "transcript": 0.03,
}


class Act(NamedTuple):
    """One comment: written ``at``, reaching its platform when it is ``sent``, both in seconds of the week."""

    sent: float
    at: float
    comment: Invented


@dataclass(frozen=True, slots=True)
class Person:
    """An author: their language; how many hours what they write is on its way; whether they only ever join."""

    name: str
    language: str
    delay: float = 0.0
    eager: bool = False


def plan_week(count: int, seed: int, begins: datetime) -> list[Act]:
    """``count`` comments in the order in which they are sent, those of one author in the order they were written."""
    chance = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    clock = begins.astimezone(ZoneInfo(habits()["timezone"]))
    midnight = (clock.hour * 60 + clock.minute) * 60.0
    times = sorted(_moment(chance, midnight) for _ in range(count))
    authors = _authors(chance, count)
    acts = [_act(chance, number, at, next(authors)) for number, at in enumerate(times)]
    return sorted(acts, key=lambda act: (act.sent, act.comment.number))


def _moment(chance: random.Random, since_midnight: float) -> float:
    """A moment in seconds of the week, which begins so many seconds after a midnight."""
    while True:
        day = choose(chance, dict(enumerate(habits()["days"])))
        hour = choose(chance, dict(enumerate(habits()["hours"])))
        at = day * DAY + ((hour + chance.random()) * HOUR - since_midnight) % DAY
        if at < WEEK.total_seconds() - LAST_HOURS:
            return float(at)


def _authors(chance: random.Random, count: int) -> Iterator[Person]:
    """The authors of all comments: a few busy, most quiet, and some who want to be seen."""
    people = [_person(chance, number) for number in range(max(12, round(count / habits()["per_author"])))]
    weights = [1 / (rank + 12) for rank in range(len(people))]
    given = chance.choices(people, weights, k=count)
    eager = habits()["eager"]
    seen = [Person(f"eager-{number}", _language(chance), eager=True) for number in range(eager["authors"])]
    each = min(eager["comments"], count // 20)
    for place, person in zip(chance.sample(range(count), each * len(seen)), seen * each, strict=True):
        given[place] = person
    return iter(given)


def _person(chance: random.Random, number: int) -> Person:
    least, most = habits()["offline_hours"]
    delay = chance.uniform(least, most) if chance.random() < habits()["offline"] else 0.0
    return Person(f"author-{number}", _language(chance), delay)


def _language(chance: random.Random) -> str:
    return str(choose(chance, words()["shares"]["languages"]))


def _act(chance: random.Random, number: int, at: float, who: Person) -> Act:
    kind = "challenge" if who.eager else choose(chance, habits()["kinds"])
    text = text_of(chance, who.language, kind)
    if kind == "challenge":
        text = f"{text} {choose(chance, habits()['hashtags'])}".strip()
    comment = Invented(
        number=number,
        revision=0,
        author=who.name,
        text=text,
        language=who.language,
        kind=kind,
        state="draft" if chance.random() < habits()["drafts"] else "posted",
        surface=choose(chance, SURFACES),
        reply_to=choose(chance, REPLIES),
    )
    return Act(at + who.delay * HOUR, at, comment)


def said_again(comment: Invented, **changed: Any) -> Invented:
    """The comment's next revision, posted, with what has changed."""
    return replace(comment, revision=comment.revision + 1, state="posted", **changed)


@cache
def habits() -> Mapping[str, Any]:
    """``week.toml``."""
    return tomllib.loads(_HABITS.read_text("utf-8"))
