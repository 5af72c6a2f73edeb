"""The challenge, recounted: a comment with one of the hashtags is a post; whoever writes their first one joins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mahlan.demo.recount.facts import Event, Facts, Log, comments_of, moment_of

#: Hours that a board shows.
HOURS = 72
Names = Callable[["Post"], Iterable[str]]


@dataclass(slots=True)
class Post:
    """A comment of the challenge. ``days`` and ``languages``: of each revision that brought a hashtag that was new."""

    author: str
    at: datetime
    language: str
    tags: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)


def challenge(log: Log, facts: Facts) -> dict[str, Any]:
    """The board's ``challenge``. Authors are counted exactly; the board estimates them."""
    posts = [post for each in comments_of(log.decisions).values() if (post := _post(each, facts)) is not None]
    first: dict[str, Post] = {}
    for post in sorted(posts, key=lambda post: post.at):
        first.setdefault(post.author, post)
    joined = list(first.values())
    shown = _hours(facts.as_of)
    hours = _rows(posts, joined, lambda post: [_hour(post.at)])
    return {
        "posts": len(posts),
        "joiners": len(joined),
        "authors": len(joined),
        "by_day": _with_authors(posts, joined, lambda post: [facts.day(post.at)], lambda post: post.days),
        "by_hour": {hour: row for hour, row in hours.items() if hour in shown},
        "by_language": _with_authors(posts, joined, lambda post: [post.language], lambda post: post.languages),
        "by_hashtag": _with_authors(posts, joined, lambda post: post.tags, lambda post: post.tags),
        "growth": _growth(Counter(facts.day(post.at) for post in joined), date.fromisoformat(facts.day(facts.as_of))),
    }


def _post(revisions: Iterable[Event], facts: Facts) -> Post | None:
    post: Post | None = None
    for event in revisions:
        named = dict.fromkeys(facts.tags[tag] for tag in event["hashtags"] if tag in facts.tags)
        fresh = [tag for tag in named if post is None or tag not in post.tags]
        if not fresh:
            continue
        if post is None:
            post = Post(event["author_key"], moment_of(event), facts.language(event))
        post.tags += fresh
        post.days.append(facts.day(moment_of(event)))
        post.languages.append(facts.language(event))
    return post


def _rows(posts: Iterable[Post], joined: Iterable[Post], names: Names) -> dict[str, dict[str, int]]:
    written = Counter(name for post in posts for name in names(post))
    joiners = Counter(name for post in joined for name in names(post))
    return {name: {"posts": count, "joiners": joiners[name]} for name, count in written.items()}


def _with_authors(
    posts: Iterable[Post], joined: Iterable[Post], names: Names, seen: Names
) -> dict[str, dict[str, int]]:
    """The rows, with how many different authors were seen in each."""
    posts = list(posts)
    rows = _rows(posts, joined, names)
    authors = Counter(name for name, _ in {(name, post.author) for post in posts for name in seen(post)})
    for name in authors:
        rows.setdefault(name, {"posts": 0, "joiners": 0})
    return {name: {**row, "authors": authors[name]} for name, row in rows.items()}


def _growth(joined: Mapping[str, int], today: date) -> dict[str, int]:
    def between(first: int, last: int) -> int:
        return sum(joined.get((today - timedelta(days=past)).isoformat(), 0) for past in range(first, last + 1))

    return {"today": between(0, 0), "yesterday": between(1, 1), "week": between(0, 6), "week_before": between(7, 13)}


def _hour(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:00:00Z")


def _hours(as_of: datetime) -> set[str]:
    return {_hour(as_of - timedelta(hours=past)) for past in range(HOURS)}
