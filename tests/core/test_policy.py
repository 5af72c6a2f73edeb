"""Whom the policy asks, and whom it leaves alone: one row a rule, in the four languages, and what must always hold."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.assignment import in_holdout
from mahlan.core.campaign import Asking, QuietHours, Switches
from mahlan.core.decision import apply_ruling
from mahlan.core.history import CAP_WINDOW, no_history, remember
from mahlan.core.policy import RULES, decide, make_ruling, rules_table
from mahlan.core.signals import SIGNALS
from mahlan.events.comment import Verdict
from tests.core.policy_cases import FRIENDLY, NOON, campaign, history, scored

CAMPAIGN = campaign()
NOTHING = no_history("a" * 32, NOON)
#: An author of the arm ``plain``; the one of ``scored`` is of ``norm``.
PLAIN = "h" * 32
LOW = Verdict(toxic=True, label="insult", band="low", score=0.6)

# (what is special about the comment, the decision, its reason)
CASES = [
    ({}, "nudge", "over_band"),
    ({"verdict": FRIENDLY}, "none", "not_toxic"),
    ({"verdict": LOW}, "none", "under_band"),
    ({"signals": ("self_harm",)}, "suppress", "self_harm"),
    ({"signals": ("self_harm",), "verdict": FRIENDLY}, "suppress", "self_harm"),
    ({"campaign_tags": ("فكرقبلماتنشر",)}, "suppress", "campaign_tag"),
    ({"campaign_tags": ("اناضدالتنمر",)}, "suppress", "campaign_tag"),
    ({"campaign_tags": ("anothercampaign",)}, "nudge", "over_band"),
    ({"campaign_tags": ("فكرقبلماتنشر",), "verdict": FRIENDLY}, "none", "not_toxic"),
    ({"length": 2}, "suppress", "too_short"),
    ({"length": 3}, "nudge", "over_band"),
    ({"language": "und", "script": "Zyyy"}, "suppress", "unknown_language"),
    ({"language": "fr", "script": "Latn"}, "suppress", "unknown_language"),
    ({"signals": ("victim_report",)}, "suppress", "victim_report"),
    ({"signals": ("counter_speech",)}, "suppress", "counter_speech"),
    ({"signals": ("quoting",)}, "suppress", "quoting"),
    ({"signals": ("self_directed",)}, "suppress", "self_directed"),
    ({"signals": ("praise",)}, "suppress", "praise"),
    ({"reply_to": "own_thread"}, "suppress", "own_thread"),
    ({"reply_to": "mutual"}, "suppress", "mutual"),
    ({"reply_to": "stranger"}, "nudge", "over_band"),
    ({"signals": ("a_signal_of_tomorrow",)}, "nudge", "over_band"),
]


@pytest.mark.parametrize(("special", "kind", "reason"), CASES)
@pytest.mark.parametrize(
    ("language", "script"), [("arz", "Arab"), ("ar", "Arab"), ("arz-Latn", "Latn"), ("en", "Latn")]
)
def test_each_rule_in_each_language(special, kind, reason, language, script):
    decision = decide(scored(**{"language": language, "script": script, **special}), CAMPAIGN, NOTHING, NOON)
    assert (decision.kind, decision.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("past", "now", "kind", "reason"),
    [
        (history(9), NOON, "suppress", "cooling_down"),
        (history(10), NOON, "nudge", "over_band"),
        (history(9, kind="holdout"), NOON, "suppress", "cooling_down"),
        (history(300, 200, 100), NOON, "suppress", "capped"),
        (history(24 * 60, 200, 100), NOON, "nudge", "over_band"),
        (history(-5), NOON, "suppress", "cooling_down"),  # another door's clock runs ahead
    ],
)
def test_caps_and_cooldown(past, now, kind, reason):
    decision = decide(scored(), CAMPAIGN, past, now)
    assert (decision.kind, decision.reason) == (kind, reason)


def test_a_later_revision_of_a_nudged_draft_is_left_alone():
    first = decide(scored(), CAMPAIGN, NOTHING, NOON)
    later = NOON + timedelta(hours=1)
    second = decide(scored(revision=1), CAMPAIGN, remember(NOTHING, first), later)
    assert (second.kind, second.reason) == ("suppress", "already_nudged")
    assert second.decision_id != first.decision_id


def test_quiet_hours_run_over_midnight_in_the_campaigns_time_zone():
    quiet = campaign(quiet_hours=QuietHours(starts="23:00", ends="07:00"))
    asked = {hour: decide(scored(), quiet, NOTHING, NOON.replace(hour=hour)).kind for hour in range(24)}
    # Cairo is two hours ahead of UTC in November.
    assert sorted(hour for hour, kind in asked.items() if kind == "suppress") == [0, 1, 2, 3, 4, 21, 22, 23]


def test_a_campaign_that_is_over_or_off_asks_nobody():
    for change in ({"active": False}, {"ends": date(2026, 11, 22)}, {"starts": date(2026, 11, 24)}):
        decision = decide(scored(), campaign(**change), NOTHING, NOON)
        assert (decision.kind, decision.reason) == ("none", "campaign_inactive")
    assert decide(scored(), campaign(starts=NOON.date(), ends=NOON.date()), NOTHING, NOON).kind == "nudge"


def test_a_switched_off_rule_holds_nothing_back_but_self_harm_always_does():
    off = campaign(rules=Switches(**{field.name: False for field in fields(Switches)}))
    everything = {"signals": SIGNALS[1:], "campaign_tags": ("practicethepause",)}
    for reply_to in ("own_thread", "mutual"):
        assert decide(scored(reply_to=reply_to, **everything), off, NOTHING, NOON).kind == "nudge"
    assert decide(scored(signals=SIGNALS), off, NOTHING, NOON).reason == "self_harm"


def test_every_switch_is_a_rule():
    assert {field.name for field in fields(Switches)} <= {rule.reason for rule in RULES}


def test_a_band_may_differ_by_language():
    stricter = campaign(nudge=Asking(band="low", band_by_language={"en": "high"}))
    assert decide(scored(verdict=LOW), stricter, NOTHING, NOON).kind == "nudge"
    assert decide(scored(verdict=LOW, language="en", script="Latn"), stricter, NOTHING, NOON).reason == "under_band"


@pytest.mark.parametrize(
    ("language", "script", "worded"),
    [
        ("arz", "Arab", "arz"),
        ("ar", "Arab", "ar"),
        ("ar-MA", "Arab", "ar"),
        ("arz-Latn", "Latn", "arz-Latn"),
        ("ar-Latn", "Latn", "arz-Latn"),
        ("en", "Latn", "en"),
        ("en-GB", "Latn", "en"),
        ("mixed", "Arab", "arz"),
        ("mixed", "Latn", "arz-Latn"),
        ("mixed", "Zyyy", "arz"),
    ],
)
def test_the_wording_is_in_the_authors_language_and_script(language, script, worded):
    decision = decide(scored(language=language, script=script), CAMPAIGN, NOTHING, NOON)
    assert decision.wording is not None
    assert decision.wording.language == worded


def test_only_a_nudge_has_wording_and_spans_and_a_holdout_looks_like_nothing():
    held = campaign(holdout=replace(CAMPAIGN.holdout, share=1.0))
    nudge, holdout = (decide(scored(), each, NOTHING, NOON) for each in (CAMPAIGN, held))
    assert (nudge.kind, nudge.spans, nudge.wording is None) == ("nudge", ([0, 4],), False)
    assert (holdout.kind, holdout.spans, holdout.wording) == ("holdout", (), None)
    assert holdout.decision_id == nudge.decision_id


def test_a_decision_tells_the_comments_platform_and_came_by_the_stream():
    decision = decide(scored(platform="square.example"), CAMPAIGN, NOTHING, NOON)
    assert (decision.platform, decision.door) == ("square.example", "stream")
    assert decide(scored(), CAMPAIGN, NOTHING, NOON).platform is None


@pytest.mark.parametrize("comment", [scored(), scored(verdict=FRIENDLY), scored(signals=("praise",))])
def test_a_ruling_makes_the_decision_that_was_made_at_the_door(comment):
    ruling = make_ruling(comment, CAMPAIGN, NOTHING, NOON)
    assert apply_ruling(comment, ruling) == replace(decide(comment, CAMPAIGN, NOTHING, NOON), door="check")
    assert (ruling.wording is not None) == (ruling.kind == "nudge")


def test_every_variant_of_a_wording_is_used_and_always_the_same_for_a_comment():
    chosen = {n: decide(scored(f"c-{n}", author_key=PLAIN), CAMPAIGN, NOTHING, NOON).wording for n in range(64)}
    assert {wording.id for wording in chosen.values() if wording} == {"arz-1", "arz-2"}
    assert all(decide(scored(f"c-{n}", author_key=PLAIN), CAMPAIGN, NOTHING, NOON).wording == chosen[n] for n in chosen)


def test_the_docs_show_the_rules_as_they_are():
    page = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text(encoding="utf-8")
    assert rules_table() in page
    assert all(rule.meaning for rule in RULES)
    assert len({rule.reason for rule in RULES}) == len(RULES)


steps = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 6), st.integers(0, 2), st.sampled_from(("arz", "en", "und"))),
    max_size=60,
)


@given(steps, st.integers(1, 5), st.integers(0, 60), st.booleans())
def test_no_sequence_of_comments_gets_more_nudges_than_caps_and_cooldown_allow(comments, per_day, cooldown, held):
    holdout = replace(CAMPAIGN.holdout, share=1.0 if held else 0.0)
    asking = Asking(per_day=per_day, cooldown_minutes=cooldown)
    capped = replace(CAMPAIGN, nudge=asking, holdout=holdout)
    now, past, counted = NOON, NOTHING, []
    for minutes, comment, revision, language in comments:
        now += timedelta(minutes=minutes)
        decision = decide(scored(f"c-{comment}", revision=revision, language=language), capped, past, now)
        past = remember(past, decision)
        if decision.kind in {"nudge", "holdout"}:
            counted.append((now, comment))
    times = [time for time, _ in counted]
    assert all(b - a >= timedelta(minutes=cooldown) for a, b in pairwise(times))
    assert all(times[i + per_day] - times[i] >= CAP_WINDOW for i in range(len(times) - per_day))
    near = [(a, b) for i, a in enumerate(counted) for b in counted[i + 1 :] if b[0] - a[0] < CAP_WINDOW]
    assert all(a[1] != b[1] for a, b in near)


texts = st.text(min_size=1, max_size=12)


@given(
    language=texts,
    script=st.text(min_size=4, max_size=4),
    length=st.integers(0, 2**31 - 1),
    toxic=st.booleans(),
    band=st.sampled_from(("none", "low", "medium", "high")),
    signals=st.lists(texts),
    tags=st.lists(texts),
    comment_id=texts,
    revision=st.integers(0, 10**6),
    ago=st.lists(st.floats(-1e5, 1e5), max_size=5),
)
def test_decide_is_total(language, script, length, toxic, band, signals, tags, comment_id, revision, ago):
    comment = scored(
        comment_id,
        language=language,
        script=script,
        length=length,
        revision=revision,
        signals=tuple(signals),
        campaign_tags=tuple(tags),
        verdict=Verdict(toxic=toxic, band=band, label="insult" if toxic else None),
    )
    decision = decide(comment, CAMPAIGN, history(*ago), NOON)
    assert (decision.kind, decision.reason) in {(rule.kind, rule.reason) for rule in RULES}
    assert (decision.wording is not None) == (decision.kind == "nudge")
    assert decision == decide(comment, CAMPAIGN, history(*ago), NOON)


def test_about_the_share_is_held_out_and_a_larger_share_keeps_everybody():
    authors = [f"author-{n}" for n in range(4000)]
    tenth = {a for a in authors if in_holdout(a, "fakkar-eg", "a salt of tests", 0.10)}
    fifth = {a for a in authors if in_holdout(a, "fakkar-eg", "a salt of tests", 0.20)}
    other = {a for a in authors if in_holdout(a, "fakkar-eg", "another salt", 0.10)}
    assert 320 <= len(tenth) <= 480  # 400 ± 4 standard deviations
    assert tenth < fifth
    assert len(tenth & other) < 80  # 40 expected by chance: salts do not share a holdout
