"""What an author may do with a nudge, in each language, and what the platform is told of it."""

from __future__ import annotations

import re

import pytest

from tests.composer.fake_gateway import WORDINGS

COMMENTS = {
    "arz": ("انت غبي ومش فاهم 🙃", "غبي"),
    "ar": ("🙃 كلام أحمق لا معنى له", "أحمق"),
    "arz-Latn": ("ya 7omar enta mabtefhamsh", "7omar"),
    "en": ("🙃🙃 only an idiot says that", "idiot"),
}
LANGUAGES = pytest.mark.parametrize("language", COMMENTS)
HURTFUL, WORD = COMMENTS["en"]


@LANGUAGES
def test_the_author_is_asked_in_their_own_language(compose, fake, language):
    composer = compose(lang="en")
    text, word = COMMENTS[language]
    composer.ask(text)
    wording = WORDINGS[language]
    assert composer.button("question").inner_text() == wording["text"]
    assert [composer.button(part).inner_text() for part in ("edit", "send", "dispute")] == [
        wording["edit"],
        wording["send"],
        wording["dispute"],
    ]
    assert composer.marks == [word]
    assert composer.button("echo").inner_text() == text
    assert composer.nudge.get_attribute("dir") == wording["direction"]
    assert composer.nudge.get_attribute("lang") == language
    assert composer.seen("post") == []


@LANGUAGES
def test_every_language_has_every_word_of_the_element(compose, language):
    composer = compose(lang=language)
    composer.ask(COMMENTS[language][0])
    composer.button("dispute").click()
    shown = composer.page.locator("mahlan-composer").evaluate("node => node.shadowRoot.textContent")
    assert "undefined" not in shown
    arabic = re.findall("[ء-ي]", "".join(composer.page.locator("mahlan-composer fieldset").all_inner_texts()))
    assert bool(arabic) == (language in {"ar", "arz"})


