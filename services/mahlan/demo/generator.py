"""Invented comments, the same for the same seed: what ``mahlan demo`` publishes. The words are in ``comments.toml``.

A few busy authors write much and most write little, so that caps, cooldown and the holdout all show. Some comments
are drafts that come again as a revision.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mahlan.events.comment import ReplyTo, State, Surface

_WORDS = Path(__file__).with_name("comments.toml")

#: Comments per author on average.
PER_AUTHOR = 5
#: Out of a hundred comments so many are drafts; one of three drafts is changed and comes again.
DRAFTS, REVISED = 0.30, 0.33
#: A revision comes so many comments after its draft.
REVISED_AFTER = 40

SURFACES: Mapping[Surface, float] = {"comment": 0.70, "reply": 0.20, "caption": 0.05, "live_chat": 0.05}
REPLIES: Mapping[ReplyTo, float] = {"stranger": 0.55, "nobody": 0.37, "own_thread": 0.04, "mutual": 0.04}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """One comment before it is published. ``number`` and ``revision`` name it; ``kind`` is why it was invented."""

    number: int
    revision: int
    author: str
    text: str
    language: str
    kind: str
    state: State
    surface: Surface
    reply_to: ReplyTo


def invent(count: int, seed: int) -> Iterator[Invented]:
    """``count`` comments; revisions count too."""
    chance = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    authors = _authors(chance, max(12, count // PER_AUTHOR))
    waiting: list[tuple[int, Invented]] = []
    for position in range(count):
        if waiting and waiting[0][0] <= position:
            yield waiting.pop(0)[1]
            continue
        comment = _comment(chance, position, next(authors))
        if comment.state == "draft" and chance.random() < REVISED:
            waiting.append((position + REVISED_AFTER, _revised(chance, comment)))
        yield comment


def taken(texts: Sequence[str]) -> Iterator[Invented]:
    """Comments with these texts, in this order, one revision each."""
    authors = max(12, len(texts) // PER_AUTHOR)
    for number, text in enumerate(texts):
        yield Invented(
            number=number,
            revision=0,
            author=f"author-{number % authors}",
            text=text,
            language="und",
            kind="given",
            state="posted",
            surface="comment",
            reply_to="stranger",
        )


def _comment(chance: random.Random, number: int, author: str) -> Invented:
    language = choose(chance, words()["shares"]["languages"])
    kind = choose(chance, words()["shares"]["kinds"])
    return Invented(
        number=number,
        revision=0,
        author=author,
        text=text_of(chance, language, kind),
        language=language,
        kind=kind,
        state="draft" if chance.random() < DRAFTS else "posted",
        surface=choose(chance, SURFACES),
        reply_to=choose(chance, REPLIES),
    )


def _revised(chance: random.Random, draft: Invented) -> Invented:
    """The same comment once more: of two authors of an insult one found kinder words."""
    kind = "criticism" if draft.kind == "insult" and chance.random() < 0.5 else draft.kind
    return Invented(
        number=draft.number,
        revision=draft.revision + 1,
        author=draft.author,
        text=text_of(chance, draft.language, kind),
        language=draft.language,
        kind=kind,
        state="posted",
        surface=draft.surface,
        reply_to=draft.reply_to,
    )


def text_of(chance: random.Random, language: str, kind: str) -> str:
    """A comment of this kind in this language, as ``comments.toml`` names both."""
    table: Mapping[str, Sequence[str]] = words()[language]
    parts = {name: chance.choice(table[name]) for name in ("who", "thing", "tail")}
    return chance.choice(table[kind]).format(**parts).strip()


def _authors(chance: random.Random, count: int) -> Iterator[str]:
    """Author ids for ever: the n-th most busy author writes 1/n as much as the busiest (Zipf's law)."""
    names = [f"author-{number}" for number in range(count)]
    weights = [1 / (rank + 3) for rank in range(count)]
    while True:
        yield from chance.choices(names, weights, k=256)


def choose(chance: random.Random, shares: Mapping[Any, float]) -> Any:
    """One of the keys, by their shares."""
    return chance.choices(list(shares), list(shares.values()))[0]


@cache
def words() -> Mapping[str, Any]:
    """``comments.toml``."""
    return tomllib.loads(_WORDS.read_text("utf-8"))
