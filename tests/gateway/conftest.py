"""``stage`` is a running gateway with nobody's history."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from mahlan.runtime import followed
from tests.board.fake_insights import FakeInsights
from tests.board.invented import busy
from tests.gateway.stage import CAMPAIGN, Stage


@pytest.fixture(autouse=True)
def quick_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed file is noticed at once."""
    monkeypatch.setattr(followed, "EVERY", 0.02)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(tmp_path).running() as stage:
        yield stage


@pytest.fixture
def insights() -> Iterator[FakeInsights]:
    with FakeInsights({CAMPAIGN: busy()}) as fake:
        yield fake


@pytest.fixture
async def board(tmp_path: Path, insights: FakeInsights) -> AsyncIterator[Stage]:
    """A gateway whose campaign has a public board."""
    stage = Stage(tmp_path, options={"gateway_insights_url": insights.url + "/"})
    stage.make_public()
    async with stage.running():
        yield stage
