"""From an author's own text to the decision: what the rules' cue words catch, and what they must not.

Every text counts as toxic here, so that nothing but a rule can hold the nudge back. Reading, signals, hashtags and the
policy are the services' own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mahlan.core.campaign import Audience, QuietHours, SurfaceAsking
from mahlan.core.decision import apply_ruling
from mahlan.core.history import no_history, remember
from mahlan.core.policy import RULES, decide, make_ruling
from mahlan.core.reading import read_comment
from mahlan.events.comment import CommentScored, CommentSubmitted, Context, Verdict
from mahlan.events.nudge import NudgeDecided
from mahlan.scoring.comments import scored_comment
from mahlan.scoring.model import Scores
from tests.core.policy_cases import HURTFUL, NOON, campaign
from tests.core.policy_texts import ASKED, TEXTS

CAMPAIGN = campaign()
AUTHOR = "a" * 32
NOTHING = no_history(AUTHOR, NOON)
INSULTS = ("انت غبي ومبتفهمش", "أنت أحمق ولا تفهم شيئًا", "enta ghaby w mabtefhamsh", "you are an idiot")
ROWS = [(rule, text) for rule, texts in TEXTS.items() for text in texts]


def read(text: str, verdict: Verdict = HURTFUL, **told: Any) -> CommentScored:
    """The comment as the scorer passes it on."""
    submitted = CommentSubmitted(comment_id="c-1", text=text, occurred_at=NOON, author_key=AUTHOR, **told)
    found = Scores({"insult": 0.95}, verdict, spans=((0, 1),), model="fast@1")
    return scored_comment(read_comment(submitted, AUTHOR), found, "fast@1", (CAMPAIGN,))


def decided(text: str, history=NOTHING, campaign=CAMPAIGN, **told: Any) -> NudgeDecided:
    return decide(read(text, **told), campaign, history, NOON)


def outcome(text: str, **told: Any) -> tuple[str, str]:
    decision = decided(text, **told)
    return decision.kind, decision.reason


@pytest.mark.parametrize(("rule", "text"), ROWS)
def test_who_is_never_asked(rule, text):
    assert outcome(text) == ("suppress", rule)


@pytest.mark.parametrize("text", ASKED)
def test_their_neighbours_who_mean_to_hurt_are_asked(text):
    assert outcome(text) == ("nudge", "over_band")


@pytest.mark.parametrize("rule", sorted(set(TEXTS) - {"self_harm"}))
def test_a_rule_that_is_switched_off_lets_its_texts_be_asked(rule):
    off = replace(CAMPAIGN, rules=replace(CAMPAIGN.rules, **{rule: False}))
    asked = [text for text in TEXTS[rule] if decided(text, campaign=off).kind == "nudge"]
    assert len(asked) >= len(TEXTS[rule]) - 3  # a few carry another rule's cue as well


@pytest.mark.parametrize("text", TEXTS["self_harm"])
@pytest.mark.parametrize("toxic", [True, False])
def test_nobody_in_danger_is_asked_or_counted_as_toxic(text, toxic):
    comment = read(text, HURTFUL if toxic else Verdict(toxic=False, score=0.05))
    decision = decide(comment, CAMPAIGN, NOTHING, NOON)
    assert (decision.kind, decision.reason) == ("suppress", "self_harm")
    assert (decision.label, decision.band, decision.score, decision.spans) == (None, "none", 0.0, ())
    assert (comment.verdict, comment.spans) == (Verdict(toxic=False), ())
    assert remember(NOTHING, decision) is NOTHING, "nothing of it is remembered against the author"


def test_a_ruling_of_an_older_gateway_counts_as_little():
    before = replace(read("ana 3ayza amoot bgad"), verdict=HURTFUL, spans=([0, 3],))
    decision = apply_ruling(before, make_ruling(before, CAMPAIGN, NOTHING, NOON))
    assert (decision.label, decision.band, decision.score, decision.spans) == (None, "none", 0.0, ())


@pytest.mark.parametrize(
    "tag",
    [
        "#فكر_قبل_ما_تنشر",
        "#فكّر_قبل_ما_تنشر",
        "#Practicethepause",
        "#practice_the_pause",
        "#أنا_ضد_التنمر",
        "#انا_ضد_التنمر",
        "#IMAgainstBullying",
    ],
)
@pytest.mark.parametrize("text", INSULTS)
def test_who_takes_part_in_the_challenge_is_not_asked(text, tag):
    assert outcome(f"{text} {tag}") == ("suppress", "campaign_tag")
    assert outcome(f"{text} #كورة")[0] == "nudge"


@pytest.mark.parametrize("text", INSULTS)
@pytest.mark.parametrize(("reply_to", "reason"), [("mutual", "mutual"), ("own_thread", "own_thread")])
def test_banter_between_friends_and_in_ones_own_thread_is_left_alone(text, reply_to, reason):
    assert outcome(text, context=Context(reply_to=reply_to)) == ("suppress", reason)
    assert outcome(text, context=Context(reply_to="stranger"))[0] == "nudge"


@pytest.mark.parametrize("text", INSULTS)
@pytest.mark.parametrize("role", ["staff", "bot"])
def test_staff_and_bots_are_not_asked(text, role):
    assert outcome(text, context=Context(author_role=role)) == ("suppress", "staff_or_bot")
    off = replace(CAMPAIGN, rules=replace(CAMPAIGN.rules, staff_or_bot=False))
    assert decided(text, campaign=off, context=Context(author_role=role)).kind == "nudge"


@pytest.mark.parametrize("text", ["你是个笨蛋，滚开", "ты дурак и ничего не понимаешь", "😂😂😂🖕🖕"])
def test_who_writes_in_a_language_without_words_is_not_asked(text):
    assert outcome(text) == ("suppress", "unknown_language")


@pytest.mark.parametrize("text", ["يا", "😂", "ya", "k"])
def test_what_is_too_short_to_judge_is_left_alone(text):
    assert outcome(text) == ("suppress", "too_short")


def test_a_least_length_of_its_own_on_one_surface():
    long = replace(CAMPAIGN, surfaces={"live_chat": SurfaceAsking(min_length=20)})
    assert decided("you are an idiot", campaign=long, surface="live_chat").reason == "too_short"
    assert decided("you are an idiot", campaign=long).kind == "nudge"


def test_whom_a_campaign_does_not_address_it_does_not_ask():
    square = replace(CAMPAIGN, audience=Audience(platforms=("square.example",), surfaces=("comment", "reply")))
    assert decided(INSULTS[0], campaign=square, platform="square.example").kind == "nudge"
    for told in ({}, {"platform": "round.example"}, {"platform": "square.example", "surface": "live_chat"}):
        decision = decided(INSULTS[0], campaign=square, **told)
        assert (decision.kind, decision.reason) == ("none", "not_addressed")
    assert decided("نفسي أموت", campaign=square).reason == "self_harm"


def test_asked_at_the_gateway_is_not_asked_again_when_the_stream_brings_it():
    comment = read(INSULTS[0])
    ruling = make_ruling(comment, CAMPAIGN, NOTHING, NOON)
    known = remember(NOTHING, apply_ruling(comment, ruling))
    posted = replace(read(INSULTS[0] + " خالص"), revision=1, state="posted")
    decision = decide(posted, CAMPAIGN, known, NOON + timedelta(hours=1))
    assert (decision.kind, decision.reason) == ("suppress", "already_nudged")


@pytest.mark.parametrize("held", [False, True])
def test_cooling_down_and_capped_hold_in_the_holdout_too(held):
    share = replace(CAMPAIGN.holdout, share=1.0 if held else 0.0)
    held_out = replace(CAMPAIGN, holdout=share)
    history, now, reasons = NOTHING, NOON, []
    for number in range(5):
        decision = decide(replace(read(INSULTS[0]), comment_id=f"c-{number}"), held_out, history, now)
        history, reasons = remember(history, decision), [*reasons, decision.reason]
        now += timedelta(minutes=5 if number == 0 else 15)
    first = "holdout" if held else "over_band"
    assert reasons == [first, "cooling_down", first, first, "capped"]


def test_caps_of_one_surface_stand_beside_the_campaigns():
    chat = replace(CAMPAIGN, surfaces={"live_chat": SurfaceAsking(per_day=1, cooldown_minutes=60)})
    first = decide(read(INSULTS[0], surface="live_chat"), chat, NOTHING, NOON)
    history = remember(NOTHING, first)
    assert history.nudges[0].surface == "live_chat"

    def later(minutes: int, surface: Any) -> str:
        comment = replace(read(INSULTS[0], surface=surface), comment_id="c-2")
        return decide(comment, chat, history, NOON + timedelta(minutes=minutes)).reason

    assert later(120, "live_chat") == "capped"
    assert later(30, "live_chat") == "capped"
    assert later(30, "comment") == "over_band"
    other = remember(NOTHING, decide(read(INSULTS[0]), chat, NOTHING, NOON))
    again = replace(read(INSULTS[0], surface="live_chat"), comment_id="c-2")
    assert decide(again, chat, other, NOON + timedelta(minutes=30)).reason == "cooling_down"
    assert decide(again, chat, other, NOON + timedelta(minutes=90)).reason == "over_band"


def test_quiet_hours_are_the_campaigns_own_time():
    night = replace(CAMPAIGN, quiet_hours=QuietHours(starts="11:30", ends="12:30"))
    assert decided(INSULTS[0], campaign=night).reason == "quiet_hours"  # noon in Cairo


def test_every_rule_of_the_policy_is_tested_from_a_text_or_by_its_date():
    here = {
        *TEXTS,
        "not_addressed",
        "staff_or_bot",
        "campaign_tag",
        "too_short",
        "unknown_language",
        "own_thread",
        "mutual",
        "already_nudged",
        "capped",
        "cooling_down",
        "quiet_hours",
        "holdout",
        "over_band",
    }
    elsewhere = {"not_toxic", "under_band", "campaign_inactive", "paused"}  # tests/core/test_policy.py
    assert {rule.reason for rule in RULES} <= here | elsewhere
