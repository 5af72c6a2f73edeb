"""Where the files that travel with the code are: models, campaigns, schemas. Called by the CLI and the services.

In a checkout they are the folders beside ``services/``; an installed wheel carries them as ``mahlan/_data``.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal

from mahlan.errors import SettingsError

DataName = Literal["models", "campaigns", "schemas"]

_PACKAGE = Path(__file__).resolve().parent.parent


def home(given: str = "") -> Path:
    """Where what outlives a process is kept: ``MAHLAN_HOME``, or ``.mahlan`` in a checkout, or the user's cache."""
    if given:
        return Path(given).expanduser()
    root = checkout()
    if root:
        return root / ".mahlan"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mahlan"


@cache
def checkout() -> Path | None:
    """The root of the working tree this code runs from, or None when it was installed."""
    root = _PACKAGE.parent.parent
    is_checkout = _PACKAGE.parent.name == "services" and (root / "pyproject.toml").is_file()
    return root if is_checkout else None


def data_folder(name: DataName) -> Path:
    """The folder of that name; raises ``SettingsError`` when this installation has none."""
    root = checkout()
    folder = root / name if root else _PACKAGE / "_data" / name
    if not folder.is_dir():
        raise SettingsError(f"no {name} folder at {folder}: the installation is incomplete")
    return folder
