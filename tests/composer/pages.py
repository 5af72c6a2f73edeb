"""The pages the composer is tried on, and a hand that uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

#: On a busy machine an answer takes its time; the tests of the budget set their own.
PATIENT = 'budget-ms="20000"'


def html(body: str, *, attributes: str, around: str, lang: str) -> str:
    """A page under a strict content security policy: no inline script, no inline style."""
    budget = "" if "budget-ms" in attributes else PATIENT
    composer = (
        f'<mahlan-composer key="mhl_public" author-key="author-0001" {budget} {attributes}>{body}</mahlan-composer>'
    )
    return f"""<!doctype html><html lang="{lang}" dir="{"rtl" if lang in {"ar", "arz"} else "ltr"}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>page</title>
<script type="module" src="/composer/mahlan-composer.js"></script></head>
<body><main><h1>page</h1>{around.replace("{}", composer)}</main></body></html>"""


@dataclass
class Composer:
    """One composer on one page. Playwright's selectors look into open shadow trees."""

    page: Page

    @property
    def field(self) -> Locator:
        return self.page.locator("mahlan-composer textarea:visible, mahlan-composer input[type=text]:visible")

    @property
    def nudge(self) -> Locator:
        return self.page.get_by_role("dialog")

    def button(self, part: str) -> Locator:
        return self.page.locator(f"mahlan-composer [part~={part}]")

    @property
    def marks(self) -> list[str]:
        return self.page.locator("mahlan-composer mark").all_inner_texts()

    def write(self, text: str) -> None:
        self.field.fill(text)

    def submit(self, text: str) -> None:
        """Write and post, as far as the composer lets it."""
        self.write(text)
        self.button("submit").click()

    def ask(self, text: str) -> None:
        """Submit, and wait for the nudge."""
        self.submit(text)
        self.nudge.wait_for()

    def seen(self, name: str) -> list[dict[str, Any]]:
        return self.page.evaluate("name => seen.filter(event => event.name === name)", name)

    def wait_for(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """The events of a name, once there are so many."""
        condition = "([name, count]) => seen.filter(event => event.name === name).length >= count"
        self.page.wait_for_function(condition, arg=[name, count])
        return self.seen(name)

    def posted(self) -> dict[str, Any]:
        """The one post there is."""
        (post,) = self.wait_for("post")
        return post

    def focused(self) -> str:
        """The part, id or tag that has the focus, inside shadow trees too."""
        return self.page.evaluate("""() => {
            let at = document.activeElement;
            while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return at.getAttribute("part") || at.id || at.localName;
        }""")