def test_what_is_sent_to_be_checked(compose, fake):
    composer = compose(attributes='surface="reply" comment-id="c-1" revision="3" thread-id="t-1" parent-id="p-1"')
    composer.submit("thank you")
    composer.posted()
    assert fake.checks == [
        {
            "comment_id": "c-1", "revision": 3, "text": "thank you", "offset_unit": "utf16", "record": True,
            "author_key": "author-0001", "surface": "reply", "thread_id": "t-1", "parent_id": "p-1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("decision", ["none", "holdout", "suppress"])
def test_nothing_to_ask_looks_the_same_whatever_the_decision(compose, fake, decision):
    fake.decision = decision
    composer = compose()
    composer.submit(HURTFUL)
    post = composer.posted()
    assert (post["text"], post["decision"], post["outcome"]) == (HURTFUL, decision, None)
    assert composer.nudge.count() == 0
    assert composer.field.input_value() == ""
    assert fake.outcomes == []


def test_edited_and_posted_is_revised(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("edit").click()
    assert composer.nudge.count() == 0
    assert composer.field.input_value() == HURTFUL
    composer.submit("I do not agree with that")
    post = composer.posted()
    assert (post["outcome"], post["revised"], post["revision"]) == ("revised", True, 1)
    shown, revised = fake.wait_for_outcomes("shown", "revised")
    assert {shown["nudge_id"], revised["nudge_id"]} == {post["nudge_id"]}
    assert {outcome["body"]["revision"] for outcome in (shown, revised)} == {0}
    assert [check["revision"] for check in fake.wait_for_checks(2)] == [0, 1]


def test_edited_back_to_the_same_words_is_sent_unchanged_and_not_checked_again(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("edit").click()
    composer.submit(HURTFUL)
    assert composer.posted()["outcome"] == "sent_unchanged"
    fake.wait_for_outcomes("shown", "sent_unchanged")
    assert len(fake.checks) == 1


def test_nobody_is_asked_twice_about_one_comment(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("edit").click()
    composer.submit(HURTFUL + ", an idiot!")
    assert composer.posted()["outcome"] == "revised"
    assert len(composer.seen("nudge")) == 1


def test_post_anyway_posts_in_one_tap(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("send").click()
    post = composer.posted()
    assert (post["text"], post["outcome"], post["revised"]) == (HURTFUL, "sent_unchanged", False)
    sent = fake.wait_for_outcomes("shown", "sent_unchanged")
    assert {outcome["key"] for outcome in sent} == {"mhl_public"}
    assert {outcome["query"] for outcome in sent} == {""}, "a key in an address ends up in logs"


def test_posting_again_from_the_page_while_asked_posts_as_it_is(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    assert composer.button("submit").is_hidden(), "the first button of a nudge is the one that edits"
    composer.page.evaluate("document.querySelector('mahlan-composer').submit()")
    assert composer.posted()["outcome"] == "sent_unchanged"


@pytest.mark.parametrize("reason", ["not_hurtful", "misread", "quoting", "joke", None])
def test_a_dispute_is_recorded_and_posting_is_one_tap_away(compose, fake, reason):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("dispute").click()
    assert composer.seen("post") == []
    if reason:
        composer.page.locator(f"mahlan-composer input[value={reason}]").check()
    composer.button("send").click()
    post = composer.posted()
    assert (post["disputed"], post["outcome"]) == (True, "sent_unchanged")
    told = {outcome["body"]["outcome"]: outcome["body"] for outcome in fake.wait_for_outcomes(
        "shown", "disputed", "sent_unchanged")}  # fmt: skip
    assert told["disputed"]["reason"] == (reason or "other")
    assert "reason" not in told["sent_unchanged"]


def test_a_disputed_comment_may_still_be_edited(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("dispute").click()
    composer.button("edit").click()
    composer.submit("I do not agree with that")
    composer.posted()
    fake.wait_for_outcomes("shown", "disputed", "revised")


def test_emptied_and_left_is_cancelled(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("edit").click()
    composer.write("")
    composer.field.blur()
    fake.wait_for_outcomes("shown", "cancelled")
    composer.submit("good morning")
    assert composer.posted()["comment_id"] != fake.outcomes[0]["body"]["comment_id"]
    assert fake.wait_for_checks(2)[1]["revision"] == 0


def test_who_goes_on_writing_has_chosen_to_edit(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.field.press("End")
    composer.field.press("x")
    assert composer.nudge.count() == 0
    composer.button("submit").click()
    assert composer.posted()["outcome"] == "revised"


def test_each_comment_has_its_own_id(compose, fake):
    composer = compose()
    composer.submit("one")
    composer.wait_for("post", 1)
    composer.submit("two")
    composer.wait_for("post", 2)
    assert len({check["comment_id"] for check in fake.checks}) == 2
    assert [check["revision"] for check in fake.checks] == [0, 0]


def test_a_comment_that_has_an_id_keeps_it_and_its_revision_grows(compose, fake):
    composer = compose(attributes='comment-id="c-1"')
    composer.submit("one")
    composer.wait_for("post", 1)
    composer.submit("two")
    composer.wait_for("post", 2)
    assert [(check["comment_id"], check["revision"]) for check in fake.checks] == [("c-1", 0), ("c-1", 1)]


def test_a_revision_that_is_taken_is_raised(compose, fake):
    fake.conflicts = 1
    composer = compose()
    composer.ask(HURTFUL)
    assert [check["revision"] for check in fake.checks] == [0, 1]
    composer.button("send").click()
    assert {outcome["body"]["revision"] for outcome in fake.wait_for_outcomes("shown", "sent_unchanged")} == {1}


def test_text_is_never_markup(compose, fake):
    composer = compose(attributes='creator-message="<img src=x onerror=errors.push(1)>"')
    text = "<img src=x onerror=errors.push(1)> idiot <script>errors.push(2)</script>"
    composer.ask(text)
    assert composer.button("echo").inner_text() == text
    assert composer.page.locator("mahlan-composer img").count() == 0
    assert composer.page.evaluate("errors") == []
