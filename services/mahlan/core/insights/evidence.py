"""The experiment's and the budget's rows of a campaign, from the sums of all partitions: what asking changed so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from mahlan.core.budget import Buckets, Counts
from mahlan.core.campaign import Campaign
from mahlan.core.experiment.effects import Pace, effects
from mahlan.core.experiment.plan import plan_of
from mahlan.core.experiment.ratio import sample_ratio
from mahlan.core.insights.figures import Sums
from mahlan.core.insights.tally import DAY, FIVE, day_of, milliseconds
from mahlan.core.insights.terms import DAY_MS, Patience, Terms

#: Whole days by which the pace is told.
PACE_DAYS = 7


def effect_rows(
    sums: Sums, campaign: Campaign, terms: Terms, now: datetime, patience: Patience
) -> list[dict[str, Any]]:
    """The answers of the experiment, the primary one first."""
    pace = _pace(sums, terms, now, patience)
    return [asdict(effect) for effect in effects(sums.totals, plan_of(campaign), pace)]


def ratio_row(sums: Sums, campaign: Campaign) -> dict[str, Any]:
    """Whether as many authors are held out as were meant to be."""
    treated, holdout = (sums.all.get(f"entered/{name}", 0) for name in ("treated", "holdout"))
    share = campaign.holdout.share
    if not 0 < share < 1:
        row = {"treated": treated, "holdout": holdout, "expected_share": share}
        return {**row, "e_value": None, "alarm": False}
    return asdict(sample_ratio(treated, holdout, share))


def budget_buckets(sums: Sums) -> dict[str, Buckets]:
    """By language, nudges shown and disputed by the five minutes in which they were shown."""
    found: dict[str, dict[int, Counts]] = {}
    for window, counts in sums.windows.items():
        if window.startswith(FIVE):
            for language in {name.rpartition("/")[0] for name in counts}:
                found.setdefault(language, {})[int(window.removeprefix(FIVE))] = _counts(counts, language)
    return dict(found)


def _counts(counts: Mapping[str, int], language: str) -> Counts:
    shown, disputed, disputers = (counts.get(f"{language}/{name}", 0) for name in ("shown", "disputed", "disputers"))
    return Counts(shown=shown, disputed=disputed, disputers=disputers)


def _pace(sums: Sums, terms: Terms, now: datetime, patience: Patience) -> Pace:
    """Authors who entered a day, over the last whole days; closed ones will come at the same pace.

    The first of them comes when their follow-up is over and no outcome of it is waited for any longer (``closing.py``).
    """
    today = date.fromisoformat(day_of(milliseconds(now), terms.zone))
    days = {window.removeprefix(DAY): told for window, told in sums.windows.items() if window.startswith(DAY)}
    entered = {date.fromisoformat(day): told["entered"] for day, told in days.items() if told.get("entered")}
    if not entered:
        return Pace()
    past = [count for day, count in entered.items() if 1 <= (today - day).days <= PACE_DAYS]
    age = (today - min(entered)).days
    rate = sum(past) / min(PACE_DAYS, age) if past and age > 0 else float(sum(entered.values()))
    closed = sum(totals.n for totals in sums.totals.values())
    wait = 0.0 if closed else max(0.0, (terms.follow_up_ms + patience.outcome_ms) / DAY_MS - age)
    return Pace(authors_per_day=rate, days_until_first=wait)
