"""``mahlan campaigns check``: what a campaign writer is told, and the preview that others read before it is shown."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser

import orjson
import pytest

from mahlan.core.campaign_advice import advice
from mahlan.core.campaign_file import parse_campaign
from mahlan.core.campaign_meaning import UNFILLED, count_sentences
from mahlan.core.wording import speakers
from tests.cli.conftest import ROOT

FILES = sorted((ROOT / "campaigns").glob("*.toml"))
SHIPPED = {path.stem: parse_campaign(path.read_text(encoding="utf-8"), path.name) for path in FILES}


def rows(done) -> list[dict]:
    return [orjson.loads(line) for line in done.stdout.splitlines()]


def on_a_terminal(environment: dict[str, str], *arguments: str) -> str:
    """What a person sees: the command with a terminal for its output."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mahlan", *arguments]
    process = subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL, env={**environment, "TERM": "dumb"})
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the command has ended
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    process.wait(60)
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())


class Page(HTMLParser):
    """Text, tags and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.words = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def test_three_campaigns_ship_and_are_right(mahlan):
    done = mahlan("campaigns", "check")
    assert done.returncode == 0
    found = {row["id"]: row for row in rows(done)}
    assert set(found) == {"fakkar-eg", "school-term", "english-default"} == set(SHIPPED)
    assert "#Practicethepause" in found["fakkar-eg"]["hashtags"]


@pytest.mark.parametrize("campaign", SHIPPED.values(), ids=list(SHIPPED))
def test_what_ships_speaks_of_the_words_briefly_in_every_language(campaign):
    assert all(count_sentences(words.text) <= 2 for words in campaign.wording)
    told = [trouble.told for trouble in advice(campaign, datetime.now(UTC).date())]
    assert [each for each in told if "placeholder" not in each] == []
    for language in campaign.languages:
        arms = {words.arm for words in campaign.wording if words.language == language}
        assert arms == {"plain", "highlight", "norm"}
        assert language in campaign.thanks
        assert language in {words.language for words in campaign.support.words}
        assert language in {card.language for card in campaign.lesson.cards}


@pytest.mark.parametrize("campaign", SHIPPED.values(), ids=list(SHIPPED))
def test_what_ships_invents_nobodys_words_and_sends_nobody_where_none_has_called(campaign):
    today = datetime.now(UTC).date()
    assert campaign.creators
    assert all(creator.placeholder and not creator.consent for creator in campaign.creators)
    assert all(UNFILLED in said.text for creator in campaign.creators for said in creator.messages)
    assert [speakers(campaign, language, today) for language in campaign.languages] == [[]] * len(campaign.languages)
    assert not any(place.is_fresh(today, campaign.support.expires_after_days) for place in campaign.support.help)


def test_every_problem_of_a_file_is_told_with_its_line(mahlan, tmp_path):
    path = tmp_path / "mine.toml"
    shipped = (ROOT / "campaigns" / "english-default.toml").read_text(encoding="utf-8")
    path.write_text(
        "\ufeff" + shipped.replace("per_day = 3", "per_dya = 3").replace("share = 0.10", "share = 0.01"), "utf-8"
    )
    done = mahlan("campaigns", "check", str(path))
    (row,) = rows(done)
    assert done.returncode == 1
    assert [problem["key"] for problem in row["problems"]] == ["nudge.per_dya", "holdout.share"]
    lines = shipped.splitlines()
    assert [lines[problem["line"] - 1] for problem in row["problems"]] == ["per_day = 3", "share = 0.10"]
    seen = on_a_terminal(dict(os.environ), "campaigns", "check", str(path))
    assert "wrong" in seen
    assert re.search(r"line \d+: nudge\.per_dya: no such key; did you mean 'per_day'\?", seen)


def test_a_person_sees_every_wording_on_a_line_of_its_own(environment):
    seen = on_a_terminal(environment, "campaigns", "check", str(ROOT / "campaigns" / "fakkar-eg.toml"), "--preview")
    lines = {line.strip() for line in seen.splitlines()}
    campaign = SHIPPED["fakkar-eg"]
    assert {words.text for words in campaign.wording} <= lines
    assert {each.text for each in campaign.support.words} | set(campaign.thanks.values()) <= lines
    assert "creator creator-1: not shown" in lines
    assert "help child-helpline-eg, 16000: not shown" in lines


def test_the_page_holds_every_wording_in_its_direction_and_loads_nothing(mahlan, tmp_path):
    path = tmp_path / "campaigns.html"
    done = mahlan("campaigns", "check", "--html", str(path))
    assert done.returncode == 0
    html = path.read_text(encoding="utf-8")
    page = Page(html)
    assert dict(page.tags)["html"] == {"lang": "ar", "dir": "rtl"}
    assert {words.text for campaign in SHIPPED.values() for words in campaign.wording} <= set(page.words)
    nudges = [told for tag, told in page.tags if told.get("class") == "nudge" and told.get("lang") in {"arz", "en"}]
    assert {(told["lang"], told["dir"]) for told in nudges} == {("arz", "rtl"), ("en", "ltr")}
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
    assert not re.search(r"url\(|https?://(?!www\.w3\.org)|src=|@import", html)


def test_no_text_of_a_campaign_becomes_markup_and_problems_are_on_the_page_too(mahlan, tmp_path):
    shipped = (ROOT / "campaigns" / "english-default.toml").read_text(encoding="utf-8")
    odd, wrong = tmp_path / "odd.toml", tmp_path / "wrong.toml"
    odd.write_text(
        shipped.replace('title = "Practice the pause"', 'title = "<script>alert(1)</script> & more"'), "utf-8"
    )
    wrong.write_text(shipped.replace("share = 0.10", "share = 0.01"), "utf-8")
    path = tmp_path / "page.html"
    assert mahlan("campaigns", "check", str(odd), str(wrong), "--html", str(path)).returncode == 1
    page = Page(path.read_text(encoding="utf-8"))
    assert "<script>alert(1)</script> & more" in page.words
    assert "script" not in {tag for tag, _ in page.tags}
    assert any("at least 0.05 is always held out" in word for word in page.words)
