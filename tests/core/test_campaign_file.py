"""Campaign files: what ships is kind and complete; what is wrong is told by file, key and fix."""

from __future__ import annotations

import re

import pytest

from mahlan.core.campaign_file import parse_campaign, version_of
from mahlan.core.campaign_meaning import count_sentences
from mahlan.core.entities import fold_hashtag
from mahlan.core.signals import campaign_tags
from mahlan.errors import CampaignError
from tests.core.policy_cases import CAMPAIGN_FILE

SHIPPED = CAMPAIGN_FILE.read_text(encoding="utf-8")


def test_the_campaign_that_ships():
    campaign = parse_campaign(SHIPPED, "fakkar-eg.toml")
    assert campaign.version == version_of(SHIPPED)
    assert re.fullmatch("[0-9a-f]{12}", campaign.version)
    assert campaign.version != parse_campaign(SHIPPED + "\n", "x").version
    assert {wording.language for wording in campaign.wording} == {"arz", "ar", "arz-Latn", "en"}
    assert campaign.holdout.share >= 0.05
    assert campaign.quiet_hours is None
    assert (campaign.budget.disputes, campaign.budget.brake) == (0.02, True)


@pytest.mark.parametrize(
    "tag",
    [
        "#فكر_قبل_ما_تنشر",
        "#فكّر_قبل_ما_تنشر",
        "#PracticeThePause",
        "#أنا_ضد_التنمر",
        "#انا_ضد_التنمر",
        "#imagainstbullying",
    ],
)
def test_spellings_and_predecessors_of_the_hashtag_belong_to_the_campaign(tag):
    campaign = parse_campaign(SHIPPED, "fakkar-eg.toml")
    assert campaign_tags((tag, "#football"), (campaign,)) == (fold_hashtag(tag),)


def test_hashtags_of_no_campaign_go_no_further():
    campaign = parse_campaign(SHIPPED, "fakkar-eg.toml")
    assert campaign_tags((), (campaign,)) == ()
    assert campaign_tags(("#football",), (campaign,)) == ()
    assert campaign_tags(("#Practicethepause",), ()) == ()
    assert campaign_tags(("#Practicethepause", "#practice_the_pause"), (campaign,)) == ("practicethepause",)


def test_no_wording_speaks_about_the_person_or_shows_a_score():
    for wording in parse_campaign(SHIPPED, "fakkar-eg.toml").wording:
        assert count_sentences(wording.text) <= 2
        assert not re.search(r"toxic|score|\d\s*%|you are|you're|انت |إنت |أنت ", wording.text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("share = 0.10", "share = 0.01", "holdout.share: at least 0.05"),
        ("share = 0.10", "share = 0.9", "holdout.share: at most 0.5"),
        ('salt = "fakkar-eg-2026-wave-1"', "", "holdout.salt: this key is missing; add it"),
        ("per_day = 3", "per_dya = 3", "nudge.per_dya: no such key; did you mean 'per_day'?"),
        ("per_day = 3", 'per_day = "3"', "nudge.per_day: write a whole number without quotes"),
        ("per_day = 3", "per_day = 0", "nudge.per_day: at least 1"),
        ('band = "medium"', 'band = "none"', "nudge.band: write 'low', 'medium' or 'high'"),
        (
            'direction = "rtl"',
            'direction = "ltr"',
            "wording[1].direction: the text begins in the other direction; write 'rtl'",
        ),
        ('direction = "rtl"', 'direction = "up"', "wording[1].direction: write 'rtl'"),
        ('timezone = "Africa/Cairo"', 'timezone = "Cairo"', "timezone: not a time zone; write a name such as"),
        ('timezone = "Africa/Cairo"', 'timezone = "../etc"', "timezone: not a time zone"),
        ("disputes = 0.02", "disputes = 2", "budget.disputes: write a share above 0 and up to 0.5"),
        ("disputes = 0.02", "disputes = 0", "budget.disputes: "),
        ("disputes = 0.02", 'disputes = "2 %"', "budget.disputes: write a share above 0 and up to 0.5"),
        ("brake = true", 'brake = "on"', "budget.brake: write true or false"),
        ("brake = true", "break = true", "budget.break: no such key; did you mean 'brake'?"),
        ("title =", "title", "not valid TOML"),
        ('id = "arz-2"', 'id = "arz-1"', "wording[2].id: 'arz-1' is used twice"),
        ('id = "fakkar-eg"', 'id = "Fakkar EG"', "id: write small Latin letters"),
        ('"ar", "arz-Latn", "en"]\n\n', '"ar", "arz-Latn", "en", "fr"]\n\n', "languages[5]: fr has no [[wording]]"),
        (
            '"ar", "arz-Latn", "en"]\n\n',
            '"ar", "arz-Latn"]\n\n',
            "wording[7].language: en is not in languages",
        ),
        ('mixed = ["arz"]', 'mixed = ["fr"]', "fallback.mixed[1]: fr has no [[wording]]"),
        ('"#Practicethepause"', '"Practice the pause"', "hashtags.current[2]: write it as people do"),
        ("# starts = 2026-11-20", "starts = 2026-11-20\nends = 2026-11-19", "ends: the campaign ends before it starts"),
        ("active = true", 'active = true\nversion = "1"', "version: no such key"),
        ("[holdout]", '[quiet_hours]\nstarts = "25:00"\nends = "07:00"\n[holdout]', "quiet_hours.starts: write a time"),
        ("نراجعه سوا قبل النشر؟", "نراجعه سوا؟ قبل النشر. ماشي؟", "wording[1].text: more than 2 sentences"),
    ],
)
def test_what_is_wrong_is_told_by_file_key_and_fix(old, new, told):
    assert old in SHIPPED
    with pytest.raises(CampaignError) as caught:
        parse_campaign(SHIPPED.replace(old, new, 1), "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")
    assert told in str(caught.value)


def test_only_a_test_campaign_may_hold_nobody_out():
    text = SHIPPED.replace("share = 0.10", "share = 0.0", 1)
    assert parse_campaign(text.replace("active = true", "active = true\ntest = true", 1), "x").holdout.share == 0.0


@pytest.mark.parametrize(
    ("text", "count"), [("واحدة؟", 1), ("One. Two", 2), ("a… b! c?", 3), ("3.5 is one", 1), ("", 0)]
)
def test_sentences(text, count):
    assert count_sentences(text) == count
