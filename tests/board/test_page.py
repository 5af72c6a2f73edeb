"""The board in Chromium: what it shows, in whose language and direction, and what it does when nothing comes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.board.invented import busy, effect, empty
from tests.composer.test_accessibility import violations
from tests.gateway.elsewhere import Elsewhere
from tests.gateway.stage import CAMPAIGN, Stage

LANGUAGES = ("arz", "ar", "arz-Latn", "en")
RTL = ("arz", "ar")
FIGURES = ("time", "map", "nudges-time")


def tiles(page):
    """What the tiles say, by name."""
    return dict(
        page.eval_on_selector_all(
            "#tiles .tile", "all => all.map(t => [t.dataset.tile, t.querySelector('strong').textContent])"
        )
    )


def table(page, selector):
    """The rows of the table behind a chart."""
    rows = f"{selector} details.data tbody tr"
    return page.eval_on_selector_all(rows, "all => all.map(row => [...row.children].map(cell => cell.textContent))")


def open_all(page):
    page.eval_on_selector_all("details", "all => all.forEach(node => { node.open = true; })")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_in_its_language_and_direction(look, language):
    page = look("arz")
    page.locator(f"[data-language='{language}']").click()
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == (language, "rtl" if language in RTL else "ltr")
    shown = page.eval_on_selector_all("[data-word]", "all => all.map(node => [node.dataset.word, node.textContent])")
    assert [word for word, text in shown if not text or text == word or "{" in text] == []
    open_all(page)
    told = page.locator("main").inner_text()
    # A code where a word should be, or an empty brace.
    assert (
        re.findall(r"\b(?:state|measure|brake|code|note|arm|lang|why|sum)\.\w+|\{\w+\}|undefined|NaN|null", told) == []
    )
    other = page.locator("#time h2 .beside")
    assert other.get_attribute("lang") == ("arz" if language == "en" else "en")


def test_it_loads_nothing_from_elsewhere_and_breaks_no_policy(look, gateway):
    page = look()
    page.locator("[data-period=hour]").click()
    page.wait_for_timeout(500)
    assert {address for address in look.addresses if not address.startswith(gateway.url)} == set()
    assert look.errors == []


def test_the_numbers_are_those_that_were_told(look):
    page = look("en")
    told = busy()
    assert tiles(page) == {"joiners": "3,357", "posts": "5,423", "authors": "3,357", "asked": "9,412", "again": "3,199"}
    days = [[str(row["posts"]), str(row["joiners"])] for row in told["challenge"]["by_day"]]
    assert [[cell.replace(",", "") for cell in row[1:]] for row in table(page, "#time")] == days
    assert [row[0] for row in table(page, "#map")] == ["Egyptian Arabic", "Arabic", "Egyptian Arabizi", "English"]
    assert page.locator("#time rect.column").count() == len(days)
    assert len(table(page, "#effect")) == len(told["effect"])


def test_a_finding_has_its_interval_and_a_missing_one_says_how_long(look, told):
    numbers = busy()
    numbers["effect"] = [
        effect("toxic_posted", state="lower", authors=(8120, 905), means=(0.412, 0.487), interval=(-0.131, -0.019)),
        effect("volume", state="not_enough", authors=(700, 60)),
    ]
    told.told = {CAMPAIGN: numbers}
    page = look("en")
    found, missing = page.locator("#effect .measures > .measure").all()
    assert "Of every 100 people: 7.5\u00a0fewer. Range: from 13.1\u00a0fewer to 1.9\u00a0fewer." in found.inner_text()
    assert (found.locator(".range").count(), missing.locator(".range").count()) == (1, 0)
    # The interval lies on one side of "no difference".
    line, zero = (found.locator(part).bounding_box() for part in (".range", ".zero"))
    assert line["x"] + line["width"] < zero["x"]
    assert "Not enough yet" in missing.inner_text()
    assert "About 1,480 more people are needed, which is about 12 days from now." in missing.inner_text()
    assert missing.locator(".means .number").all_inner_texts() == ["—", "—"]
    assert not re.search(r"\bp\s*[=<]|p-value", page.locator("#effect").inner_text())


def test_nothing_yet_is_said_in_words(look, told):
    told.told = {CAMPAIGN: empty()}
    page = look("en")
    assert set(tiles(page).values()) == {"0"}
    for place in FIGURES:
        assert page.locator(f"#{place} .place").inner_text() == "Nothing here yet"
        assert page.locator(f"#{place} details").is_hidden()
    assert page.locator("#effect .badge").all_inner_texts() == ["Not enough yet"] * 4
    assert look.errors == []


def test_what_is_not_known_is_no_zero(look, told):
    numbers = busy()
    numbers["challenge"]["authors"] = {"estimate": None, "low": None, "high": None}
    numbers["budget"][0] |= {"rate": None, "burn_hour": None, "burn_day": None}
    told.told = {CAMPAIGN: numbers}
    page = look("en")
    assert tiles(page)["authors"] == "—"
    assert page.locator("#budget .rate .number").first.inner_text() == "—"


@pytest.mark.parametrize("language", ["arz", "en"])
def test_time_runs_as_people_read_and_the_axis_stands_where_they_begin(look, language):
    page = look(language)
    width = page.locator("#time .chart").bounding_box()
    box = [page.locator("#time rect.column").nth(place).bounding_box()["x"] for place in (0, -1)]
    axis = page.locator("#time .tick").first.bounding_box()["x"] - width["x"]
    assert (box[0] > box[1], axis > width["width"] / 2) == (language == "arz", language == "arz")


def test_the_brake_says_why_and_how_a_person_releases_it(look):
    page = look("en")
    released, _, raised, paused = page.locator("#budget .spending").all()
    assert released.locator(".brake").count() == 0
    assert "Only the clearest are asked" in raised.inner_text()
    assert "The last six hours spent the budget faster than it allows." in raised.inner_text()
    assert "Since 29 Nov, 09:00" in paused.inner_text(), "in the campaign's own time zone"
    assert paused.locator("code").inner_text() == f'mahlan campaigns release {CAMPAIGN} --language en --reason "…"'


def test_over_budget_without_a_brake_may_be_chance(look, told):
    numbers = busy()
    numbers["budget"][0] |= {"shown": 138, "disputed": 12, "rate": 0.087, "burn_hour": None, "burn_day": 4.2}
    told.told = {CAMPAIGN: numbers}
    line = look("en").locator("#budget .spending").first
    assert "Over what is allowed, which may still be chance: the brake is not set." in line.inner_text()
    assert line.locator(".burn").inner_text() == "Last day: 4.2× what is allowed"


def test_a_warning_stands_before_comparisons_that_cannot_be_trusted(look, told):
    numbers = busy()
    numbers["sample_ratio"]["alarm"] = True
    numbers |= {"complete": False, "partitions": {"answered": 3, "all": 4}}
    told.told = {CAMPAIGN: numbers}
    page = look("en")
    assert "no comparison can be trusted" in page.locator("#effect .warning").inner_text()
    assert page.locator("#partial").inner_text() == "3 of 4 parts answered: these numbers are too low."


def test_few_are_not_compared(look):
    page = look("en")
    few = page.locator("#creators .compared .item").nth(2)
    assert "Asked fewer than 50 times: too early to compare" in few.inner_text()
    assert few.locator(".stack").is_hidden()


def test_text_is_never_markup(look, told):
    numbers = busy()
    word = "<img src=x onerror=alert(1)>"
    numbers["challenge"]["by_hashtag"][0]["hashtag"] = word
    numbers["nudges"]["by_creator"][0]["creator"] = word
    told.told = {CAMPAIGN: numbers}
    page = look()
    assert page.locator("#hashtags .name").first.inner_text() == word
    assert page.locator("main img").count() == 0
    assert look.errors == []


@pytest.mark.parametrize(
    ("language", "scheme"), [("arz", "light"), ("arz", "dark"), ("ar", "light"), ("arz-Latn", "light"), ("en", "dark")]
)
def test_axe_finds_nothing(look, language, scheme):
    page = look(language, color_scheme=scheme)
    assert violations(page) == []
    open_all(page)
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/board", "/public-board?campaign=fakkar-eg"])
def test_axe_finds_nothing_where_there_is_nothing(look, told, path):
    told.told = {CAMPAIGN: empty()}
    assert violations(look("arz", path)) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("language", ["arz", "en"])
def test_it_fits(look, language, width):
    page = look(language, width=width)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    edges = page.eval_on_selector_all(
        ".chart", "all => all.map(node => node.getBoundingClientRect()).map(box => [box.left, box.right])"
    )
    assert all(left >= 0 and right <= width for left, right in edges)


def test_a_phone_that_is_turned_draws_anew(look):
    page = look(width=390)
    before = page.locator("#time .chart").get_attribute("viewBox")
    page.set_viewport_size({"width": 844, "height": 390})
    page.wait_for_function(
        "before => document.querySelector('#time .chart').getAttribute('viewBox') !== before", arg=before
    )


def test_every_chart_is_told_to_who_does_not_see_it(look):
    page = look("en")
    told = page.eval_on_selector_all("svg.chart", "all => all.map(node => [node.getAttribute('role'), node.ariaLabel])")
    assert all(role == "img" and len(label) > 20 for role, label in told)
    assert "20 Nov to 29 Nov: 5,423 posts and 3,357 joined. Most on 27 Nov: 1,190." in dict(told)["img"] or any(
        "5,423 posts and 3,357 joined" in label for _, label in told
    )


@pytest.mark.parametrize("language", ["arz", "en"])
def test_it_prints_on_a4(look, language):
    page = look(language, color_scheme="dark")
    told = page.pdf(format="A4")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", told)) <= 5
    assert set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", told)) == {b"0 0 595.91998 842.88"}
    page.emulate_media(media="print")
    assert page.locator("nav.languages").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_without_a_service_it_says_what_to_set(context, tmp_path: Path):
    with Elsewhere(Stage(tmp_path, options={"gateway_auth": "off"})) as stage:
        page = context.new_page()
        page.goto(f"{stage.url}/board?lang=en")
        page.locator("#setup").wait_for()
        assert "MAHLAN_GATEWAY_INSIGHTS_URL=http://" in page.locator("#setup").inner_text()
        assert page.locator("#status").inner_text().startswith("The board needs to know where the numbers come from.")
        assert page.locator(".numbers").is_hidden()
        assert violations(page) == []
