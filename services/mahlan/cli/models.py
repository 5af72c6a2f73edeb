"""``mahlan models``: which models there are, and whether a folder can be served."""

from __future__ import annotations

import click

from mahlan.cli.output import json_option


@click.group("models")
def command() -> None:
    """Model folders: list them, check one."""
