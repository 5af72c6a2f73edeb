"""The command as a new user runs it: a process of its own, with bytes in and bytes out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.word_model import build_models

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the word model as champion."""
    return build_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def environment(models: Path) -> dict[str, str]:
    """What a user's shell would hold, with our checkout and the word model."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAHLAN_", "KAFKA_"))}
    return {**kept, "PYTHONPATH": str(ROOT / "services"), "MAHLAN_MODELS_DIR": str(models)}


@pytest.fixture
def mahlan(environment: dict[str, str]) -> Run:
    """``mahlan("score", "--jobs", "2", stdin=b"…")``; more environment by ``env``."""

    def run(
        *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "mahlan", *arguments],
            input=stdin,
            capture_output=True,
            env=environment | (env or {}),
            timeout=110,
            check=False,
        )

    return run
