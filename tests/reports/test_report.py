"""The report of invented figures: what it says in both languages, what it keeps to itself, and its rows as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
import string
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from mahlan.campaign_files import read_campaign
from mahlan.core.experiment.observation import MEASURES
from mahlan.reports.chart import bar, reach, tone
from mahlan.reports.figures import FiguresError, read_figures
from mahlan.reports.page import report_page
from mahlan.reports.registration import Expected, registration, registration_markdown
from mahlan.reports.rows import COLUMNS, effect_rows
from mahlan.reports.words import LANGUAGES, number, words_of
from mahlan.runtime.data import data_folder
from tests.reports.figures_made import EXAMPLE, made

VOID = {"meta", "line", "circle"}


@pytest.fixture(scope="module")
def figures():
    return read_figures(EXAMPLE.read_bytes())


@pytest.fixture(scope="module")
def few():
    return read_figures(json.dumps(made(0.06)).encode())


@pytest.fixture(scope="module")
def mismatch():
    return read_figures(json.dumps(made(1.0, held_out=0.07)).encode())


class Reader(HTMLParser):
    """Checks that elements close, and keeps the text that people read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


def said(figures, registered=None):
    text = "\n".join(Reader(report_page(figures, registered or {})).text)
    return text.replace("\u2066", "").replace("\u2069", "").replace("\xa0", " ")


def test_it_says_that_asking_helps_in_both_languages(figures):
    text = said(figures)
    assert "Asking helps. The share of authors who posted what may hurt is 7.6 points lower" in text
    assert "The true difference is 4.9 to 10.3 points." in text
    assert "السؤال يفيد." in text
    assert "من 4.9 إلى 10.3 نقطة مئوية" in text


def test_not_enough_shows_no_number_and_says_how_long(few):
    assert all(row.difference is None for row in few.effect)
    text = said(few)
    assert "Not enough yet." in text
    assert "Days to go at the present pace: about 1. 858 authors are needed; 600 are there." in text
    assert "لا يكفي بعد." in text
    assert "<svg" not in report_page(few, {})
    assert not re.search(r"[−+]\d", text)


def test_after_an_alarm_there_is_no_answer(mismatch):
    assert mismatch.sample_ratio.alarm
    text = said(mismatch)
    assert "No answer can be given" in text
    assert "لا يمكن إعطاء جواب" in text
    assert "Asking helps" not in text
    assert "No sign of it so far" not in text
    assert "more than 1,000,000" in text


@pytest.mark.parametrize(
    ("state", "beginning"),
    [("higher", "Asking does harm."), ("undecided", "Not decided yet."), ("lower", "Asking helps.")],
)
def test_every_state_has_its_sentence(figures, state, beginning):
    row = replace(figures.effect[0], state=state, authors_needed=20_000 if state == "undecided" else None)
    assert beginning in said(replace(figures, effect=(row,)))


def test_reaching_the_plan_without_an_effect_is_said(figures):
    row = replace(figures.effect[0], state="undecided", low=-0.01, high=0.01, authors_needed=None, days_needed=None)
    assert "No effect was found." in said(replace(figures, effect=(row,)))


def test_silence_is_noticed(figures):
    volume = next(row for row in figures.effect if row.role == "secondary" and row.measure == "volume")
    row = replace(volume, state="lower", difference=-0.5, low=-0.9, high=-0.1)
    assert tone(row) == "bad"
    text = said(replace(figures, effect=(figures.effect[0], row)))
    assert "Yes: those who were asked wrote fewer comments afterwards, per author 0.10 to 0.90." in text


def test_old_or_partial_figures_are_marked(figures):
    text = said(replace(figures, complete=False, data_age_seconds=9000.0))
    assert "Some parts of the figures did not answer" in text
    assert "2 hours old" in text
    assert "hours old" not in said(figures)


def test_the_page_needs_nothing_else(figures):
    page = report_page(figures, {})
    assert page.startswith('<!doctype html>\n<html lang="ar" dir="rtl">')
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "url(" not in page
    assert '<article id="en" lang="en" dir="ltr"' in page


