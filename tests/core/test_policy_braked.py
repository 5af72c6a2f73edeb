"""What a brake changes in the policy: one band more, or nobody; and what it leaves as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.campaign import Asking, QuietHours
from mahlan.core.history import no_history
from mahlan.core.policy import RULES, decide, make_ruling
from mahlan.core.signals import SIGNALS
from mahlan.events.brake import LEVELS, BrakeLevel
from mahlan.events.comment import Verdict
from tests.core.policy_cases import FRIENDLY, NOON, campaign, history, scored

CAMPAIGN = campaign()
NOTHING = no_history("a" * 32, NOON)
BANDS = ("low", "medium", "high")
LANGUAGES = [("arz", "Arab"), ("ar", "Arab"), ("arz-Latn", "Latn"), ("en", "Latn")]


def verdict(band):
    return FRIENDLY if band == "none" else Verdict(toxic=True, label="insult", band=band, score=0.8)


def reason(brake, own="medium", past=NOTHING, **special):
    asking = replace(CAMPAIGN, nudge=Asking(band=own))
    decision = decide(scored(**special), asking, past, NOON, brake)
    assert (decision.wording is not None) == (decision.kind == "nudge")
    return decision.reason


@pytest.mark.parametrize(("language", "script"), LANGUAGES)
@pytest.mark.parametrize(
    ("own", "brake", "reasons"),
    [
        ("low", "released", ["over_band", "over_band", "over_band"]),
        ("low", "raised", ["under_band", "over_band", "over_band"]),
        ("low", "paused", ["paused", "paused", "paused"]),
        ("medium", "released", ["under_band", "over_band", "over_band"]),
        ("medium", "raised", ["under_band", "under_band", "over_band"]),
        ("medium", "paused", ["under_band", "paused", "paused"]),
        ("high", "released", ["under_band", "under_band", "over_band"]),
        ("high", "raised", ["under_band", "under_band", "paused"]),
        ("high", "paused", ["under_band", "under_band", "paused"]),
    ],
)
def test_a_brake_asks_for_one_band_more_then_nobody(language, script, own, brake, reasons):
    told = [reason(brake, own, language=language, script=script, verdict=verdict(band)) for band in BANDS]
    assert told == reasons


@pytest.mark.parametrize(
    ("special", "told"),
    [
        ({"signals": ("self_harm",)}, "self_harm"),
        ({"signals": ("self_harm",), "verdict": FRIENDLY}, "self_harm"),
        ({"verdict": FRIENDLY}, "not_toxic"),
        ({"signals": ("victim_report",)}, "victim_report"),
        ({"signals": ("counter_speech",)}, "counter_speech"),
        ({"campaign_tags": ("فكرقبلماتنشر",)}, "campaign_tag"),
        ({"reply_to": "mutual"}, "mutual"),
        ({"language": "fr", "script": "Latn"}, "unknown_language"),
        ({"past": history(5)}, "cooling_down"),
        ({"past": history(300, 200, 100)}, "capped"),
        ({}, "paused"),
    ],
)
def test_a_pause_is_the_reason_only_where_there_is_no_other(special, told):
    assert reason("paused", **special) == told


def test_at_night_it_is_the_hour_and_in_the_holdout_it_is_the_pause():
    quiet = campaign(quiet_hours=QuietHours(starts="11:00", ends="13:00"))
    assert decide(scored(), quiet, NOTHING, NOON, "paused").reason == "quiet_hours"
    held = campaign(holdout=replace(CAMPAIGN.holdout, share=1.0))
    assert [decide(scored(), held, NOTHING, NOON, brake).kind for brake in LEVELS] == ["holdout", "holdout", "suppress"]
    assert make_ruling(scored(), held, NOTHING, NOON, "paused").reason == "paused"


def test_a_pause_is_a_suppression_just_before_the_holdout():
    reasons = [rule.reason for rule in RULES]
    assert reasons[reasons.index("paused") + 1 :] == ["holdout", "over_band"]
    assert RULES[reasons.index("paused")].kind == "suppress"


def test_levels_are_those_of_the_event():
    assert get_args(BrakeLevel) == LEVELS


@given(
    own=st.sampled_from(BANDS),
    band=st.sampled_from(("none", *BANDS)),
    signals=st.lists(st.sampled_from(SIGNALS), max_size=2).map(tuple),
    ago=st.lists(st.floats(0, 3000), max_size=3),
    share=st.sampled_from((0.0, 1.0)),
)
def test_a_tighter_brake_asks_nobody_more_and_changes_no_other_reason(own, band, signals, ago, share):
    asking = replace(campaign(holdout=replace(CAMPAIGN.holdout, share=share)), nudge=Asking(band=own))
    comment = scored(verdict=verdict(band), signals=signals)
    free, raised, paused = (decide(comment, asking, history(*ago), NOON, brake) for brake in LEVELS)
    assert free == decide(comment, asking, history(*ago), NOON)
    asked = [one.kind in {"nudge", "holdout"} for one in (free, raised, paused)]
    assert asked == sorted(asked, reverse=True)
    assert not asked[-1]
    for braked in (raised, paused):
        assert braked == free or braked.reason in {"under_band", "paused"}
