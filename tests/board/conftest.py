"""A real Chromium before a real gateway, whose insights service is one that a test sets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mahlan.gateway.board import answers, latest
from tests.board.fake_insights import FakeInsights
from tests.board.invented import NOW, busy
from tests.composer import conftest
from tests.gateway.elsewhere import Elsewhere
from tests.gateway.stage import CAMPAIGN, Clock, Stage

if TYPE_CHECKING:
    from playwright.sync_api import Page

browser = conftest.browser
context = conftest.context

QUICK = 0.2
"""Seconds between two looks, here."""


@dataclass
class Ticking(Clock):
    """A clock that goes on by itself, and can be moved."""

    now: datetime = NOW
    begun: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self.begun)


@pytest.fixture(scope="module")
def insights() -> Iterator[FakeInsights]:
    with FakeInsights() as fake:
        yield fake


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, insights: FakeInsights) -> Iterator[Stage]:
    """One for a module: it takes a second to start."""
    options = {"gateway_insights_url": insights.url, "gateway_auth": "off"}
    stage = Stage(tmp_path_factory.mktemp("gateway"), options=options, clock=Ticking())
    stage.make_public()
    with pytest.MonkeyPatch.context() as patch, Elsewhere(stage):
        patch.setattr(latest, "EVERY", QUICK / 2)
        patch.setattr(answers, "EVERY", QUICK)
        yield stage


@pytest.fixture
def told(gateway: Stage, insights: FakeInsights) -> Iterator[FakeInsights]:
    """The insights service, with a campaign on its tenth day."""
    insights.told = {CAMPAIGN: busy()}
    yield insights
    insights.gate.set()
    insights.status, insights.raw = 200, None
    insights.stop()
    insights.start()


@pytest.fixture
def look(gateway: Stage, told: FakeInsights, context: Any) -> Callable[..., Page]:
    """Opens the board; what it asked for is in ``addresses``, what went wrong in ``errors``."""
    addresses: list[str] = []
    errors: list[str] = []

    def open_page(
        language: str = "arz", path: str = "/board", *, width: int = 1280, filled: bool = True, **media: Any
    ) -> Page:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(reduced_motion="reduce", **media)
        page.on("request", lambda request: addresses.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{gateway.url}{path}{'&' if '?' in path else '?'}lang={language}")
        if filled:
            page.locator("#tiles .tile").first.wait_for()
        return page

    open_page.addresses, open_page.errors = addresses, errors  # type: ignore[attr-defined]
    return open_page
