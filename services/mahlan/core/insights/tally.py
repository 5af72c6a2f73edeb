"""What one step adds to the sums: counters by window, authors seen by window, authors whose follow-up is over.

Written by the folds, applied by the service to what it keeps. A window is the whole campaign (``all``), a day of its
time zone, an hour (UTC), or five minutes; by the time an event tells, however late it comes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from mahlan.core.experiment.observation import Observation

ALL = "all"
DAY = "day/"
HOUR = "hour/"
FIVE = "five/"

FIVE_MINUTES_MS = 300_000
_HOUR_MS = 3_600_000
#: What is shown of these windows is younger: 72 hours, and the three days of the budget.
_HOURS_KEPT_MS = 8 * 24 * _HOUR_MS
_FIVES_KEPT_MS = 4 * 24 * _HOUR_MS
#: Offsets of time zones change on a quarter of an hour at the finest.
_QUARTER_MS = 900_000


@dataclass(slots=True)
class Tally:
    """``counts`` by (campaign, window) and counter; ``seen``: the (campaign, window, sketch) that the author is in."""

    counts: defaultdict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    observations: list[Observation] = field(default_factory=list)
    unmatched: int = 0

    def add(self, campaign: str, window: str, *counters: str, by: int = 1) -> None:
        """Add ``by`` to each of these counters."""
        counts = self.counts[campaign, window]
        for counter in counters:
            counts[counter] = counts.get(counter, 0) + by


def milliseconds(moment: datetime) -> int:
    """An aware time as it is kept."""
    return int(moment.timestamp() * 1000)


def day_window(at: int, zone: str) -> str:
    """The day's window: ``day/2026-11-20``, in a campaign's own time zone."""
    return DAY + day_of(at, zone)


def day_of(at: int, zone: str) -> str:
    """The day on which a moment (milliseconds) falls in a time zone, as ``2026-11-20``."""
    return _day(at // _QUARTER_MS, zone)


def hour_window(at: int) -> str:
    """The hour's window: ``hour/2026-11-20T13``, in UTC."""
    return _hour(at // _QUARTER_MS)


def five_window(at: int) -> str:
    """The window of five minutes, by its number since 1970 (``core/budget.py`` counts them so)."""
    return f"{FIVE}{at // FIVE_MINUTES_MS}"


def is_past(window: str, now: int) -> bool:
    """Whether nobody asks for a window any more, at ``now`` (milliseconds). Days and the whole are always asked for."""
    if window.startswith(HOUR):
        return window < hour_window(now - _HOURS_KEPT_MS)
    return window.startswith(FIVE) and int(window.removeprefix(FIVE)) < (now - _FIVES_KEPT_MS) // FIVE_MINUTES_MS


@lru_cache(maxsize=4096)
def _day(quarter: int, zone: str) -> str:
    return _moment(quarter).astimezone(ZoneInfo(zone)).date().isoformat()


@lru_cache(maxsize=4096)
def _hour(quarter: int) -> str:
    return _moment(quarter).strftime(f"{HOUR}%Y-%m-%dT%H")


def _moment(quarter: int) -> datetime:
    return datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC)
