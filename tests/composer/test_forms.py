"""Inside a form and around a text box of the page's own: the form goes when the comment may, and as it would have."""

from __future__ import annotations

HURTFUL = "only an idiot says that"
FIELDS = '{}<input name="topic" value="t"><button name="by" value="b">Send</button>'
FORM = f'<form method="post" action="/posted">{FIELDS}</form>'
WRAPPED = '<label for="body">Body</label><textarea id="body" name="body"></textarea>'


def test_a_form_with_the_elements_own_box(compose, fake):
    composer = compose(attributes='name="comment"', around=FORM)
    assert composer.button("submit").is_hidden(), "the form has a button"
    composer.write("good morning")
    composer.page.get_by_role("button", name="Send").click()
    composer.page.wait_for_url("**/posted")
    (post,) = fake.posts
    assert post["comment"] == ["good morning"]
    assert (post["topic"], post["by"]) == (["t"], ["b"])
    assert post["mahlan-comment-id"] == [fake.checks[0]["comment_id"]]
    assert post["mahlan-revision"] == ["0"]


def test_a_form_with_a_wrapped_box_waits_for_the_author(compose, fake):
    composer = compose(WRAPPED, around=FORM)
    composer.write(HURTFUL)
    composer.page.get_by_role("button", name="Send").click()
    composer.nudge.wait_for()
    assert fake.posts == []
    composer.button("edit").click()
    assert composer.focused() == "body"
    composer.write("I do not agree")
    composer.page.get_by_role("button", name="Send").click()
    composer.page.wait_for_url("**/posted")
    fake.wait_for_outcomes("shown", "revised")
    assert (fake.posts[0]["body"], fake.posts[0]["mahlan-revision"]) == (["I do not agree"], ["1"])


def test_the_forms_own_button_while_asked_posts_as_it_is(compose, fake):
    composer = compose(WRAPPED, around=FORM)
    composer.write(HURTFUL)
    composer.page.get_by_role("button", name="Send").click()
    composer.nudge.wait_for()
    composer.page.get_by_role("button", name="Send").click()
    composer.page.wait_for_url("**/posted")
    fake.wait_for_outcomes("shown", "sent_unchanged")


def test_the_page_hears_submit_once_and_only_when_the_comment_goes(compose, fake):
    composer = compose(WRAPPED, around=FORM)
    composer.page.evaluate("""() => {
        window.submits = 0;
        document.querySelector("form").addEventListener("submit", (event) => {
            event.preventDefault();
            submits++;
            event.target.reset();
        });
    }""")
    composer.write(HURTFUL)
    composer.page.get_by_role("button", name="Send").click()
    composer.nudge.wait_for()
    assert composer.page.evaluate("submits") == 0
    composer.button("send").click()
    composer.posted()
    assert composer.page.evaluate("submits") == 1
    # The page reset its form while it took the comment: that is no cancelling.
    fake.wait_for_outcomes("shown", "sent_unchanged")
    assert composer.field.input_value() == ""


def test_a_form_that_is_reset_was_cancelled(compose, fake):
    composer = compose(around=FORM)
    composer.write(HURTFUL)
    composer.page.get_by_role("button", name="Send").click()
    composer.nudge.wait_for()
    composer.page.evaluate("document.querySelector('form').reset()")
    assert composer.nudge.count() == 0
    assert composer.field.input_value() == ""
    fake.wait_for_outcomes("shown", "cancelled")


def test_a_form_with_another_field_that_is_wrong_loses_nothing(compose, fake):
    composer = compose(around=FORM.replace('value="t"', "required"))
    composer.write(HURTFUL)
    composer.page.evaluate("document.querySelector('form').noValidate = true")
    composer.page.get_by_role("button", name="Send").click()
    composer.nudge.wait_for()
    composer.page.evaluate("document.querySelector('form').noValidate = false")
    composer.button("send").click()
    composer.page.wait_for_timeout(200)
    assert fake.posts == []
    assert [told["outcome"] for told in composer.seen("outcome")] == ["shown"]
    composer.page.locator("input[name=topic]").fill("t")
    composer.page.get_by_role("button", name="Send").click()
    composer.page.wait_for_url("**/posted")
    fake.wait_for_outcomes("shown", "sent_unchanged")


def test_required_and_empty_is_the_forms_own_matter(compose, fake):
    composer = compose(attributes="required", around=FORM)
    composer.page.get_by_role("button", name="Send").click()
    assert composer.focused() == "textarea"
    assert (fake.checks, fake.posts) == ([], [])


def test_a_page_that_posts_by_itself(compose, fake):
    composer = compose(around=FORM)
    composer.page.evaluate("window.refused = 'post'")
    composer.write("good morning")
    composer.page.get_by_role("button", name="Send").click()
    assert composer.posted()["text"] == "good morning"
    assert composer.field.input_value() == "good morning"
    assert fake.posts == []


def test_a_page_with_a_nudge_of_its_own(compose, fake):
    composer = compose()
    composer.page.evaluate("window.refused = 'nudge'")
    composer.submit(HURTFUL)
    (nudge,) = composer.wait_for("nudge")
    assert nudge["answer"]["wording"]["language"] == "en"
    assert composer.nudge.count() == 0
    composer.page.evaluate("document.querySelector('mahlan-composer').dispute('quoting')")
    composer.page.evaluate("document.querySelector('mahlan-composer').postAnyway()")
    fake.wait_for_outcomes("shown", "disputed", "sent_unchanged")


def test_a_box_that_comes_later_is_wrapped_too(compose, fake):
    composer = compose()
    composer.page.evaluate("""() => {
        const box = Object.assign(document.createElement("textarea"), { ariaLabel: "late" });
        document.querySelector("mahlan-composer").append(box);
    }""")
    composer.page.get_by_label("late").fill("hello")
    composer.button("submit").click()
    assert composer.posted()["text"] == "hello"
    assert composer.field.input_value() == "hello", "a wrapped box belongs to the page"


def test_blanks_between_the_tags_wrap_nothing(compose):
    composer = compose("\n   \n")
    assert composer.field.get_attribute("part") == "textarea"
    assert composer.field.is_visible()
