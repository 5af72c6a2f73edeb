"""How far long work is. Called by all that trains or measures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def shown(work: Iterable[T], title: str, total: int | None = None) -> Iterable[T]:
    """``work`` with a bar on standard error: what a command prints on standard output is its answer."""
    return track(work, description=title, total=total, console=Console(stderr=True))
