"""The composer and the playground on the real gateway and its model: what a browser, a key and Kafka make of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("mahlan.gateway.app", reason="the gateway is not installed (its extra: gateway)")

from mahlan.events.comment import CommentScored
from mahlan.events.nudge import NudgeOutcome
from mahlan.runtime import followed
from tests.composer.live import Live
from tests.composer.pages import Composer
from tests.composer.test_playground import ARABIZI, snippets

COMMENTS = {
    "arz": "🙃 إيه الكلام الفاضي ده يا فاشل",
    "ar": "كلامك سخيف أيها الأحمق",
    "arz-Latn": "🙃🙃 " + ARABIZI,
    "en": "🙃 you are so stupid",
}


@pytest.fixture
def live(tmp_path, monkeypatch) -> Iterator[Live]:
    monkeypatch.setattr(followed, "EVERY", 0.02)
    with Live(tmp_path) as live:
        yield live


@pytest.fixture
def site(live, fake, context) -> Composer:
    """A page of another origin, with a key that may check and report from there alone."""
    key = live.stage.add_key("check", "outcomes", origins=(fake.url,))
    live.ask(lambda stage: stage.until_known(key))
    given = f'endpoint="{live.stage.url}" key="{key}" author-key="author-0001" budget-ms="20000"'
    fake.friend = live.stage.url
    fake.pages["/site"] = f"""<!doctype html><meta charset="utf-8">
        <script type="module" src="{live.stage.url}/composer/mahlan-composer.js"></script>
        <mahlan-composer {given}></mahlan-composer>"""
    page = context.new_page()
    page.add_init_script(path=Path(__file__).with_name("listen.js"))
    page.goto(f"{fake.url}/site")
    page.wait_for_function("!!customElements.get('mahlan-composer')")
    return Composer(page)


def outcomes(live, count):
    return live.ask(lambda stage: stage.until_sent(NudgeOutcome, count))


@pytest.mark.parametrize("language", COMMENTS)
def test_a_comment_is_asked_about_in_its_language_and_its_words_are_marked(site, language):
    site.ask(COMMENTS[language])
    assert site.nudge.get_attribute("lang") == language
    assert site.marks
    # Offsets that were off by the emoji would cut words in two.
    assert {word for mark in site.marks for word in mark.split()} <= set(COMMENTS[language].split())
    assert site.button("echo").inner_text() == COMMENTS[language]


def test_an_edited_comment_from_check_to_kafka(site, live):
    site.ask(COMMENTS["en"])
    site.button("edit").click()
    site.submit("I see it another way")
    post = site.posted()
    told = outcomes(live, 2)
    assert {(one.outcome, one.revision, one.decision_id) for one in told} == {
        ("shown", 0, post["nudge_id"]),
        ("revised", 0, post["nudge_id"]),
    }
    scored = live.ask(lambda stage: stage.until_sent(CommentScored, 2))
    assert [(one.comment_id, one.revision) for one in scored] == [(post["comment_id"], 0), (post["comment_id"], 1)]
    everything = live.ask(lambda stage: stage.everything())
    assert b"stupid" not in everything
    assert b"another way" not in everything


def test_a_dispute_with_its_reason(site, live):
    site.ask(COMMENTS["ar"])
    site.button("dispute").click()
    site.page.locator("mahlan-composer input[value=quoting]").check()
    site.button("send").click()
    site.posted()
    assert {(one.outcome, one.reason) for one in outcomes(live, 3)} == {
        ("shown", None),
        ("disputed", "quoting"),
        ("sent_unchanged", None),
    }


def test_a_closed_tab_reaches_the_gateway_of_another_origin(site, live):
    site.ask(COMMENTS["en"])
    outcomes(live, 1)
    site.page.close()
    assert {one.outcome for one in outcomes(live, 2)} == {"shown", "cancelled"}


def test_a_key_of_another_site_holds_nobody_up(live, fake, context, compose):
    key = live.stage.add_key("check", "outcomes", origins=("https://elsewhere.example",))
    live.ask(lambda stage: stage.until_known(key))
    composer = compose(attributes=f'endpoint="{fake.url}"')
    composer.page.route("**/v1/checks", lambda route: route.continue_(url=f"{live.stage.url}/v1/checks", headers={
        **route.request.headers, "x-api-key": key}))  # fmt: skip
    composer.submit(COMMENTS["en"])
    assert composer.posted()["decision"] == "unchecked"
    assert [(error["reason"], error["status"]) for error in composer.seen("error")] == [("http", 403)]


def test_the_playground_on_the_running_model(tmp_path, context):
    with Live(tmp_path, gateway_auth="off") as live:
        page = context.new_page()
        page.add_init_script(path=Path(__file__).with_name("listen.js"))
        page.goto(f"{live.stage.url}/?lang=en")
        page.locator("#samples button", has_text="7omar").click()
        composer = Composer(page)
        page.locator("#behind .verdict.nudge").wait_for()
        composer.button("submit").click()
        composer.nudge.wait_for()
        text = page.locator("#behind").inner_text()
        assert all(part in text for part in ("over_band", "يا حمار", "fast@1", "arz-Latn", "Scoring"))
        composer.button("send").click()
        composer.posted()
        assert page.evaluate("errors") == []
        names: dict[str, object] = {}
        exec(snippets(composer)[2], names)  # pasted as it stands
        assert (names["answer"].decision, names["answer"].recorded) == ("nudge", False)
        assert live.ask(lambda stage: stage.everything()) == b"", "nothing is recorded"
