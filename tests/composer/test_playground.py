"""The page at ``/`` of the gateway: the composer live, and what happened behind it."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from mahlan.core.assignment import in_holdout
from mahlan.core.policy import RULES
from mahlan.events.comment import Band
from mahlan.gateway.shapes import CheckAnswer
from tests.composer.fake_gateway import ROOT, STATIC, WORDINGS
from tests.composer.pages import Composer
from tests.composer.test_accessibility import violations

#: The gateway's own reason, where nothing can be written.
NOT_RECORDED = "not_recorded"
LANGUAGES = ("arz", "ar", "arz-Latn", "en")
ARABIZI = "ya 7omar enta mabtefhamsh"
WORDS = (STATIC / "playground" / "words.js").read_text("utf-8")


@pytest.fixture
def play(fake, context):
    """Opens the playground; what it asked for is in ``addresses``."""
    addresses: list[str] = []

    def open_page(language="arz", **media) -> Composer:
        page = context.new_page()
        page.emulate_media(reduced_motion="reduce", **media)
        page.add_init_script(path=Path(__file__).with_name("listen.js"))
        page.on("request", lambda request: addresses.append(request.url))
        page.goto(f"{fake.url}/?lang={language}")
        page.locator("#samples button").first.wait_for()
        return Composer(page)

    open_page.addresses = addresses
    return open_page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_in_its_language_and_direction(play, language):
    page = play("arz").page
    page.locator(f"[data-language='{language}']").click()
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == (
        language,
        "rtl" if language in {"arz", "ar"} else "ltr",
    )
    shown = page.eval_on_selector_all("[data-word]", "all => all.map(node => [node.dataset.word, node.textContent])")
    assert [word for word, text in shown if not text or text == word] == []


def test_it_loads_nothing_from_elsewhere_and_breaks_no_policy(play, fake):
    composer = play()
    composer.ask(ARABIZI)
    composer.button("send").click()
    composer.posted()
    assert {address for address in play.addresses if not address.startswith(fake.url)} == set()
    assert composer.page.evaluate("errors") == []


def test_what_happened_behind_shows_while_one_writes(play, fake):
    composer = play()
    composer.field.press_sequentially(ARABIZI)
    behind = composer.page.locator("#behind")
    behind.locator(".verdict.nudge").wait_for()
    text = behind.inner_text()
    for expected in ("nudge · over_band", "يا حمار انت مبتفهمش", "insult", "0.940", "fake@1", "arz-Latn", "عالية"):
        assert expected in text
    assert behind.locator("mark").all_inner_texts() == ["7omar"]
    assert composer.nudge.count() == 0


def test_nothing_is_recorded(play, fake):
    composer = play()
    composer.ask(ARABIZI)
    composer.button("dispute").click()
    composer.button("send").click()
    composer.posted()
    composer.page.wait_for_timeout(300)
    assert {check["record"] for check in fake.checks} == {False}
    assert fake.outcomes == []


def test_the_feed_tells_what_became_of_each_comment(play):
    composer = play("en")
    composer.submit("good morning")
    composer.wait_for("post", 1)
    composer.ask(ARABIZI)
    composer.button("edit").click()
    composer.submit("I do not agree")
    composer.wait_for("post", 2)
    first, second = composer.page.locator("#feed li").all()
    assert first.inner_text().splitlines()[0] == "I do not agree"
    assert first.locator(".revised").inner_text() == "Changed after the question"
    assert second.inner_text().splitlines()[0] == "good morning"


def test_a_sample_is_a_comment_to_start_from(play):
    composer = play()
    composer.page.locator("#samples button", has_text="7omar").click()
    assert composer.field.input_value() == ARABIZI
    assert composer.focused() == "textarea"
    assert composer.seen("post") == []


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("language", ["arz", "en"])
def test_it_fits(play, language, width):
    composer = play(language)
    composer.page.set_viewport_size({"width": width, "height": 800})
    composer.ask("w" * 120 + " 7omar")
    composer.button("send").click()
    composer.posted()
    assert composer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(play, language, scheme):
    composer = play(language, color_scheme=scheme)
    assert violations(composer.page) == []
    composer.ask(ARABIZI)
    assert violations(composer.page) == []


def snippets(composer):
    """What can be copied: curl, JavaScript, Python."""
    composer.page.eval_on_selector_all(
        "#behind details", "all => all.forEach(node => { node.name = ''; node.open = true; })"
    )
    return composer.page.locator("#behind .snippets pre").all_inner_texts()


def test_requests_can_be_pasted(play, fake):
    composer = play()
    text = "it's an idiot's \"word\" \\ true: false 🙃"
    composer.ask(text)
    curl, javascript, python = snippets(composer)
    assert "key" not in (curl + javascript + python).lower().replace("author_key", "")
    sent = json.loads(shlex.split(curl)[-1])
    assert (sent["text"], sent["record"], sent["explain"]) == (text, False, True)
    assert json.loads(_run(composer.page.context.new_page(), javascript)) == sent
    assert python_asks(python, fake).items() >= sent.items()


def test_with_a_key_in_the_page_requests_say_where_it_goes(play, fake):
    composer = play()
    composer.page.locator("mahlan-composer").evaluate("node => node.setAttribute('key', 'mhl_mine')")
    composer.ask(ARABIZI)
    curl, javascript, python = snippets(composer)
    assert '"X-API-Key: $KEY"' in curl
    assert '"X-API-Key": key' in javascript
    assert "mhl_mine" not in curl + javascript + python
    python_asks(python, fake, key="mhl_mine")
    assert fake.keys[-1] == "mhl_mine"


def python_asks(source, fake, **names):
    """The check that the Python snippet makes, by ``mahlan.client`` as it is."""
    exec(compile(source, "snippet", "exec"), names)
    assert isinstance(names["answer"], CheckAnswer)
    return fake.checks[-1]


def _run(blank, source):
    """The body that the JavaScript sends, run where no policy forbids making functions of text."""
    return blank.evaluate(
        """async (source) => {
            let body;
            const fetch = async (_, options) => { body = options.body; return { json: () => 1 }; };
            await new (async () => {}).constructor("fetch", "key", source)(fetch, "k");
            return body;
        }""",
        source,
    )


def test_a_gateway_that_wants_a_key_gets_one(play, fake):
    fake.status = 401
    composer = play("en")
    composer.submit("good morning")
    composer.page.get_by_label("scope check").fill(" mhl_mine ")
    assert composer.page.locator("mahlan-composer").get_attribute("key") == "mhl_mine"
    assert composer.page.locator("#notice").inner_text().endswith("(401)")
    assert composer.page.locator("#feed .unchecked").count() == 1


def test_somebody_in_the_holdout_can_try_as_another(play, fake):
    fake.decision = "holdout"
    composer = play("en")
    composer.write(ARABIZI)
    before = composer.page.locator("mahlan-composer").get_attribute("author-key")
    composer.page.get_by_role("button", name="Try as another author").click()
    assert composer.page.locator("mahlan-composer").get_attribute("author-key") != before


def test_the_visitor_is_not_in_the_shipped_campaigns_holdout():
    holdout = tomllib.loads((ROOT / "campaigns" / "fakkar-eg.toml").read_text("utf-8"))["holdout"]
    assert '"playground-visitor"' in (STATIC / "playground" / "playground.js").read_text("utf-8")
    assert not in_holdout("playground-visitor", "fakkar-eg", holdout["salt"], holdout["share"])


def test_every_reason_and_language_has_words():
    reasons = {rule.reason for rule in RULES} | {NOT_RECORDED}
    assert {reason for reason in reasons if f'"reason.{reason}": [' not in WORDS} == set()
    assert {language for language in WORDINGS if f'"lang.{language}": [' not in WORDS} == set()
    assert {band for band in get_args(Band) if f'"band.{band}": [' not in WORDS} == set()


def test_text_is_never_markup(play):
    composer = play()
    text = "<img src=x onerror=errors.push(1)> 7omar"
    composer.ask(text)
    composer.button("send").click()
    composer.posted()
    assert composer.page.locator("#feed li p").first.inner_text() == text
    assert composer.page.locator("#behind img, #feed img").count() == 0
    assert composer.page.evaluate("errors") == []
