"""How far a long run is, on standard error, when a person is watching. Lines and pieces of work are counted."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, BinaryIO, Protocol


class Progress(Protocol):
    """What the engine tells."""

    def advance(self, lines: int, bad: int) -> None:
        """So many more lines are written, so many of them bad."""
        ...


def progress_bar(source: BinaryIO) -> AbstractContextManager[Progress] | None:
    """A bar, or None where nobody would see it or it would run into the output."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return None
    return _shown(source)


@contextmanager
def _shown(source: BinaryIO) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        BarColumn(),
        TextColumn("{task.completed:>9,} lines"),
        TextColumn("{task.fields[rate]:>7,.0f}/s"),
        TextColumn("{task.fields[note]}", style="red"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=False) as bars:
        yield _Bar(bars, source)


class _Bar:
    """Lines are counted; how many there will be is guessed from the bytes read so far, for a file."""

    def __init__(self, bars: Any, source: BinaryIO) -> None:
        self._bars, self._source = bars, source
        self._size = _file_size(source)
        self._lines = self._bad = 0
        self._task = bars.add_task("", total=None, rate=0.0, note="")

    def advance(self, lines: int, bad: int) -> None:
        """Move the bar."""
        self._lines += lines
        self._bad += bad
        elapsed = self._bars.tasks[0].elapsed or 1e-9
        self._bars.update(
            self._task,
            completed=self._lines,
            total=self._guess(),
            rate=self._lines / elapsed,
            note=f"{self._bad:,} bad" if self._bad else "",
        )

    def _guess(self) -> float | None:
        if not self._size:
            return None
        read = min(self._source.tell(), self._size)
        return max(self._lines, self._lines * self._size / read) if read else None


def _file_size(source: BinaryIO) -> int:
    """Its size in bytes; 0 where it is no file."""
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


@contextmanager
def counted(total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """A bar for ``total`` pieces of work, moved by calling what is yielded; none where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=total)
        yield lambda pieces: bars.advance(task, pieces)
