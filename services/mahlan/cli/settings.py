"""``mahlan settings``: every setting, what it is now, and what it means."""

from __future__ import annotations

import os
from typing import Any

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import json_option, show_rows

MASK = "********"


@click.command("settings", cls=Command, examples=("MAHLAN_SCORER_THREADS=2 mahlan settings",))
@json_option
def command(as_json: bool) -> None:
    """List every setting with its value, default and meaning. Secrets are masked.

    A setting is an environment variable. One that is unknown, or has a value that cannot be used, is an error here
    as it is for every service.
    """
    show_rows(setting_rows(os.environ), as_json=as_json, title="settings")


def setting_rows(environment: Any) -> list[dict[str, Any]]:
    """One row a setting. Raises ``SettingsError``."""
    from mahlan.runtime.settings import read_settings
    from mahlan.runtime.settings_table import described_settings

    values = read_settings(environment)
    return [
        {
            "name": row["name"],
            "value": _shown(row["meaning"], getattr(values, row["name"].removeprefix("MAHLAN_").lower())),
            "default": row["default"],
            "meaning": row["meaning"],
        }
        for row in described_settings()
    ]


def _shown(meaning: str, value: Any) -> Any:
    return MASK if "secret" in meaning and value else value
