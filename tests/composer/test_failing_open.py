"""Never blocks: whatever becomes of the check, the comment goes out, and the page is told why nobody was asked."""

from __future__ import annotations

import pytest

HURTFUL = "only an idiot says that"


def test_a_slow_gateway_holds_nobody_up(compose, fake):
    fake.gate.clear()
    composer = compose(attributes='budget-ms="300"')
    composer.submit(HURTFUL)
    post = composer.posted()
    assert (post["text"], post["decision"], post["outcome"]) == (HURTFUL, "unchecked", None)
    assert [error["reason"] for error in composer.seen("error")] == ["budget"]
    assert not fake.gate.is_set()
    fake.gate.set()
    composer.page.wait_for_timeout(300)
    assert composer.nudge.count() == 0, "an answer that comes too late is not shown"
    assert fake.outcomes == []


def test_the_budget_is_300_ms_unless_the_page_says_otherwise(compose, fake):
    fake.gate.clear()
    composer = compose(attributes='budget-ms="oops"')
    composer.page.evaluate("""() => {
        const real = window.setTimeout;
        window.waits = [];
        window.setTimeout = (act, wait) => { waits.push(wait); return real(act, wait); };
    }""")
    composer.submit(HURTFUL)
    composer.posted()
    assert 300 in composer.page.evaluate("waits")


def test_what_is_checked_is_what_is_posted(compose, fake):
    fake.gate.clear()
    composer = compose()
    composer.submit("good morning")
    fake.wait_for_checks(1)
    assert composer.field.evaluate("field => field.readOnly")
    composer.button("submit").click(force=True)  # impatient: the button is aria-disabled
    fake.gate.set()
    assert composer.posted()["text"] == "good morning"
    assert not composer.field.evaluate("field => field.readOnly")
    assert len(fake.checks) == 1


def test_offline(compose, fake, context):
    composer = compose()
    context.set_offline(True)
    composer.submit(HURTFUL)
    assert composer.posted()["decision"] == "unchecked"
    assert [error["reason"] for error in composer.seen("error")] == ["offline"]
    assert fake.checks == []


def test_a_network_that_fails(compose, fake):
    composer = compose()
    composer.page.route("**/v1/checks", lambda route: route.abort())
    composer.submit(HURTFUL)
    assert composer.posted()["decision"] == "unchecked"
    assert [error["reason"] for error in composer.seen("error")] == ["network"]


@pytest.mark.parametrize("status", [400, 401, 403, 409, 413, 429, 500, 503])
def test_a_gateway_that_refuses(compose, fake, status):
    fake.status = status
    composer = compose()
    composer.submit(HURTFUL)
    assert composer.posted()["decision"] == "unchecked"
    (error,) = composer.seen("error")
    assert (error["reason"], error["status"]) == ("http", status)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b'{"decision": "nudge"}',
        b'{"decision": "nudge", "nudge_id": "n", "wording": {"text": "only this"}}',
    ],
)
def test_an_answer_nobody_can_act_on(compose, fake, said):
    fake.said = said
    composer = compose()
    composer.submit(HURTFUL)
    assert composer.posted()["decision"] == "unchecked"
    assert [error["reason"] for error in composer.seen("error")] == ["answer"]


def test_spans_that_make_no_sense_are_left_out(compose, fake):
    wording = '{"text": "t", "edit": "e", "send": "s", "dispute": "d", "language": "en", "direction": "ltr"}'
    spans = '[[8, 13], [0, 4], [2, 6], [9, 99], [-1, 2], [5], "x", [3, 3], ["a", "b"], null]'
    fake.said = f'{{"decision": "nudge", "nudge_id": "n", "wording": {wording}, "spans": {spans}}}'.encode()
    composer = compose()
    composer.ask(HURTFUL)
    assert composer.marks == ["only", "idiot"]
    assert composer.button("echo").inner_text() == HURTFUL


def test_an_outcome_that_cannot_be_told_holds_nobody_up(compose, fake):
    composer = compose()
    composer.page.route("**/outcomes", lambda route: route.abort())
    composer.ask(HURTFUL)
    composer.button("send").click()
    assert composer.posted()["outcome"] == "sent_unchanged"
    assert {(error["reason"], error["late"]) for error in composer.wait_for("error", 2)} == {("network", True)}


def test_an_old_browser_keeps_the_wrapped_box_and_its_form(compose, fake, context):
    context.add_init_script("delete HTMLElement.prototype.attachInternals")
    fake.pages["/old"] = """<!doctype html><script type="module" src="/composer/mahlan-composer.js"></script>
        <form method="post" action="/posted"><mahlan-composer><textarea name="body">hello</textarea></mahlan-composer>
        <button>Post</button></form>"""
    page = context.new_page()
    page.goto(f"{fake.url}/old")
    page.get_by_role("button").click()
    page.wait_for_url("**/posted")
    assert fake.posts == [{"body": ["hello"]}]
