"""How commands speak: colours and tables on a terminal, JSON lines into a pipe. Used by every command.

rich is imported only once it is known that a person is reading.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]


def is_terminal() -> bool:
    """Whether a person reads the output."""
    return sys.stdout.isatty()


def emit(value: Any) -> None:
    """One JSON line."""
    click.echo(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE), nl=False)


def emit_all(rows: Iterable[Any]) -> None:
    """One JSON line each."""
    for row in rows:
        emit(row)


def note(message: str) -> None:
    """Tell the person at the terminal what is going on, away from the data."""
    click.echo(f"mahlan: {message}", err=True)


def console(*, stderr: bool = False) -> Console:
    """A rich console that leaves what it is given as it is."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def show_rows(rows: Sequence[Row], *, as_json: bool, title: str = "", empty: str = "nothing there") -> None:
    """Rows as a table for a person, or one JSON line each."""
    if as_json or not is_terminal():
        emit_all(rows)
    elif not rows:
        note(empty)
    else:
        _table(rows, title)


def _table(rows: Sequence[Row], title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold", box=None)
    for name in rows[0]:
        numeric = all(isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    Console().print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


json_option = click.option("--json", "as_json", is_flag=True, help="JSON lines, on a terminal too.")
"""The option that every command with a table has."""

jobs_option = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, 256),
    help="Processes to use. Default: one for small inputs, else one per core.",
)
"""The option of the commands that work over all cores."""
