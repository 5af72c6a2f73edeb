"""``mahlan models``: which models there are, and whether a folder can be served."""

from __future__ import annotations

import click


@click.group("models")
def command() -> None:
    """Model folders: list them, check one."""
