"""What goes with a nudge or comes after it: a creator's message, a lesson, thanks; and support, which is none."""

from __future__ import annotations

import pytest

from tests.composer.fake_gateway import CAMPAIGN
from tests.composer.test_accessibility import ABLE, SCHEMES, violations
from tests.composer.test_nudge import COMMENTS, LANGUAGES

HURTFUL, _ = COMMENTS["en"]
CREATOR = {
    "id": "creator-1", "language": "arz", "text": "رسالة للتجربة، محدش قالها.", "name": "اسم للتجربة",
    "video_url": None, "captions_url": None, "image_url": None, "alt": "",
}  # fmt: skip
LESSON = {
    "id": "aloud",
    "title": "A second before posting",
    "text": "Read it aloud.",
    "url": "https://lessons.example/",
}
SUPPORT = {
    "language": "arz", "direction": "rtl", "text": "وجودك مهم.",
    "help": [
        {"id": "line", "name": "خط للتجربة", "phone": "116 000", "url": None},
        {"id": "page", "name": "صفحة للتجربة", "phone": None, "url": "https://help.example/"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("marks", [True, False])
def test_an_arm_that_marks_nothing_shows_the_words_without_marks(compose, fake, marks):
    fake.wording = {"marks": marks}
    composer = compose()
    composer.ask(HURTFUL)
    assert composer.button("echo").inner_text() == HURTFUL
    assert composer.marks == (["idiot"] if marks else [])
    composer.button("edit").click()
    place = composer.field.evaluate("box => box.selectionStart")
    assert (place == HURTFUL.index("idiot") + len("idiot") + 2) == marks, "two emoji are two units each"


def test_the_campaigns_creator_is_heard_beside_the_question(compose, fake):
    fake.wording = {"arm": "creator", "creator": CREATOR}
    composer = compose()
    composer.ask(HURTFUL)
    message = composer.button("message")
    assert CREATOR["text"] in message.inner_text()
    assert "A message from اسم للتجربة" in message.inner_text()
    assert message.locator("p").get_attribute("lang") == "arz"
    assert message.locator("p").evaluate("node => getComputedStyle(node).direction") == "rtl"


def test_the_campaigns_video_needs_captions_and_the_pages_own_message_goes_first(compose, fake):
    media = {"video_url": "/clip.mp4", "image_url": "/still.png", "alt": "two hands"}
    fake.wording = {"creator": CREATOR | media}
    composer = compose()
    composer.ask(HURTFUL)
    assert composer.page.locator("mahlan-composer video").count() == 0
    assert composer.page.get_by_role("img", name="two hands").count() == 1
    fake.wording = {"creator": CREATOR | media | {"captions_url": "/clip.vtt"}}
    composer = compose()
    composer.ask(HURTFUL)
    assert composer.page.locator("mahlan-composer video track").get_attribute("srclang") == "arz"
    own = compose(attributes='creator-message="Ours."')
    own.ask(HURTFUL)
    assert "Ours." in own.button("message").inner_text()
    assert CREATOR["text"] not in own.button("message").inner_text()


def test_a_lesson_is_a_card_that_asks_nothing(compose, fake):
    fake.wording = {"lesson": LESSON}
    composer = compose()
    composer.ask(HURTFUL)
    assert composer.button("lesson").inner_text() == "A second before posting\nRead it aloud."
    assert composer.button("lesson").locator("a").get_attribute("href") == "https://lessons.example/"
    assert composer.focused() == "button edit"
    fake.wording = {"lesson": LESSON | {"url": "javascript:errors.push(1)"}}
    composer = compose()
    composer.ask(HURTFUL)
    assert composer.button("lesson").locator("a[href]").count() == 0


@LANGUAGES
def test_who_looked_again_is_thanked_and_nobody_else(compose, fake, language):
    thanks = CAMPAIGN["thanks"][language]
    fake.wording = {"thanks": thanks}
    composer = compose(lang="en")
    text, _ = COMMENTS[language]
    composer.ask(text)
    composer.button("edit").click()
    composer.submit("good morning")
    composer.posted()
    assert composer.button("thanks").inner_text() == thanks
    expected = "rtl" if language in {"ar", "arz"} else "ltr"
    assert composer.button("thanks").evaluate("node => getComputedStyle(node).direction") == expected
    composer.ask(text)
    assert composer.button("thanks").count() == 0, "the next comment begins anew"
    composer.button("send").click()
    composer.wait_for("post", 2)
    assert composer.button("thanks").count() == 0


def test_support_never_holds_a_comment_back(compose, fake):
    fake.decision, fake.more = "suppress", {"reason": "self_harm", "support": SUPPORT, "wording": None}
    composer = compose()
    composer.submit("good morning")
    post = composer.posted()
    assert (post["decision"], post["outcome"]) == ("suppress", None)
    assert composer.nudge.count() == 0
    assert composer.field.input_value() == ""
    support = composer.button("support")
    assert support.inner_text().splitlines()[0] == SUPPORT["text"]
    assert support.evaluate("node => [node.lang, getComputedStyle(node).direction]") == ["arz", "rtl"]
    links = [link.get_attribute("href") for link in support.locator("a").all()]
    assert links == ["tel:116000", "https://help.example/"]
    assert fake.outcomes == []
    composer.write("another")
    assert support.is_visible(), "it stays until the next comment is posted"


def test_support_for_a_revision_comes_too_though_nobody_waits_for_it(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("edit").click()
    fake.decision, fake.more = "suppress", {"support": SUPPORT, "wording": None}
    composer.submit("good morning")
    assert composer.posted()["outcome"] == "revised"
    composer.button("support").wait_for()


@SCHEMES
def test_all_of_it_is_clean(compose, fake, scheme):
    fake.wording = {"arm": "creator", "creator": CREATOR, "lesson": LESSON, "thanks": "Thank you."}
    composer = compose()
    composer.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    composer.page.evaluate(ABLE)
    composer.ask(HURTFUL)
    assert violations(composer.page) == []
    composer.button("edit").click()
    composer.submit("good morning")
    composer.button("thanks").wait_for()
    assert violations(composer.page) == []
    fake.decision, fake.more = "suppress", {"support": SUPPORT, "wording": None}
    composer.submit("good evening")
    composer.button("support").wait_for()
    assert violations(composer.page) == []
