"""Invented numbers in the shape of the insights service: an empty campaign, and one that has run for days.

The sums are right: what a board derives from them can be recounted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

CAMPAIGN = "fakkar-eg"
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
#: Posts by day, oldest first, and what share of them joined.
POSTS = (14, 96, 310, 622, 548, 471, 803, 1190, 967, 402)
LANGUAGES = {"arz": 0.58, "ar": 0.19, "arz-Latn": 0.15, "en": 0.08}
HASHTAGS = {"#فكر_قبل_ما_تنشر": 0.71, "#Practicethepause": 0.19, "#أنا_ضد_التنمر": 0.07, "#IMAgainstBullying": 0.03}


def split(total: int, shares: dict[str, float]) -> dict[str, int]:
    """Whole parts of a total; the first takes what is left."""
    parts = {name: int(total * share) for name, share in shares.items()}
    first = next(iter(parts))
    return parts | {first: parts[first] + total - sum(parts.values())}


def empty(campaign: str = CAMPAIGN) -> dict[str, Any]:
    """The first minute: nothing has happened yet."""
    return {
        "campaign": campaign,
        "as_of": stamp(NOW),
        "data_age_seconds": 1.0,
        "complete": True,
        "partitions": {"answered": 4, "all": 4},
        "first_day": None,
        "last_day": None,
        "challenge": {
            "posts": 0, "joiners": 0, "authors": {"estimate": 0, "low": 0, "high": 0}, "by_day": [], "by_hour": [],
            "by_language": [], "by_hashtag": [],
            "growth": {"today": 0, "yesterday": 0, "week": 0, "week_before": 0},
        },
        "nudges": {
            "comments": 0, "decisions": {"none": 0, "nudge": 0, "holdout": 0, "suppress": 0}, "reasons": {},
            "outcomes": {"shown": 0, "revised": 0, "cancelled": 0, "sent_unchanged": 0, "disputed": 0, "open": 0,
                         "unknown": 0},
            "revisions": {"less": 0, "same": 0, "more": 0, "trick": 0},
            "by_language": [], "by_label": [], "by_surface": [], "by_arm": [], "by_creator": [], "by_day": [],
        },
        "effect": [effect(measure, state="not_enough", authors=(0, 0)) for measure in MEASURES],
        "sample_ratio": {"treated": 0, "holdout": 0, "expected_share": 0.1, "e_value": 1.0, "alarm": False},
        "budget": [],
    }  # fmt: skip


MEASURES = ("toxic_posted", "cancelled", "later_offences", "volume")


def effect(measure: str, *, state: str, authors: tuple[int, int], means: Any = (None, None),
           interval: Any = (None, None), **more: Any) -> dict[str, Any]:  # fmt: skip
    """One comparison."""
    treated, control = means
    needed = {"authors_needed": 2240, "days_needed": 11.5} if state == "not_enough" else {}
    return {
        "measure": measure, "language": None, "arm": "all", "against": "holdout",
        "treated": {"authors": authors[0], "mean": treated}, "control": {"authors": authors[1], "mean": control},
        "difference": None if treated is None else round(treated - control, 4),
        "low": interval[0], "high": interval[1], "state": state, "authors_needed": None, "days_needed": None,
        "level": 0.95, "role": "primary" if measure == MEASURES[0] and not more else "exploratory", "adjusted": False,
        **needed, **more,
    }  # fmt: skip


def ends(nudges: int, disputed: float = 0.012) -> dict[str, int]:
    """What became of so many nudges."""
    return {
        "nudges": nudges, "revised": int(nudges * 0.24), "cancelled": int(nudges * 0.1),
        "sent_unchanged": int(nudges * 0.6), "disputed": int(nudges * disputed),
    }  # fmt: skip


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def days(count: int = len(POSTS)) -> list[str]:
    return [(NOW - timedelta(days=count - 1 - number)).date().isoformat() for number in range(count)]


def busy(campaign: str = CAMPAIGN, *, more: int = 0) -> dict[str, Any]:
    """The tenth day; ``more`` posts have just come."""
    posts = [*POSTS[:-1], POSTS[-1] + more]
    joiners = [int(count * 0.62) for count in posts]
    told = empty(campaign)
    told |= {"first_day": days()[0], "last_day": days()[-1], "effect": effects(), "budget": budget()}
    told["challenge"] = challenge(posts, joiners)
    told["nudges"] = nudged()
    told["sample_ratio"] = {"treated": 8120, "holdout": 905, "expected_share": 0.1, "e_value": 0.4, "alarm": False}
    return told


def challenge(posts: list[int], joiners: list[int]) -> dict[str, Any]:
    both = (split(sum(posts), LANGUAGES), split(sum(joiners), LANGUAGES))
    tags = (split(sum(posts), HASHTAGS), split(sum(joiners), HASHTAGS))
    hours = [NOW - timedelta(hours=71 - number) for number in range(72)]
    wave = [max(0, int(38 - abs(moment.hour - 18) * 3.4)) for moment in hours]
    authors = sum(joiners)
    return {
        "posts": sum(posts), "joiners": authors,
        "authors": {"estimate": authors, "low": int(authors * 0.98), "high": int(authors * 1.02)},
        "by_day": [{"day": day, "posts": p, "joiners": j, "authors": j}
                   for day, p, j in zip(days(), posts, joiners, strict=True)],
        "by_hour": [{"hour": stamp(moment), "posts": count, "joiners": int(count * 0.6)}
                    for moment, count in zip(hours, wave, strict=True)],
        "by_language": [{"language": tag, "posts": p, "joiners": both[1][tag], "authors": both[1][tag]}
                        for tag, p in both[0].items()],
        "by_hashtag": [{"hashtag": tag, "posts": p, "joiners": tags[1][tag], "authors": tags[1][tag]}
                       for tag, p in tags[0].items()],
        "growth": {"today": joiners[-1], "yesterday": joiners[-2], "week": sum(joiners[-7:]),
                   "week_before": sum(joiners[:-7])},
    }  # fmt: skip


def nudged() -> dict[str, Any]:
    comments, asked = 184_320, 9_412
    tongues = split(asked, LANGUAGES)
    arms = split(asked, {"plain": 0.34, "highlight": 0.33, "creator": 0.21, "norm": 0.12})
    labels = split(asked, {"insult": 0.61, "harassment": 0.22, "threat": 0.09, "profanity": 0.08})
    surfaces = split(asked, {"comment": 0.57, "reply": 0.28, "live_chat": 0.1, "caption": 0.05})
    told = ends(asked)
    return {
        "comments": comments,
        "decisions": {"none": 171_900, "nudge": asked, "holdout": 1_046, "suppress": 1_962},
        "reasons": {"capped": 820, "cooling_down": 311, "quoting": 402, "counter_speech": 168, "quiet_hours": 261},
        "outcomes": {"shown": asked - 60, "revised": told["revised"], "cancelled": told["cancelled"],
                     "sent_unchanged": told["sent_unchanged"], "disputed": told["disputed"], "open": 87,
                     "unknown": asked - 87 - told["revised"] - told["cancelled"] - told["sent_unchanged"]},
        "revisions": {"less": 1_602, "same": 411, "more": 64, "trick": 181},
        "by_language": [{"language": tag, "comments": count * 19, **ends(count)} for tag, count in tongues.items()],
        "by_label": [{"label": name, "nudges": count} for name, count in labels.items()],
        "by_surface": [{"surface": name, "comments": count * 19, "nudges": count} for name, count in surfaces.items()],
        "by_arm": [{"arm": name, **ends(count)} for name, count in arms.items()],
        "by_creator": [{"creator": "creator-1", **ends(880)}, {"creator": "creator-2", **ends(790, 0.02)},
                       {"creator": "creator-3", **ends(12)}],
        "by_day": [{"day": day, "comments": 18_432, "nudges": 941, "holdouts": 104} for day in days()],
    }  # fmt: skip


def effects() -> list[dict[str, Any]]:
    """One of each state, some by language and by arm."""
    all_authors = (8120, 905)
    lower = {"state": "lower", "authors": all_authors, "means": (0.412, 0.487), "interval": (-0.131, -0.019)}
    return [
        effect("toxic_posted", **lower),
        effect("cancelled", state="higher", authors=all_authors, means=(0.104, 0.031), interval=(0.031, 0.115)),
        effect("later_offences", state="undecided", authors=all_authors, means=(0.21, 0.24), interval=(-0.09, 0.03)),
        effect("volume", state="undecided", authors=all_authors, means=(6.31, 6.38), interval=(-0.61, 0.47)),
        effect("toxic_posted", language="arz", state="lower", authors=(4720, 523), means=(0.401, 0.492),
               interval=(-0.163, -0.019)),
        effect("toxic_posted", language="ar", state="undecided", authors=(1540, 172), means=(0.43, 0.46),
               interval=(-0.15, 0.09)),
        effect("toxic_posted", language="arz-Latn", state="not_enough", authors=(1210, 138)),
        effect("toxic_posted", language="en", state="not_enough", authors=(650, 72), days_needed=32.0),
        effect("toxic_posted", arm="plain", state="undecided", authors=(2760, 905), means=(0.431, 0.487),
               interval=(-0.118, 0.006)),
        effect("toxic_posted", arm="highlight", state="lower", authors=(2680, 905), means=(0.402, 0.487),
               interval=(-0.148, -0.022)),
        effect("toxic_posted", arm="creator", state="lower", authors=(1705, 905), means=(0.391, 0.487),
               interval=(-0.163, -0.029)),
        effect("toxic_posted", arm="norm", state="not_enough", authors=(975, 905), days_needed=4.0),
    ]  # fmt: skip


def budget() -> list[dict[str, Any]]:
    """Released, raised and paused."""
    since = stamp(NOW - timedelta(hours=5))
    return [
        {"language": "arz", "shown": 5_431, "disputed": 58, "rate": 0.0107, "allowed": 0.02, "burn_hour": 0.4,
         "burn_day": 0.53, "brake": "released", "since": None, "code": None},
        {"language": "ar", "shown": 1_780, "disputed": 31, "rate": 0.0174, "allowed": 0.02, "burn_hour": 1.1,
         "burn_day": 0.87, "brake": "released", "since": None, "code": None},
        {"language": "arz-Latn", "shown": 1_402, "disputed": 41, "rate": 0.0292, "allowed": 0.02, "burn_hour": 2.2,
         "burn_day": 1.46, "brake": "raised", "since": since, "code": "burning_6h"},
        {"language": "en", "shown": 739, "disputed": 37, "rate": 0.0501, "allowed": 0.02, "burn_hour": 14.6,
         "burn_day": 2.5, "brake": "paused", "since": since, "code": "burning_1h"},
    ]  # fmt: skip
