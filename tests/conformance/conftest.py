"""Real clients need a live gateway, and Node's also their packages: installed once, from the lock beside this file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mahlan.runtime.data import home
from tests.gateway.elsewhere import Elsewhere
from tests.gateway.stage import Stage

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc")
INSTALL_SECONDS = 600


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
    with Elsewhere(Stage(tmp_path_factory.mktemp("gateway"), {"scorer_model": "accurate@2"})) as stage:
        yield stage


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder that Node finds its packages in. Skips where there is no Node, or where they cannot be had."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not on this machine: its clients are not run")
    folder = home("") / "conformance" / hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copy(HERE / name, folder / name)
        done = subprocess.run(
            ["npm", "ci"], cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
        if done.returncode:
            pytest.skip(f"npm cannot install the clients: {done.stderr.strip().splitlines()[:1]}")
        (folder / "installed").touch()
    return folder


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
