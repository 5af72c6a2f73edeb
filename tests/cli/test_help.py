"""Help that helps: every command has an example, none costs an import it does not need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from mahlan import __version__
from mahlan.cli.main import MODULES, run
from mahlan.cli.main import mahlan as tree
from mahlan.cli.reference import cli_reference

HEAVY = {"aiohttp", "aiokafka", "faust", "structlog", "rich", "asyncio", "prometheus_client", "uvloop", "numpy"}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group, info_name="mahlan")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands(tree))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_says_what_it_does_and_shows_an_example(path, capsys):
    assert run([*path, "--help"]) == 0
    said = capsys.readouterr().out
    assert ALL[path].help
    assert "Example" in said
    assert f"mahlan {path[0]}" in said.partition("Example")[2]


def test_help_imports_nothing_heavy(environment):
    code = "import sys; from mahlan.cli.main import run; run(['--help']); print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.decode().split()}
    assert "click" in loaded
    assert not loaded & HEAVY


def test_version(mahlan):
    assert mahlan("--version").stdout.decode().strip() == f"mahlan, version {__version__}"


def test_unknown_command_suggests_the_nearest(mahlan):
    done = mahlan("scroe")
    assert done.returncode == 2
    assert b"'score'" in done.stderr


def test_the_reference_has_every_command():
    written = cli_reference()
    for path in ALL:
        assert f"\n## `mahlan {' '.join(path)}`\n" in written
    assert cli_reference() == written


def test_the_table_of_commands_is_the_tree():
    assert list(MODULES) == [path[0] for path in ALL if len(path) == 1]


def test_an_error_is_one_line_and_debug_shows_where(mahlan):
    done = mahlan("settings", env={"MAHLAN_SCORER_THREDS": "2"})
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "mahlan: unknown setting MAHLAN_SCORER_THREDS: did you mean MAHLAN_SCORER_THREADS?"
    ]
    debugged = mahlan("--debug", "settings", env={"MAHLAN_SCORER_THREDS": "2"})
    assert b"Traceback" in debugged.stderr
    assert debugged.returncode == 2
