"""A nudge that is left without a word: a closed tab, another page, an element that is taken away."""

from __future__ import annotations

import pytest

HURTFUL = "only an idiot says that"


def ending(fake, *expected):
    """The last of the expected outcomes, which nobody waits for in the page."""
    return fake.wait_for_outcomes(*expected)[-1]


def test_a_closed_tab_tells_by_beacon(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    fake.wait_for_outcomes("shown")
    composer.page.close()
    told = ending(fake, "shown", "cancelled")
    assert told["type"].startswith("text/plain"), "a beacon may ask for nothing else across origins"
    assert (told["key"], told["query"]) == ("mhl_public", "key=mhl_public")
    assert told["body"]["comment_id"] == fake.checks[0]["comment_id"]


def test_another_page_tells_too_and_a_dispute_is_not_lost(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("dispute").click()
    composer.page.locator("mahlan-composer input[value=joke]").check()
    composer.page.goto("about:blank")
    outcomes = fake.wait_for_outcomes("shown", "disputed", "cancelled")
    assert [told["body"].get("reason") for told in outcomes if told["body"]["outcome"] == "disputed"] == ["joke"]


@pytest.mark.parametrize("leave", ["closed", "posted", "never asked"])
def test_a_nudge_that_ended_is_not_told_again(compose, fake, leave):
    composer = compose()
    if leave == "never asked":
        composer.submit("good morning")
        composer.posted()
    else:
        composer.ask(HURTFUL)
        composer.button("send").click()
        fake.wait_for_outcomes("shown", "sent_unchanged")
    composer.page.goto("about:blank")
    composer.page.wait_for_timeout(300)
    assert len(fake.outcomes) == (0 if leave == "never asked" else 2)


def test_an_element_that_is_taken_away_was_cancelled(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.page.evaluate("document.querySelector('mahlan-composer').remove()")
    fake.wait_for_outcomes("shown", "cancelled")


def test_an_element_that_is_moved_was_not(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.page.evaluate("document.body.append(document.querySelector('mahlan-composer'))")
    composer.button("send").click()
    fake.wait_for_outcomes("shown", "sent_unchanged")


def test_an_element_taken_away_while_it_waits_says_nothing(compose, fake):
    fake.gate.clear()
    composer = compose()
    composer.submit(HURTFUL)
    fake.wait_for_checks(1)
    composer.page.evaluate("window.kept = document.querySelector('mahlan-composer'); kept.remove()")
    fake.gate.set()
    composer.page.wait_for_timeout(300)
    assert composer.page.evaluate("kept.nudging") is False
    assert composer.seen("post") == []


def test_outcomes_reach_another_origin(compose, fake):
    composer = compose(attributes=f'endpoint="{fake.elsewhere}/"')
    composer.ask(HURTFUL)
    fake.wait_for_outcomes("shown")
    composer.page.close()
    told = ending(fake, "shown", "cancelled")
    assert told["origin"] == fake.url
