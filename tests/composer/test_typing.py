"""``while-typing``: quiet checks that are recorded nowhere, show nothing, and spare the wait at the end."""

from __future__ import annotations

HURTFUL = "only an idiot says that"


def test_a_pause_is_checked_quietly(compose, fake):
    composer = compose(attributes="while-typing")
    composer.field.press_sequentially(HURTFUL)
    (check,) = composer.wait_for("check")
    assert check["quiet"] is True
    assert check["answer"]["decision"] == "nudge"
    assert [(sent["record"], sent["revision"]) for sent in fake.checks] == [(False, 0)]
    assert composer.nudge.count() == 0, "nobody is interrupted"
    assert (composer.seen("nudge"), fake.outcomes) == ([], [])


def test_what_was_seen_quietly_is_still_asked_about_at_the_end(compose, fake):
    composer = compose(attributes="while-typing")
    composer.write(HURTFUL)
    composer.wait_for("check")
    composer.button("submit").click()
    composer.nudge.wait_for()
    assert [check["record"] for check in fake.checks] == [False, True]


def test_what_needs_no_question_goes_out_without_waiting(compose, fake):
    composer = compose(attributes="while-typing")
    composer.write("good morning")
    composer.wait_for("check")
    fake.gate.clear()
    composer.button("submit").click()
    assert composer.posted()["decision"] == "none"
    recorded = fake.wait_for_checks(2)[1]
    assert (recorded["record"], recorded["text"]) == (True, "good morning")


def test_without_the_attribute_nothing_is_sent_before_submit(compose, fake):
    composer = compose()
    composer.field.press_sequentially(HURTFUL)
    composer.page.wait_for_timeout(1200)
    assert fake.checks == []


def test_a_preview_records_nothing_and_tells_nobody(compose, fake):
    composer = compose(attributes="preview explain")
    composer.ask(HURTFUL)
    composer.button("send").click()
    composer.posted()
    composer.page.wait_for_timeout(300)
    assert [(check["record"], check["explain"]) for check in fake.checks] == [(False, True)]
    assert [told["outcome"] for told in composer.seen("outcome")] == ["shown", "sent_unchanged"]
    assert fake.outcomes == []
