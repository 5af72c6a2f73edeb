"""A campaign's brake in one language: what it changes in the policy, and when the false-nudge budget tightens it.

``next_brake`` is called by the insights service, which writes what comes of it; the others by the policy, for
dispatcher and gateway alike. A brake is tightened one step at a time and never loosened here: that is a person's act.
"""

from __future__ import annotations

from datetime import datetime

from mahlan.core.budget import BUCKET, Buckets, Burn, burn_rate, find_burn
from mahlan.core.campaign import Campaign, NudgeBand
from mahlan.events.brake import RELEASED, BrakeLevel, BrakeSet

_HIGHER: dict[NudgeBand, NudgeBand] = {"low": "medium", "medium": "high"}
_SPANS = {"burning_1h": "hour", "burning_6h": "6 hours", "burning_3d": "3 days"}
_EFFECTS: dict[BrakeLevel, str] = {
    "raised": "the band from which on people are asked is one higher",
    "paused": "nobody is asked",
}


def braked_band(level: BrakeLevel, band: NudgeBand) -> NudgeBand:
    """The band from which on authors are asked under a brake, where ``band`` is the campaign's own."""
    return _HIGHER.get(band, band) if level == "raised" else band


def asks_nobody(level: BrakeLevel, band: NudgeBand) -> bool:
    """Whether nobody is asked under a brake: paused, or raised where the campaign's band is the highest already."""
    return level == "paused" or (level == "raised" and band not in _HIGHER)


def next_brake(
    campaign: Campaign, language: str, brake: BrakeSet | None, buckets: Buckets, now: datetime
) -> BrakeSet | None:
    """The tighter brake to set now; None where the present one (None: there never was one) stays.

    Only nudges shown after the present brake was set count, whoever set it: what led to it must not count twice, and
    what a person has released starts from nothing. The bucket after it is left to those that were under way.
    """
    level = brake.level if brake else RELEASED
    budget = campaign.budget
    if not budget.brake or asks_nobody(level, campaign.band_in(language)):
        return None
    burn = find_burn(buckets, now, budget.disputes, brake.set_at + BUCKET if brake else None)
    return _tightened(campaign, language, level, burn, now) if burn else None


def _tightened(campaign: Campaign, language: str, level: BrakeLevel, burn: Burn, now: datetime) -> BrakeSet:
    wanted: BrakeLevel = "raised" if level == RELEASED else "paused"
    if asks_nobody(wanted, campaign.band_in(language)):
        wanted = "paused"  # the highest band has none above it
    counts = burn.counts
    return BrakeSet(
        campaign=campaign.id,
        language=language,
        level=wanted,
        code=burn.windows.code,
        reason=_reason(burn, wanted),
        set_at=now,
        set_by="insights",
        shown=counts.shown,
        disputed=counts.disputed,
        rate=round(counts.disputed / counts.shown, 6),
        allowed=burn.allowed,
    )


def _reason(burn: Burn, level: BrakeLevel) -> str:
    counts, rate = burn.counts, burn_rate(burn.counts, burn.allowed) or 0.0
    return (
        f"{counts.disputed} of {counts.shown} nudges shown in the last {_SPANS[burn.windows.code]} were disputed "
        f"({counts.disputed / counts.shown:.1%}; {burn.allowed:.1%} is allowed, so {rate:.1f} times as many): "
        f"{_EFFECTS[level]}, until a person releases the brake"
    )
