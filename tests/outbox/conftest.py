"""A stage for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.outbox.spooling import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> Stage:
    return await Stage(tmp_path / "gateway" / "spool.db").open()
