"""A click group that imports a command's module when the command is asked for, and not before."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """``modules`` maps a command's name to the module that holds it, under the same name, as ``command``."""

    def __init__(self, *args: Any, modules: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.modules = dict(modules or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order they are written, which is the order a newcomer needs them."""
        return [*self.modules, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of the command."""
        if cmd_name not in self.modules:
            return super().get_command(ctx, cmd_name)
        command: click.Command = importlib.import_module(self.modules[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, and with the nearest name where there is no such command."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise self._suggesting(ctx, args, error) from None

    def _suggesting(self, ctx: click.Context, args: list[str], error: click.UsageError) -> click.UsageError:
        import difflib

        near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1) if args else []
        return click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) if near else error
