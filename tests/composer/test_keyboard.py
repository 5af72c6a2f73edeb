"""Without a mouse, and without seeing: where the focus goes, and what is said."""

from __future__ import annotations

from tests.composer.fake_gateway import WORDINGS

HURTFUL = "only an idiot says that"


def test_by_keyboard_alone_from_writing_to_posting(compose, fake):
    composer = compose()
    composer.page.keyboard.press("Tab")
    composer.page.keyboard.type(HURTFUL)
    composer.page.keyboard.press("Control+Enter")
    composer.nudge.wait_for()
    visited = [composer.focused()]
    for _ in range(2):
        composer.page.keyboard.press("Tab")
        visited.append(composer.focused())
    assert visited == ["button edit", "button send", "button dispute"]
    composer.page.keyboard.press("Shift+Tab")
    composer.page.keyboard.press("Enter")
    assert composer.posted()["outcome"] == "sent_unchanged"
    assert composer.focused() == "textarea", "the focus is not lost with the nudge"


def test_a_reason_is_chosen_by_arrow_keys(compose, fake):
    composer = compose()
    composer.ask(HURTFUL)
    composer.button("dispute").press("Enter")
    composer.page.keyboard.press("ArrowDown")
    assert composer.nudge.is_visible(), "choosing is not writing"
    composer.page.keyboard.press("Tab")
    assert composer.focused() == "button send"
    composer.page.keyboard.press("Enter")
    composer.posted()
    told = fake.wait_for_outcomes("shown", "disputed", "sent_unchanged")
    assert {outcome["body"].get("reason") for outcome in told} == {None, "misread"}


def test_escape_goes_back_to_the_words_behind_the_first_mark(compose):
    composer = compose()
    composer.ask(HURTFUL)
    composer.page.keyboard.press("Escape")
    assert composer.nudge.count() == 0
    assert composer.focused() == "textarea"
    assert composer.field.evaluate("field => field.selectionStart") == len("only an idiot")
    assert composer.seen("post") == []


def test_escape_does_not_reach_the_page_while_it_closes_the_nudge(compose):
    composer = compose()
    composer.page.evaluate("""() => {
        window.escapes = 0;
        document.addEventListener("keydown", (event) => { escapes += event.key === "Escape"; });
    }""")
    composer.ask(HURTFUL)
    composer.page.keyboard.press("Escape")
    assert composer.page.evaluate("escapes") == 0
    composer.page.keyboard.press("Escape")
    assert composer.page.evaluate("escapes") == 1


def test_a_key_that_is_held_down_posts_nothing(compose, fake):
    composer = compose()
    composer.write(HURTFUL)
    composer.field.focus()
    composer.page.keyboard.down("Control")
    composer.page.keyboard.down("Enter")
    composer.nudge.wait_for()
    for _ in range(4):
        composer.page.keyboard.down("Enter")
    composer.page.keyboard.up("Enter")
    composer.page.keyboard.up("Control")
    assert composer.seen("post") == []


def test_enter_alone_is_a_new_line(compose):
    composer = compose()
    composer.field.press_sequentially("one")
    composer.field.press("Enter")
    assert composer.field.input_value() == "one\n"
    assert composer.seen("post") == []


def test_a_long_comment_can_be_read_by_keyboard(compose):
    composer = compose()
    composer.ask("a line of words\n" * 30 + HURTFUL)
    echo = composer.button("echo")
    assert echo.get_attribute("tabindex") == "0"
    assert echo.evaluate("node => node.scrollTop") > 0, "the marked words are in sight"


def test_what_a_screen_reader_hears(compose):
    composer = compose()
    composer.ask(HURTFUL)
    words = WORDINGS["en"]
    expected = f"""
    - dialog /may be read as hurtful/:
      - paragraph: /may be read as hurtful/
      - paragraph: Your words
      - blockquote:
        - text: only an
        - mark: idiot
        - text: says that
      - button "{words["edit"]}"
      - button "{words["send"]}"
      - button "{words["dispute"]}"
    """
    from playwright.sync_api import expect

    expect(composer.nudge).to_match_aria_snapshot(expected)
    described = composer.nudge.evaluate(
        "node => node.getRootNode().getElementById(node.getAttribute('aria-describedby')).textContent"
    )
    assert described == HURTFUL
    composer.button("send").click()
    expect(composer.page.get_by_role("status").filter(has_text="Posted")).to_have_count(1)


def test_the_elements_own_box_has_a_name(compose):
    composer = compose(attributes='label="Your answer"')
    composer.page.get_by_role("textbox", name="Your answer").wait_for()
