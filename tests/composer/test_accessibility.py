"""axe-core finds nothing in any state of the composer, in any of its languages, light or dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.composer.test_nudge import COMMENTS

AXE = (Path(__file__).with_name("axe.min.js")).read_text("utf-8")
MEDIA = 'creator-name="Salma" creator-video="/clip.mp4" creator-captions="/clip.vtt" creator-message="Words stay."'
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
#: The browser's own colours behind the composer follow the scheme on pages that say they can.
ABLE = "document.documentElement.style.colorScheme = 'light dark'"


def violations(page):
    """What axe-core objects to, as rule and place."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(result => result.violations)")
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


@SCHEMES
@pytest.mark.parametrize("language", COMMENTS)
def test_every_state_is_clean(compose, language, scheme):
    composer = compose(lang=language)
    composer.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    composer.page.evaluate(ABLE)
    assert violations(composer.page) == []
    composer.ask(COMMENTS[language][0])
    assert violations(composer.page) == []
    composer.button("dispute").click()
    assert violations(composer.page) == []


@SCHEMES
def test_a_creators_message_is_clean(compose, scheme):
    composer = compose(attributes=MEDIA)
    composer.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    composer.page.evaluate(ABLE)
    composer.ask("a long line of words\n" * 30 + "idiot")
    assert composer.page.locator("mahlan-composer video").count() == 1
    assert violations(composer.page) == []


def test_axe_would_find_something(compose):
    composer = compose()
    composer.page.evaluate("document.querySelector('mahlan-composer').shadowRoot.querySelector('label').remove()")
    composer.page.evaluate(
        "document.querySelector('mahlan-composer').shadowRoot.querySelector('textarea').placeholder = ''"
    )
    assert [rule for rule, _ in violations(composer.page)] == ["label"]
