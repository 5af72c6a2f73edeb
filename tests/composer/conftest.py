"""A real Chromium, where the machine has one, and pages with the composer on them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.composer.fake_gateway import FakeGateway
from tests.composer.pages import Composer, html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Per module: a running Playwright owns this thread's event loop, which other tests need back."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install -y chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install playwright)")
    with sync_api.sync_playwright() as playwright:
        # Its sandbox does not run as root, and the pages are our own.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def fake() -> Iterator[FakeGateway]:
    with FakeGateway() as gateway:
        yield gateway


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def compose(fake: FakeGateway, context: BrowserContext) -> Callable[..., Composer]:
    """Opens a page with one composer: its attributes, what it wraps, what is around it."""

    def open_page(body: str = "", *, attributes: str = "", around: str = "{}", lang: str = "en") -> Composer:
        fake.pages["/page"] = html(body, attributes=attributes, around=around, lang=lang)
        page = context.new_page()
        page.add_init_script(path=Path(__file__).with_name("listen.js"))
        page.goto(f"{fake.url}/page")
        page.wait_for_function("!!customElements.get('mahlan-composer')")
        return Composer(page)

    return open_page
