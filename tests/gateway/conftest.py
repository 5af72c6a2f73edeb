"""``stage`` is a running gateway with nobody's history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mahlan.runtime import followed
from tests.gateway.stage import Stage


@pytest.fixture(autouse=True)
def quick_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed file is noticed at once."""
    monkeypatch.setattr(followed, "EVERY", 0.02)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(tmp_path).running() as stage:
        yield stage
