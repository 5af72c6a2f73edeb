"""Real clients need a live gateway, and Node's also their packages: installed once, from the lock beside this file."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.elsewhere import Elsewhere
from tests.gateway.stage import Stage
from tests.npm import installed

HERE = Path(__file__).parent


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A gateway of the test's own."""
    async with Stage(tmp_path).running() as stage:
        yield stage


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A gateway with the model of one label."""
    with Elsewhere(Stage(tmp_path_factory.mktemp("gateway"))) as stage:
        yield stage


@pytest.fixture(scope="session")
def accurate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A gateway with the model of six labels."""
    with Elsewhere(Stage(tmp_path_factory.mktemp("gateway"), {"scorer_model": "accurate@6"})) as stage:
        yield stage


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder that Node finds its packages in."""
    return installed(HERE, "conformance")


@pytest.fixture
def node(packages: Path) -> Callable[..., Any]:
    """Runs a client: its name, the gateway, the request, and another key than the stage's."""

    def run(client: str, stage: Stage, request: Any, key: str = "") -> dict[str, Any]:
        done = subprocess.run(
            ["node", str(HERE / "clients.cjs"), client, stage.url, key or stage.key],
            input=json.dumps(request),
            env={**os.environ, "NODE_PATH": str(packages / "node_modules")},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return run
