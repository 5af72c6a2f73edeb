"""What is wrong in a campaign file: all of it at once, each with its line, in words for who does not program."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.campaign_advice import advice
from mahlan.core.campaign_file import check_text, key_name, located, parse_campaign
from mahlan.core.campaign_source import read_source
from mahlan.errors import CampaignError
from tests.core.policy_cases import CAMPAIGN_FILE

SHIPPED = CAMPAIGN_FILE.read_text(encoding="utf-8")
TODAY = date(2026, 11, 29)
NUMBER = "a whole number without quotes, such as 3"
CONSENT = "say where the creator's agreement is kept; without one nobody is shown (or placeholder = true)"
VERIFIED = "the day on which somebody last saw that help answers there; without it nobody is sent there"
HELLO = 'text = "Hello."'
MEDIA = "https://m.example/"

FULL = """
id = "mine"
title = "Mine"
languages = ["en"]
[audience]
surfaces = ["comment", "live_chat"]
[hashtags]
current = ["#one"]
[hashtags.variants]
"#one" = [
  "#won",
  "#1",
]
[holdout]
share = 0.1
salt = "a salt of tests"
[surfaces.live_chat]
cooldown_minutes = 30
[[wording]]
id = "en-1"
language = "en"
text = "Pause?"
edit = "Edit"
send = "Send"
dispute = "Wrong"
[[creators]]
id = "c-1"
consent = "file 7"
valid_until = 2027-01-01
[[creators.messages]]
language = "en"
text = "Hello."
[thanks]
en = "Thank you."
[support]
[[support.words]]
language = "en"
text = "You matter."
[[support.help]]
id = "line"
name = { en = "A line" }
phone = "123 456"
verified_on = 2026-11-01
[lesson]
[[lesson.cards]]
id = "pause"
language = "en"
title = "A second"
text = "Read it once more."
[experiment]
follow_up_days = 7
"""


def told(text: str) -> list[str]:
    return [str(problem) for problem in check_text(text).problems]


def line(text: str, of: str) -> int:
    return text[: text.index(of)].count("\n") + 1


def changed(old: str, new: str) -> str:
    assert FULL.count(old) == 1, old
    return FULL.replace(old, new)


def test_a_file_with_every_key_is_right():
    assert told(FULL) == []
    assert check_text(FULL).campaign.tags == {"one": "#one", "won": "#one", "1": "#one"}


def test_every_problem_is_told_in_the_order_of_the_lines():
    text = changed('id = "mine"', 'id = "Not Mine"').replace("share = 0.1", "shaer = 0.1")
    text = text.replace('"#1"', '"one more"').replace("cooldown_minutes = 30", 'cooldown_minutes = "30"')
    text = text.replace('consent = "file 7"', 'consent = ""').replace("verified_on = 2026-11-01", "")
    assert told(text) == [
        "line 2: id: write small Latin letters, digits and hyphens",
        f"line {line(text, 'one more')}: hashtags.variants.#one[2]: write it as people do, '#' first and no spaces",
        f"line {line(text, 'shaer')}: holdout.shaer: no such key; did you mean 'share'?",
        f"line {line(text, 'cooldown')}: surfaces.live_chat.cooldown_minutes: write {NUMBER}",
        f"line {line(text, 'consent')}: creators[1].consent: {CONSENT}",
        f"line {line(text, '[[support.help]]')}: support.help[1].verified_on: {VERIFIED}",
    ]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('["comment", "live_chat"]', '["wall"]', "audience.surfaces[1]: write 'comment', 'reply'"),
        ("[surfaces.live_chat]", "[surfaces.wall]", "surfaces.wall: write 'comment', 'reply'"),
        ('"#one" = [', '"#two" = [', "hashtags.variants.#two: neither in current nor in earlier"),
        ("valid_until = 2027-01-01", 'valid_until = "soon"', "creators[1].valid_until: write a date without quotes"),
        ("valid_until =", "valid_from = 2027-02-01\nvalid_until =", "valid_until: ends before it begins"),
        (HELLO, f'{HELLO}\nvideo_url = "{MEDIA}1.mp4"', "messages[1].captions_url: a video needs captions"),
        (HELLO, f'{HELLO}\nvideo_url = "{MEDIA.replace("s:", ":")}"', "video_url: write an address that"),
        (HELLO, f'{HELLO}\nimage_url = "{MEDIA}1.jpg"', "messages[1].alt: say what the image"),
        (HELLO, 'text = "[PLACEHOLDER: hers]"', "creators[1].messages[1].text: this is the placeholder's text"),
        ('"A line"', '"[PLACEHOLDER]"', "support.help[1].name.en: this is the placeholder's text"),
        (HELLO, 'text = "1. 2. 3. 4. 5."', "creators[1].messages[1].text: more than 4 sentences"),
        ('phone = "123 456"', 'phone = "ask at the door"', "support.help[1].phone: write the number as it is dialled"),
        ('phone = "123 456"', "", "support.help[1].phone: a phone number or a url is needed"),
        ('en = "Thank you."', 'en = "1. 2. 3."', "thanks.en: more than 2 sentences"),
        ('title = "A second"', "", "lesson.cards[1].title: this key is missing"),
        ("follow_up_days = 7", "follow_up_days = 0", "experiment.follow_up_days: at least 1"),
        ('text = "Pause?"', 'text = "Pause?"\narm = "loud"', "wording[1].arm: write 'plain', 'highlight'"),
        ('title = "Mine"', "title = 3", "title: write a text in quotes"),
        ("[holdout]", "[holdout.more]\nx = 1\n[holdout]", "holdout.more: no such key"),
        ('[thanks]\nen = "Thank you."', "", ""),
    ],
)  # fmt: skip
def test_what_new_keys_must_be(old, new, what):
    problems = told(changed(old, new))
    assert [problem for problem in problems if what in problem] == problems
    assert bool(problems) == bool(what)


@pytest.mark.parametrize(
    ("old", "new", "wrong", "what"),
    [
        ('title = "Mine"', 'title = "Mine', 'title = "Mine', "a quote is missing at the end of the text"),
        ('title = "Mine"', 'title "Mine"', 'title "Mine"', "write key = value: the = is missing"),
        ("share = 0.1", "share = a tenth", "share = a", "write a text in quotes, a number"),
        ("share = 0.1", "share = 0.1\nshare = 0.2", "share = 0.2", "this key was written before"),
        ("[thanks]", "[holdout]", '[holdout]\nen', "this table was written before"),
        ('title = "Mine"', 'title = "Mine" id = "x"', 'title = "Mine" id', "one key a line"),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_told_by_its_line(old, new, wrong, what):
    text = changed(old, new)
    (problem, *_) = told(text)
    assert problem.startswith(f"line {line(text, wrong)}: not valid TOML: {what}")


def test_every_line_that_is_no_toml_is_told():
    text = changed('title = "Mine"', 'title = "Mine').replace('en = "Thank you."', "en: thank you")
    assert [problem.line for problem in check_text(text).problems] == [3, line(text, "en: thank")]


def test_the_error_of_a_service_tells_all_of_them_too():
    with pytest.raises(CampaignError) as caught:
        parse_campaign(changed("share = 0.1", 'share = "much"').replace("follow_up_days = 7", ""), "mine.toml")
    assert str(caught.value) == "mine.toml: line 15: holdout.share: write a number without quotes, such as 0.1"


def test_lines_of_quoted_dotted_and_inline_keys():
    source = read_source(
        'a.b = 1\n"x y" = { z = 2 }\n[[t]]\nu = [\n 1,\n 2]\n[[t]]\n[t.v]\nw = 3\n[[t.s]]\n[[t.s]]\nq = 1'
    )
    assert source.broken == []
    assert source.lines[("a", "b")] == 1
    assert source.lines[("x y", "z")] == 2
    assert source.lines[("t", 0, "u", 1)] == 6
    assert source.lines[("t", 1, "v", "w")] == 9
    assert source.lines[("t", 1, "s", 1, "q")] == 12
    assert source.line_of(("t", 1, "v", "missing")) == 8
    assert source.line_of(("nowhere",)) is None
    assert key_name(("t", 1, "v", "w")) == "t[2].v.w"


def test_advice_is_told_with_its_lines_and_keeps_nobody_from_serving():
    text = changed("verified_on = 2026-11-01", "verified_on = 2026-01-01").replace("2027-01-01", "2026-01-01")
    text = text.replace("Pause?", "You are 90 % toxic.")
    campaign = parse_campaign(text, "mine.toml")
    found = [str(each) for each in located(advice(campaign, TODAY), text)]
    assert [each.partition(": ")[2].partition(":")[0] for each in found] == [
        "wording[1].text",
        "creators[1].valid_until",
        "support.help[1].verified_on",
    ]
    assert "expired on 2026-06-30: nobody sees it" in found[2]


@given(st.text(), st.integers(0, len(FULL)), st.integers(0, 40))
def test_checking_is_total(noise, at, cut):
    checked = check_text(FULL[:at] + noise + FULL[at + cut :])
    assert (checked.campaign is None) == bool(checked.problems)


@given(st.sampled_from(range(SHIPPED.count("\n"))), st.sampled_from(("=", '"', "[", "]", " ")))
def test_a_file_that_ships_may_lose_any_sign_and_the_line_is_told(number, sign):
    lines = SHIPPED.split("\n")
    lines[number] = lines[number].replace(sign, "", 1)
    for problem in check_text("\n".join(lines)).problems:
        assert problem.told
        assert problem.line is None or 1 <= problem.line <= len(lines)
