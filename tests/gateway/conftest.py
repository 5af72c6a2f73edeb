"""``stage`` is a running gateway with nobody's history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mahlan.gateway import keyring
from tests.gateway.stage import Stage


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed file of keys is noticed at once."""
    monkeypatch.setattr(keyring, "EVERY", 0.02)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(tmp_path).running() as stage:
        yield stage
