"""The rows of the false-nudge budget in an answer: by language, what was shown and disputed, and how fast it burns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mahlan.core.budget import LONGEST, Buckets, burn_rate, counts_in
from mahlan.core.campaign import Campaign
from mahlan.events.brake import RELEASED, BrakeSet

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def budget_rows(
    campaign: Campaign, counters: Mapping[str, Buckets], now: datetime, brakes: Mapping[str, BrakeSet] | None = None
) -> list[dict[str, Any]]:
    """One row for each language of the campaign, each that was shown in of late, and each with a brake on.

    ``counters`` are by language and five minutes; ``brakes`` by language, those that were ever set. ``shown``,
    ``disputed`` and ``rate`` are of the last three days, the longest window of the budget: what of older counters is
    still there makes no row.
    """
    set_ones = brakes or {}
    late = {name for name, buckets in counters.items() if counts_in(buckets, now, LONGEST).shown}
    held = {name for name, brake in set_ones.items() if brake.level != RELEASED}
    languages = dict.fromkeys([*campaign.languages, *sorted(late | held)])
    return [_row(campaign, name, counters.get(name, {}), now, set_ones.get(name)) for name in languages]


def _row(campaign: Campaign, language: str, buckets: Buckets, now: datetime, brake: BrakeSet | None) -> dict[str, Any]:
    counts, allowed = counts_in(buckets, now, LONGEST), campaign.budget.disputes
    return {
        "language": language,
        "shown": counts.shown,
        "disputed": counts.disputed,
        "rate": counts.disputed / counts.shown if counts.shown else None,
        "allowed": allowed,
        "burn_hour": burn_rate(counts_in(buckets, now, HOUR), allowed),
        "burn_day": burn_rate(counts_in(buckets, now, DAY), allowed),
        "brake": brake.level if brake else RELEASED,
        "since": brake.set_at.isoformat() if brake else None,
        "code": brake.code if brake else None,
    }
