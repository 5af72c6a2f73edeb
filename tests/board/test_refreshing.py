"""It refreshes by itself: in place, without flicker, and honest about the age of what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.board.fake_insights import FakeInsights
from tests.board.invented import busy
from tests.composer.test_accessibility import violations
from tests.gateway.elsewhere import Elsewhere
from tests.gateway.stage import CAMPAIGN, Stage

#: Marks every node of the numbers, and counts what changes in them from then on.
WATCH = """() => {
    const numbers = document.querySelector(".numbers");
    for (const node of numbers.querySelectorAll("*")) node.seen = true;
    globalThis.changes = { added: 0, removed: 0, text: 0 };
    new MutationObserver((all) => all.forEach((one) => {
        if (one.type === "attributes") return;
        changes.added += [...one.addedNodes].filter((node) => node.nodeType === 1).length;
        changes.removed += [...one.removedNodes].filter((node) => node.nodeType === 1).length;
        changes.text += 1;
    })).observe(numbers, { subtree: true, childList: true, characterData: true });
}"""


def looks(look, page, count):
    """Wait for so many more answers of the board."""
    for _ in range(count):
        with page.expect_response(re.compile("/v1/(public-)?board/.+")):
            pass


def posts(page):
    return page.locator("[data-tile=posts] strong")


def test_what_has_not_changed_is_not_touched(look):
    page = look("en")
    page.evaluate(WATCH)
    looks(look, page, 3)
    assert page.evaluate("changes") == {"added": 0, "removed": 0, "text": 0}


def test_more_is_drawn_in_place(look, told):
    page = look("en", width=390)
    page.locator("#time details.data").evaluate("node => { node.open = true; }")
    page.locator("#time summary").focus()
    top = page.evaluate("scrollY")
    assert top > 0
    page.evaluate(WATCH)
    told.told = {CAMPAIGN: busy(more=37)}
    page.wait_for_function("() => document.querySelector('[data-tile=posts] strong').textContent === '5,460'")
    changed = page.evaluate("changes")
    assert (changed["added"], changed["removed"]) == (0, 0)
    assert changed["text"] > 3
    assert page.evaluate("[...document.querySelectorAll('.numbers *')].every(node => node.seen)")
    assert page.locator("#time details.data").evaluate("node => node.open")
    assert page.evaluate("document.activeElement.localName") == "summary"
    assert page.evaluate("scrollY") == top
    assert page.locator("#time tbody tr").last.inner_text().split("\t")[1] == "439"


def test_the_language_can_change_while_it_runs(look):
    page = look("en")
    page.evaluate("document.querySelector('.numbers').seen = true")
    page.locator("[data-language=arz]").click()
    looks(look, page, 2)
    assert page.locator("#time h2").inner_text().startswith("التحدي مع الوقت")
    assert page.evaluate("document.querySelector('.numbers').seen")
    assert page.url.endswith("/board")


def test_when_the_service_is_away_the_last_numbers_stay_with_their_age(look, told, gateway):
    page = look("en")
    assert page.locator("#status").inner_text().startswith("Numbers as of")
    told.stop()
    gateway.clock.forward(minutes=7)
    page.wait_for_selector("[data-state=away]")
    says = page.locator("#status").inner_text()
    assert says == (
        "The numbers service does not answer. These are the last that came, 7 minutes old. (Nobody is at its address)"
    )
    assert page.locator("#aloud").inner_text().startswith("The numbers service does not answer.")
    assert posts(page).inner_text() == "5,423"
    assert violations(page) == []
    told.start()
    page.wait_for_selector("[data-state=here]")
    gateway.clock.forward(minutes=-7)


def test_when_the_gateway_is_away_so_do_they(look, context):
    page = look("en")
    context.set_offline(True)
    page.wait_for_selector("[data-state=offline]", timeout=20_000)
    assert "The gateway does not answer. These are the last numbers that reached this page" in (
        page.locator("#status").inner_text()
    )
    assert posts(page).inner_text() == "5,423"
    context.set_offline(False)
    page.wait_for_selector("[data-state=here]", timeout=20_000)


def test_a_board_with_keys_asks_for_one(context, tmp_path: Path, insights: FakeInsights):
    insights.told = {CAMPAIGN: busy()}
    with Elsewhere(Stage(tmp_path, options={"gateway_insights_url": insights.url})) as stage:
        page = context.new_page()
        page.goto(f"{stage.url}/board?lang=en")
        field = page.get_by_label("This board asks for a key (scope board)")
        field.wait_for()
        assert violations(page) == []
        field.fill("mhl_wrong")
        field.press("Enter")
        page.wait_for_selector("[data-state=wrong]")
        field.fill(stage.key)
        field.press("Enter")
        posts(page).wait_for()
        assert field.is_hidden()
        page.reload()
        posts(page).wait_for()
        assert page.evaluate("localStorage.length") == 0
        assert stage.key not in page.url


@pytest.mark.parametrize("language", ["arz", "en"])
def test_everybodys_board_has_counts_alone_and_no_small_ones(look, told, language):
    numbers = busy()
    numbers["challenge"]["by_language"][-1] |= {"posts": 7, "joiners": 3}
    told.told = {CAMPAIGN: numbers}
    page = look(language, f"/public-board?campaign={CAMPAIGN}")
    for part in ("effect", "budget", "labels", "surfaces", "creators", "arms", "nudges-time", "data"):
        assert page.locator(f"#{part}").count() == 0
    assert posts(page).inner_text() == "5,420"
    hidden = {"arz": "مش ظاهر", "en": "Not shown"}[language]
    page.locator("#map tbody").get_by_text(hidden).first.wait_for(state="attached")
    rows = page.eval_on_selector_all(
        "#map tbody tr", "all => all.map(row => [...row.children].map(cell => cell.textContent).slice(1))"
    )
    assert rows[2:] == [[hidden, hidden]] * 2, "alone it could be worked out"
    texts = page.eval_on_selector_all(".numbers .number, .numbers td", "all => all.map(node => node.textContent)")
    counts = [int(text.replace(",", "")) for text in texts if re.fullmatch(r"[\d,]+", text)]
    assert len(counts) > 20
    assert all(count >= 10 and count % 10 == 0 for count in counts)
    assert page.locator("#time .absent").count() >= 1 or page.locator("#time .dot").count() < 10
    assert violations(page) == []
    assert look.errors == []
    assert not any("/v1/board" in address for address in look.addresses), "it asks for nothing else"


def test_a_board_that_is_not_public_says_that_there_is_none(look):
    page = look("en", "/public-board?campaign=another", filled=False)
    page.wait_for_selector("[data-state=missing]")
    assert page.locator("#status").inner_text() == "There is no board of this name here"
