"""Stages that leave their output in a folder and are not done twice. Called by ``__main__.py``.

A stage's folder holds ``done.json`` with the fingerprint of all it was made from. The same fingerprint: it is used as
it is. Another, or none: it is made anew, except that an unfinished stage of the same fingerprint keeps its
checkpoints, so that a training that was stopped goes on.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DONE = "done.json"
BEGUN = "begun.json"


class StoppedError(Exception):
    """A stage that used up its time; what it has is kept, ``--resume`` goes on."""


@dataclass(slots=True)
class Run:
    """The stages of one run under ``folder``. ``resume=False`` makes each stage anew."""

    folder: Path
    resume: bool
    print_line: Callable[[str], None] = print
    _keys: dict[str, str] = field(default_factory=dict)

    def stage(self, name: str, make: Callable[[Path], None], of: Any, after: tuple[str, ...] = ()) -> Path:
        """The folder of stage ``name``, made by ``make`` from the plain values ``of`` and the stages ``after``."""
        key = fingerprint([of, [self._keys[one] for one in after]])
        self._keys[name] = key
        folder = self.folder / name
        if self.resume and _reads(folder / DONE) == key:
            self.print_line(f"{name}: done before")
            return folder
        if not (self.resume and _reads(folder / BEGUN) == key):
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BEGUN).write_text(json.dumps(key), encoding="utf-8")
        self.print_line(f"{name}: begun")
        make(folder)
        (folder / DONE).write_text(json.dumps(key), encoding="utf-8")
        return folder


def fingerprint(of: Any) -> str:
    """A short name of plain values: the same values, the same name."""
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:16]


def folder_facts(folder: Path) -> list[tuple[str, int]]:
    """Names and sizes of the files under ``folder``, for a fingerprint."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return [(str(path.relative_to(folder)), path.stat().st_size) for path in files]


def _reads(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return None
