"""The same numbers from the topics alone, counted the plain way: all records in memory, sets and sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from mahlan.core.campaign import Campaign
from mahlan.core.entities import fold_hashtag
from mahlan.events.nudge import NudgeDecided, NudgeOutcome

ENDINGS = ("revised", "cancelled", "sent_unchanged")
Row = dict[str, Any]


def recount(decisions: Iterable[NudgeDecided], outcomes: Iterable[NudgeOutcome], campaign: Campaign) -> Row:
    """What insights must say of the challenge and the nudges. Days and hours without anything are left out."""
    made = {one.decision_id: one for one in decisions}
    told = {(one.decision_id, one.outcome): one for one in outcomes if one.decision_id in made}
    return {"challenge": _challenge(list(made.values()), campaign), "nudges": _nudges(made, told, campaign)}


def _challenge(decisions: list[NudgeDecided], campaign: Campaign) -> Row:
    names = {fold_hashtag(tag): tag for tag in campaign.hashtags.all}
    posts: dict[str, NudgeDecided] = {}
    for one in sorted(decisions, key=lambda one: one.revision):
        if set(one.hashtags) & set(names):
            posts.setdefault(one.comment_id, one)
    first: dict[str, NudgeDecided] = {}
    for one in sorted(posts.values(), key=lambda one: one.occurred_at):
        first.setdefault(one.author_key, one)

    def table(key: str, groups: Callable[[NudgeDecided], Iterable[str]]) -> list[Row]:
        written = Counter(group for one in posts.values() for group in groups(one))
        joined = Counter(group for one in first.values() for group in groups(one))
        return [{key: group, "posts": written[group], "joiners": joined[group]} for group in sorted(written)]

    zone = ZoneInfo(campaign.timezone)
    return {
        "posts": len(posts),
        "joiners": len(first),
        "by_day": table("day", lambda one: [one.occurred_at.astimezone(zone).date().isoformat()]),
        "by_hour": table("hour", lambda one: [one.occurred_at.strftime("%Y-%m-%dT%H:00:00Z")]),
        "by_language": table("language", lambda one: [_language(one, campaign)]),
        "by_hashtag": table("hashtag", lambda one: [names[tag] for tag in one.hashtags if tag in names]),
    }


def _nudges(made: dict[str, NudgeDecided], told: dict[tuple[str, str], NudgeOutcome], campaign: Campaign) -> Row:
    asked = {name: one for name, one in made.items() if one.kind == "nudge"}
    became: dict[str, set[str]] = defaultdict(set)
    for name in asked:
        outcomes = [one for (of, _), one in told.items() if of == name]
        endings = sorted((one for one in outcomes if one.outcome in ENDINGS), key=lambda one: one.occurred_at)
        became[name] |= {"shown"} if outcomes else set()
        became[name] |= {one.outcome for one in outcomes if one.outcome == "disputed"}
        became[name] |= {endings[-1].outcome} if endings else {"open"}
    comments = {one.comment_id: one for one in sorted(made.values(), key=lambda one: -one.revision)}

    def table(key: str, group: Callable[[NudgeDecided], str], *, with_comments: bool, with_endings: bool) -> list[Row]:
        rows: dict[str, Counter[str]] = defaultdict(Counter)
        for one in comments.values() if with_comments else ():
            rows[group(one)]["comments"] += 1
        for name, one in asked.items():
            rows[group(one)].update(["nudges", *(became[name] - {"shown", "open"} if with_endings else ())])
        columns = [*(["comments"] if with_comments else []), "nudges"]
        columns += ["revised", "cancelled", "sent_unchanged", "disputed"] if with_endings else []
        return [{key: name, **{column: rows[name][column] for column in columns}} for name in sorted(rows)]

    outcomes = Counter(name for names in became.values() for name in names)
    kinds = Counter(one.kind for one in made.values())
    return {
        "comments": len(comments),
        "decisions": {kind: kinds[kind] for kind in ("none", "nudge", "holdout", "suppress")},
        "reasons": dict(Counter(one.reason for one in made.values())),
        "outcomes": {name: outcomes[name] for name in ("shown", *ENDINGS, "disputed", "open")},
        "by_language": table("language", lambda one: _language(one, campaign), with_comments=True, with_endings=True),
        "by_label": table("label", lambda one: one.label or "none", with_comments=False, with_endings=False),
        "by_surface": table("surface", lambda one: one.surface, with_comments=True, with_endings=False),
        "by_arm": table("arm", lambda one: one.wording.arm, with_comments=False, with_endings=True),
    }


def _language(one: NudgeDecided, campaign: Campaign) -> str:
    return one.language if one.language in {*campaign.languages, "mixed", "und"} else "other"


def comparable(answer: Row) -> Row:
    """An answer of insights, of what the recount knows: rows sorted by name, those without a post left out."""
    challenge, nudges = answer["challenge"], answer["nudges"]
    keys = {"by_day": "day", "by_hour": "hour", "by_language": "language", "by_hashtag": "hashtag"}
    tables = {
        name: [
            {column: row[column] for column in (key, "posts", "joiners")}
            for row in sorted(challenge[name], key=lambda row: row[key])
            if row["posts"]
        ]
        for name, key in keys.items()
    }
    outcomes = dict(nudges["outcomes"])
    unknown = outcomes.pop("unknown")
    names = {"by_language": "language", "by_label": "label", "by_surface": "surface", "by_arm": "arm"}
    return {
        "challenge": {"posts": challenge["posts"], "joiners": challenge["joiners"], **tables},
        "nudges": {
            **{name: nudges[name] for name in ("comments", "decisions", "reasons")},
            # Who waits for an outcome and who has given it up depends on the hour of the test.
            "outcomes": {**outcomes, "open": outcomes["open"] + unknown},
            **{name: sorted(nudges[name], key=lambda row: row[key]) for name, key in names.items()},
        },
    }


def differences(told: Any, wanted: Any, path: str = "") -> list[str]:
    """Where two answers differ, one line each."""
    if isinstance(told, dict) and isinstance(wanted, dict):
        return [
            line
            for key in sorted({*told, *wanted})
            for line in differences(told.get(key), wanted.get(key), f"{path}.{key}")
        ]
    return [] if told == wanted else [f"{path}: told {told}, wanted {wanted}"]