def test_what_comes_from_outside_is_escaped(figures):
    page = report_page(replace(figures, campaign="<img src=x>"), {})
    assert "<img" not in page
    row = replace(figures.effect[0], role="exploratory", arm="<b>", language=None)
    assert "<b>" not in report_page(replace(figures, effect=(row,)), {})


def placeholders(table, path=""):
    """Every sentence's place and what is filled into it."""
    items = table.items() if isinstance(table, dict) else enumerate(table)
    for key, value in items:
        if isinstance(value, str):
            yield f"{path}.{key}", {name for _, name, _, _ in string.Formatter().parse(value) if name}
        else:
            yield from placeholders(value, f"{path}.{key}")


def test_both_languages_say_the_same_things():
    arabic, english = (dict(placeholders(words_of(code).table)) for code in LANGUAGES)
    assert arabic == english


def test_the_registration_is_filled_in():
    campaign = read_campaign(data_folder("campaigns") / "fakkar-eg.toml")
    for code in LANGUAGES:
        parts = list(registration(words_of(code), campaign, Expected()))
        text = "\n".join(line for part in parts for line in part.text)
        assert campaign.id in text
        assert campaign.holdout.salt not in text
        assert "{" not in text
    written = registration_markdown(words_of("en"), campaign, Expected())
    assert "a difference of 2.7 percentage points is found with a probability of 80 %" in written.replace("\xa0", " ")
    assert "\u2066" not in written


def test_without_a_campaign_the_registration_is_a_template():
    written = registration_markdown(words_of("en"), None, Expected())
    assert "campaign ____ (____), file version ____." in written
    assert "Planned: ____ authors" in written
    assert "level 95" in written


def test_the_registration_stands_in_the_report(figures):
    campaign = read_campaign(data_folder("campaigns") / "fakkar-eg.toml")
    parts = {code: list(registration(words_of(code), campaign, Expected())) for code in LANGUAGES}
    assert "Randomised by author" in said(figures, parts)
    assert "No campaign file was given" in said(figures)


def test_every_row_is_in_the_csv(figures):
    rows = list(csv.DictReader(io.StringIO(effect_rows(figures), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(figures.effect)
    assert rows[0]["measure"] == "toxic_posted"
    assert float(rows[0]["low"]) == figures.effect[0].low
    assert int(rows[0]["treated_authors"]) == figures.effect[0].treated.authors


def test_a_cell_without_a_number_is_empty(few):
    rows = list(csv.DictReader(io.StringIO(effect_rows(few), newline="")))
    assert {row["difference"] for row in rows} == {""}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"as_of": "yesterday"}, r"\$\.as_of"),
        ({"effect": [{"measure": "kindness"}]}, r"\$\.effect\[0\]"),
        ({"sample_ratio": {"treated": "many"}}, r"\$\.sample_ratio"),
    ],
)
def test_what_are_no_figures_is_refused_with_its_field(change, told):
    with pytest.raises(FiguresError, match=told):
        read_figures(json.dumps(made(0.06) | change).encode())


def test_what_is_no_json_is_refused():
    with pytest.raises(FiguresError, match="not JSON"):
        read_figures(b"<html>")


def test_a_bar_crosses_the_line_of_no_difference_only_while_undecided(figures):
    for row in figures.effect:
        drawn = bar(row, reach([row]))
        ends = [float(x) for x in re.findall(r'class="span" x1="([\d.]+)" x2="([\d.]+)"', drawn)[0]] if drawn else []
        assert (row.state == "not_enough") == (not drawn)
        assert not drawn or (ends[0] < 80 < ends[1]) == (row.state == "undecided")


def test_numbers_are_written_as_people_read_them():
    assert number(-0.004, 2) == "\u20660.00\u2069"
    assert number(12.3, 1, signed=True) == "\u2066+12.3\u2069"
    assert {tone(row) for row in read_figures(EXAMPLE.read_bytes()).effect} <= {"good", "bad", "told", "open"}
    assert set(MEASURES) == set(words_of("en").table["measures"])
