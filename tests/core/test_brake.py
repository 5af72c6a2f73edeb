"""A brake goes up one step at a time, says why, and never down by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.brake import asks_nobody, braked_band, next_brake
from mahlan.core.budget import BUCKET, LONGEST, Counts, bucket_of
from mahlan.core.campaign import Asking, Budget
from mahlan.events.brake import LEVELS, BrakeSet
from mahlan.events.codec import decode, encode, envelope_of
from tests.core.policy_cases import campaign

CAMPAIGN = campaign()
NOW = datetime(2026, 11, 23, 10, 2, tzinfo=UTC)


def burning(now=NOW, shown=20, disputed=8):
    """A share of nudges that is disputed, for an hour now."""
    return {bucket_of(now) - age: Counts(shown, disputed, disputed) for age in range(12)}


def set_at(moment, level, set_by="insights"):
    return BrakeSet(
        campaign="fakkar-eg",
        language="arz",
        level=level,
        code="burning_1h",
        reason="a test",
        set_at=moment,
        set_by=set_by,
    )


def test_a_burning_budget_raises_the_band_and_says_why():
    brake = next_brake(CAMPAIGN, "arz", None, burning(), NOW)
    assert (brake.campaign, brake.language, brake.level) == ("fakkar-eg", "arz", "raised")
    assert (brake.code, brake.set_by, brake.set_at) == ("burning_1h", "insights", NOW)
    assert (brake.shown, brake.disputed, brake.rate, brake.allowed) == (240, 96, 0.4, 0.02)
    assert brake.reason == (
        "96 of 240 nudges shown in the last hour were disputed (40.0%; 2.0% is allowed, so 20.0 times as many): "
        "the band from which on people are asked is one higher, until a person releases the brake"
    )


def test_what_led_to_a_brake_does_not_tighten_it_again():
    raised = next_brake(CAMPAIGN, "arz", None, burning(), NOW)
    for minutes in range(0, 70, 5):
        later = NOW + timedelta(minutes=minutes)
        assert next_brake(CAMPAIGN, "arz", raised, burning(), later) is None
    # Still burning an hour later, in nudges that were shown since.
    later = NOW + timedelta(hours=1)
    paused = next_brake(CAMPAIGN, "arz", raised, burning(later), later)
    assert paused.level == "paused"
    assert "nobody is asked" in paused.reason
    assert paused.shown < 240


def test_a_person_who_releases_it_starts_it_anew():
    released = set_at(NOW, "released", "person")
    assert next_brake(CAMPAIGN, "arz", released, burning(), NOW + timedelta(minutes=6)) is None
    later = NOW + timedelta(hours=1)
    assert next_brake(CAMPAIGN, "arz", released, burning(later), later).level == "raised"


@pytest.mark.parametrize(
    ("band", "levels", "bands"),
    [
        ("low", ["raised", "paused"], ["low", "medium"]),
        ("medium", ["raised", "paused"], ["medium", "high"]),
        ("high", ["paused"], ["high"]),  # there is no band above it
    ],
)
def test_it_goes_up_a_step_at_a_time_to_a_pause(band, levels, bands):
    stricter = replace(CAMPAIGN, nudge=Asking(band="low", band_by_language={"arz": band}))
    brake, found, asked = None, [], []
    for hour in range(6):
        now = NOW + timedelta(hours=hour)
        level = brake.level if brake else "released"
        if not asks_nobody(level, band):
            asked.append(braked_band(level, band))
        tighter = next_brake(stricter, "arz", brake, burning(now), now)
        if tighter is not None:
            found.append(tighter.level)
            brake = tighter
    assert (found, asked) == (levels, bands)


@pytest.mark.parametrize(
    ("level", "band", "braked", "nobody"),
    [
        ("released", "low", "low", False),
        ("released", "high", "high", False),
        ("raised", "low", "medium", False),
        ("raised", "medium", "high", False),
        ("raised", "high", "high", True),
        ("paused", "low", "low", True),
        ("paused", "high", "high", True),
    ],
)
def test_what_a_level_does_to_a_band(level, band, braked, nobody):
    assert (braked_band(level, band), asks_nobody(level, band)) == (braked, nobody)


def test_without_a_brake_in_the_file_the_budget_only_alerts():
    free = campaign(budget=Budget(brake=False))
    assert next_brake(free, "arz", None, burning(), NOW) is None


def test_the_share_allowed_is_the_campaigns_own():
    assert next_brake(campaign(budget=Budget(disputes=0.5)), "arz", None, burning(), NOW) is None
    assert next_brake(campaign(budget=Budget(disputes=0.001)), "arz", None, burning(shown=50, disputed=1), NOW)


counts = st.integers(0, 200).flatmap(
    lambda shown: st.integers(0, shown).flatmap(lambda k: st.builds(Counts, st.just(shown), st.just(k), st.just(k)))
)
buckets = st.dictionaries(st.integers(0, LONGEST // BUCKET), counts, max_size=30).map(
    lambda found: {bucket_of(NOW) - age: each for age, each in found.items()}
)
brakes = st.none() | st.builds(
    set_at,
    st.integers(0, 900).map(lambda ago: NOW - ago * BUCKET),
    st.sampled_from(LEVELS),
    st.sampled_from(["person"]),
)


@given(buckets, brakes, st.sampled_from(["low", "medium", "high"]))
def test_it_is_never_loosened_and_each_step_is_told_whole(found, brake, band):
    stricter = replace(CAMPAIGN, nudge=Asking(band=band))
    before = brake.level if brake else "released"
    tighter = next_brake(stricter, "arz", brake, found, NOW)
    if tighter is None:
        return
    assert LEVELS.index(tighter.level) > LEVELS.index(before)
    assert not asks_nobody(before, band)
    assert tighter.set_by == "insights"
    assert tighter.rate > tighter.allowed
    assert str(tighter.disputed) in tighter.reason
    assert len(tighter.reason) <= 300
    # Asked again at once, it has nothing to add.
    assert next_brake(stricter, "arz", tighter, found, NOW) is None
    value, headers = encode(tighter, envelope_of(tighter, id="b", source="test", time=NOW.isoformat()))
    assert decode(BrakeSet, value, headers).event == tighter
