"""``docs/cli.md``, made from the commands themselves. ``python -m mahlan.cli.reference FILE`` writes it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mahlan.cli.main import mahlan

WIDTH = 100
HEAD = """# The command `mahlan`

Made from the commands' own help by `python -m mahlan.cli.reference docs/cli.md`; a test holds the two together.

| command | what it does |
|---|---|
"""


def cli_reference() -> str:
    """The whole reference as Markdown."""
    commands = list(_commands(mahlan, "mahlan"))
    table = "".join(f"| [`{path}`](#{_anchor(path)}) | {_short(command)} |\n" for path, command in commands)
    return HEAD + table + "".join(_section(path, command) for path, command in commands)


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """The group, then everything below it, in the order of the help."""
    yield path, group
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}", command


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path, terminal_width=WIDTH, **command.context_settings)
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"\n## `{path}`\n\n```text\n{text}\n```\n"


def _short(command: click.Command) -> str:
    return command.get_short_help_str(limit=200).replace("|", "\\|")


def _anchor(path: str) -> str:
    return path.replace(" ", "-")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(cli_reference(), encoding="utf-8")
