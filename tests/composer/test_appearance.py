"""On a phone, in the dark, without motion, in the colours of the system and of the page; and what a creator says."""

from __future__ import annotations

import pytest

from tests.composer.test_nudge import COMMENTS

HURTFUL = "only an idiot says that"


def style(composer, part, name):
    return composer.button(part).first.evaluate("(node, name) => getComputedStyle(node)[name]", name)


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("language", COMMENTS)
def test_on_a_phone_nothing_sticks_out_and_everything_can_be_tapped(compose, language, width):
    composer = compose(lang=language)
    composer.page.set_viewport_size({"width": width, "height": 700})
    composer.ask(COMMENTS[language][0] + " " + "w" * 80)
    composer.button("dispute").click()
    assert composer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    targets = composer.page.locator("mahlan-composer button:visible, mahlan-composer fieldset label").all()
    boxes = [target.bounding_box() for target in targets]
    assert min(box["height"] for box in boxes) >= 44
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)


def test_a_wrapped_box_is_as_wide_as_the_nudge_below_it(compose):
    composer = compose("<textarea></textarea>")
    composer.ask(HURTFUL)
    edges = [
        (box["x"], box["x"] + box["width"]) for box in (composer.field.bounding_box(), composer.nudge.bounding_box())
    ]
    assert edges[0] == edges[1]


def test_edit_is_the_first_and_the_widest_on_a_phone(compose):
    composer = compose()
    composer.page.set_viewport_size({"width": 390, "height": 700})
    composer.ask(HURTFUL)
    edit, send = (composer.button(part).bounding_box() for part in ("edit", "send"))
    assert edit["y"] < send["y"]
    assert edit["width"] > send["width"]


def test_dark_follows_the_system_unless_the_page_says_otherwise(compose):
    composer = compose()
    composer.ask(HURTFUL)
    light = style(composer, "nudge", "backgroundColor")
    composer.page.emulate_media(color_scheme="dark")
    dark = style(composer, "nudge", "backgroundColor")
    assert dark != light
    composer.page.locator("mahlan-composer").evaluate("node => node.setAttribute('theme', 'light')")
    assert style(composer, "nudge", "backgroundColor") == light
    composer.page.emulate_media(color_scheme="light")
    composer.page.locator("mahlan-composer").evaluate("node => node.setAttribute('theme', 'dark')")
    assert style(composer, "nudge", "backgroundColor") == dark


def test_no_motion_where_none_is_wanted(compose):
    composer = compose()
    composer.ask(HURTFUL)
    assert style(composer, "nudge", "animationName") == "in"
    composer.page.emulate_media(reduced_motion="reduce")
    assert style(composer, "nudge", "animationName") == "none"


def test_the_colours_of_the_system(compose):
    composer = compose()
    composer.page.emulate_media(forced_colors="active")
    composer.ask(HURTFUL)
    marked, echo = (style(composer, part, "backgroundColor") for part in ("mark", "echo"))
    assert marked != echo, "the marked words still stand out"


def test_the_colours_of_the_page(compose):
    composer = compose()
    composer.page.evaluate("""() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`mahlan-composer { --mahlan-accent: rgb(90, 20, 120); }
            mahlan-composer::part(question) { color: rgb(1, 2, 3); }`);
        document.adoptedStyleSheets = [sheet];
    }""")
    composer.ask(HURTFUL)
    assert style(composer, "edit", "backgroundColor") == "rgb(90, 20, 120)"
    assert style(composer, "question", "color") == "rgb(1, 2, 3)"


def test_arabic_runs_from_the_right_whatever_the_page_does(compose):
    composer = compose(lang="en")
    composer.ask(COMMENTS["arz"][0])
    assert [style(composer, part, "direction") for part in ("nudge", "echo", "textarea")] == ["rtl", "rtl", "rtl"]
    composer.button("edit").click()
    composer.button("submit").click()
    composer.ask(HURTFUL)
    assert [style(composer, part, "direction") for part in ("nudge", "echo", "textarea")] == ["ltr", "ltr", "ltr"]


def test_a_creators_video_has_captions_and_waits_to_be_played(compose):
    composer = compose(attributes='creator-name="Salma" creator-video="/clip.mp4" creator-captions="/clip.vtt" '
                                  'creator-image="/still.png" creator-lang="arz"')  # fmt: skip
    composer.ask(HURTFUL)
    film = composer.page.locator("mahlan-composer video")
    assert film.evaluate("film => [film.controls, film.autoplay, film.preload]") == [True, False, "metadata"]
    track = film.locator("track")
    assert (track.get_attribute("srclang"), track.get_attribute("kind")) == ("arz", "captions")
    assert composer.page.get_by_text("A message from Salma").is_visible()


def test_a_video_without_captions_is_left_out_and_the_page_is_told(compose):
    composer = compose(attributes='creator-video="/clip.mp4" creator-message="Words stay."')
    composer.ask(HURTFUL)
    assert composer.page.locator("mahlan-composer video").count() == 0
    assert composer.page.get_by_text("Words stay.").is_visible()
    assert [error["reason"] for error in composer.seen("error")] == ["captions"]


@pytest.mark.parametrize("address", ["javascript:errors.push(1)", "data:image/svg+xml,<svg/>", "http://[", ""])
def test_a_creators_image_comes_from_an_address_that_only_loads(compose, address):
    composer = compose(attributes=f'creator-image="{address}"')
    composer.ask(HURTFUL)
    assert composer.page.locator("mahlan-composer figure").count() == 0


def test_a_creators_message_can_be_an_object(compose):
    composer = compose()
    composer.page.evaluate("""() => {
        const said = { image: "/still.png", alt: "two hands", name: "Salma" };
        document.querySelector("mahlan-composer").creatorMessage = said;
    }""")
    composer.ask(HURTFUL)
    assert composer.page.get_by_role("img", name="two hands").count() == 1
