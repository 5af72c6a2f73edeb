"""Packages of npm that tests run: installed once, from a lock, outside the checkout."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from mahlan.runtime.data import home

FILES = ("package.json", "package-lock.json", ".npmrc")
INSTALL_SECONDS = 600


def installed(lock: Path, name: str) -> Path:
    """The folder whose ``node_modules`` hold what the lock in the folder ``lock`` names.

    Skips where there is no Node, or where its packages cannot be had.
    """
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip(f"node and npm are not on this machine: {name} cannot run")
    folder = home("") / name / hashlib.sha256((lock / "package-lock.json").read_bytes()).hexdigest()[:16]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            shutil.copy(lock / file, folder / file)
        done = subprocess.run(
            ["npm", "ci"], cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
        if done.returncode:
            pytest.skip(f"npm cannot install what {name} needs: {done.stderr.strip().splitlines()[:1]}")
        (folder / "installed").touch()
    return folder
