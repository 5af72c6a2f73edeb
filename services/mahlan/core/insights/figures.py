"""The numbers of a campaign, as ``GET /insights/{campaign}`` tells them, from the sums of all partitions.

Pure: no author, no text. What is not known is None, never 0. ``docs/insights.md`` says what each number counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from mahlan.core.experiment.totals import Totals
from mahlan.core.insights.tally import ALL, DAY, HOUR, day_of, milliseconds
from mahlan.core.insights.terms import Terms

HOURS_SHOWN = 72
#: Days shown at most, the last ones.
DAYS_SHOWN = 400
_ENDINGS = ("revised", "cancelled", "sent_unchanged", "disputed")

Row = dict[str, Any]


class Estimate(Protocol):
    """How many authors, within what bounds."""

    @property
    def estimate(self) -> int: ...
    @property
    def low(self) -> int: ...
    @property
    def high(self) -> int: ...


@dataclass(slots=True)
class Sums:
    """Of one campaign: counters by window, sketches by (window, name), totals by (language, arm)."""

    windows: dict[str, Mapping[str, int]] = field(default_factory=dict)
    sketches: dict[tuple[str, str], Sequence[bytes]] = field(default_factory=dict)
    totals: dict[tuple[str, str], Totals] = field(default_factory=dict)

    @property
    def all(self) -> Mapping[str, int]:
        """The counters of the whole campaign."""
        return self.windows.get(ALL, {})


Counting = Callable[[Sequence[bytes]], Estimate]


def challenge_figures(sums: Sums, terms: Terms, now: datetime, count: Counting) -> Row:
    """Posts and joiners: in all, by day, hour, language and hashtag."""
    authors = count(sums.sketches.get((ALL, ""), ()))
    named = [("language", "by_language", {}), ("tag", "by_hashtag", terms.spelled)]
    return {
        "posts": sums.all.get("challenge/posts", 0),
        "joiners": sums.all.get("challenge/joiners", 0),
        "authors": {"estimate": authors.estimate, "low": authors.low, "high": authors.high},
        "by_day": [_challenge_day(sums, day, count) for day in shown_days(sums, terms, now)],
        "by_hour": [_challenge_hour(sums, hour) for hour in _hours(now)],
        **{key: list(_challenge_rows(sums, kind, spelled, count)) for kind, key, spelled in named},
        "growth": _growth(sums, terms, now),
    }


def nudge_figures(sums: Sums, terms: Terms, now: datetime) -> Row:
    """Decisions, what became of nudges, and how revisions compare."""
    outcomes = {name: sums.all.get(f"outcome/{name}", 0) for name in ("shown", *_ENDINGS, "unknown")}
    ended = sum(outcomes[name] for name in ("revised", "cancelled", "sent_unchanged", "unknown"))
    kinds = ("none", "nudge", "holdout", "suppress")
    return {
        "comments": sums.all.get("comments", 0),
        "decisions": {kind: sums.all.get(f"decision/{kind}", 0) for kind in kinds},
        "reasons": dict(sorted(_named(sums.all, "reason"))),
        "outcomes": {**outcomes, "open": sums.all.get("asked", 0) - ended},
        "revisions": {name: sums.all.get(f"revision/{name}", 0) for name in ("less", "same", "more", "trick")},
        "by_language": _rows(sums, "language", ("comments", "nudges", *_ENDINGS), "comments"),
        "by_label": _rows(sums, "label", ("nudges",), "nudges"),
        "by_surface": _rows(sums, "surface", ("comments", "nudges"), "comments"),
        "by_arm": _rows(sums, "arm", ("nudges", *_ENDINGS), "nudges"),
        "by_creator": _rows(sums, "creator", ("nudges", *_ENDINGS), "nudges"),
        "by_day": [_nudge_day(sums, day) for day in shown_days(sums, terms, now)],
    }


def shown_days(sums: Sums, terms: Terms, now: datetime) -> list[str]:
    """Every day from the first that anything was counted on to today, or the last counted one where that is later."""
    counted = sorted(window.removeprefix(DAY) for window, counts in sums.windows.items() if window.startswith(DAY))
    if not counted:
        return []
    today = day_of(milliseconds(now), terms.zone)
    first, last = date.fromisoformat(counted[0]), date.fromisoformat(max(counted[-1], today))
    days = [(first + timedelta(days=past)).isoformat() for past in range((last - first).days + 1)]
    return days[-DAYS_SHOWN:]


def _challenge_day(sums: Sums, day: str, count: Counting) -> Row:
    counts = sums.windows.get(DAY + day, {})
    authors = count(sums.sketches.get((DAY + day, ""), ())).estimate
    return {"day": day, "posts": counts.get("posts", 0), "joiners": counts.get("joiners", 0), "authors": authors}


def _challenge_hour(sums: Sums, hour: datetime) -> Row:
    counts = sums.windows.get(hour.strftime(f"{HOUR}%Y-%m-%dT%H"), {})
    told = hour.strftime("%Y-%m-%dT%H:00:00Z")
    return {"hour": told, "posts": counts.get("posts", 0), "joiners": counts.get("joiners", 0)}


def _challenge_rows(sums: Sums, kind: str, spelled: Mapping[str, str], count: Counting) -> Iterator[Row]:
    """By language or hashtag, those with most posts first; each hashtag of the file, used or not."""
    counters = _groups(sums.all, f"challenge/{kind}")
    names = dict.fromkeys([*spelled, *counters]) if spelled else counters
    key = "hashtag" if kind == "tag" else kind
    for name in sorted(names, key=lambda name: (-counters.get(name, {}).get("posts", 0), name)):
        counts, authors = counters.get(name, {}), count(sums.sketches.get((ALL, f"{kind}/{name}"), ()))
        row = {"posts": counts.get("posts", 0), "joiners": counts.get("joiners", 0), "authors": authors.estimate}
        yield {key: spelled.get(name, name), **row}


def _growth(sums: Sums, terms: Terms, now: datetime) -> Row:
    """Joiners of today and yesterday, of the seven days up to today and of the seven before them."""
    today = date.fromisoformat(day_of(milliseconds(now), terms.zone))

    def joined(*past: int) -> int:
        days = [DAY + (today - timedelta(days=each)).isoformat() for each in past]
        return sum(sums.windows.get(day, {}).get("joiners", 0) for day in days)

    return {
        "today": joined(0),
        "yesterday": joined(1),
        "week": joined(*range(7)),
        "week_before": joined(*range(7, 14)),
    }


def _nudge_day(sums: Sums, day: str) -> Row:
    counts = sums.windows.get(DAY + day, {})
    return {"day": day, **{name: counts.get(name, 0) for name in ("comments", "nudges", "holdouts")}}


def _rows(sums: Sums, kind: str, columns: Sequence[str], most: str) -> list[Row]:
    """One row for each name of a kind, those with ``most`` of it first. Other columns of the kind are left out."""
    groups = _groups(sums.all, kind)
    rows = [{kind: name, **{column: counts.get(column, 0) for column in columns}} for name, counts in groups.items()]
    return sorted(rows, key=lambda row: (-row[most], row[kind]))


def _groups(counts: Mapping[str, int], kind: str) -> dict[str, dict[str, int]]:
    """Counters named ``kind/name/column``, by name and column."""
    found: dict[str, dict[str, int]] = {}
    for path, number in _named(counts, kind):
        name, _, column = path.rpartition("/")
        found.setdefault(name, {})[column] = number
    return found


def _named(counts: Mapping[str, int], kind: str) -> Iterator[tuple[str, int]]:
    """Counters that begin with ``kind/``, without that."""
    return ((name.removeprefix(f"{kind}/"), number) for name, number in counts.items() if name.startswith(f"{kind}/"))


def _hours(now: datetime) -> list[datetime]:
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return [last - timedelta(hours=past) for past in reversed(range(HOURS_SHOWN))]
