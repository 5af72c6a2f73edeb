"""The report in a real Chromium: nothing hidden beyond the edge, right to left, nothing that axe-core objects to."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahlan.campaign_files import read_campaign
from mahlan.reports.figures import read_figures
from mahlan.reports.page import report_page
from mahlan.reports.registration import Expected, registration
from mahlan.reports.words import LANGUAGES, words_of
from mahlan.runtime.data import data_folder
from tests.composer.conftest import browser, context
from tests.composer.test_accessibility import violations
from tests.reports.figures_made import EXAMPLE

__all__ = ["browser", "context"]
SIZES = {"wide": (1200, 900), "phone": (360, 740)}


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    campaign = read_campaign(data_folder("campaigns") / "fakkar-eg.toml")
    parts = {code: list(registration(words_of(code), campaign, Expected())) for code in LANGUAGES}
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_page(read_figures(EXAMPLE.read_bytes()), parts), "utf-8")
    return path


@pytest.fixture(params=SIZES)
def page(request, context, report):
    width, height = SIZES[request.param]
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.goto(report.as_uri())
    return page


def test_nothing_is_beyond_the_edge(page):
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(page, scheme):
    page.emulate_media(color_scheme=scheme)
    assert violations(page) == []


def test_arabic_begins_at_the_right_and_english_at_the_left(page):
    for language, side in (("ar", "right"), ("en", "left")):
        first = f"document.querySelector('#{language} .answers h2')"
        assert page.evaluate(f"getComputedStyle({first}).direction") == ("rtl" if side == "right" else "ltr")
        edge = page.evaluate(
            f"(() => {{ const range = document.createRange(); range.selectNodeContents({first});"
            f"return Math.abs(range.getBoundingClientRect().{side} - {first}.getBoundingClientRect().{side}); }})()"
        )
        assert edge < 2


def test_a_minus_stands_in_front_of_its_number_in_arabic_too(page):
    """Left of it, as everybody writes numbers: compared by where the two characters are drawn."""
    where = """(() => {
        const cell = [...document.querySelectorAll('#ar td')].find(cell => cell.textContent.includes('\u2212'));
        const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.textContent.indexOf('\u2212');
            if (at < 0) continue;
            const left = offset => { const range = document.createRange();
                range.setStart(node, at + offset); range.setEnd(node, at + offset + 1);
                return range.getBoundingClientRect().left; };
            return [left(0), left(1)];
        }
    })()"""
    minus, digit = page.evaluate(where)
    assert minus < digit


def test_it_prints_each_language_from_a_page_of_its_own(page):
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.getElementById('en')).breakBefore") == "page"
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.pdf(format="A4").startswith(b"%PDF")
