"""``mahlan broker``: a Kafka on this machine, for development."""

from __future__ import annotations

from typing import Any

import click

from mahlan.cli.examples import Group
from mahlan.cli.output import emit, is_terminal, json_option, note


@click.group("broker", cls=Group, examples=("mahlan broker start && mahlan topics create",))
def command() -> None:
    """Start, stop and look at a local Kafka. It needs neither Java nor Docker."""


@command.command("start", examples=("mahlan broker start --port 0",))
@click.option("--port", type=click.IntRange(0, 65535), default=9092, show_default=True, help="0 takes a free one.")
@json_option
def start(port: int, as_json: bool) -> None:
    """Start it and wait until it answers; it stays when this command ends."""
    from mahlan.cli.runtime import settings_now
    from mahlan.local import kafka

    running = kafka.start(port=port, partitions=settings_now().partitions, say=note)
    _show(_row(running), as_json)


@command.command("status", examples=("mahlan broker status",))
@json_option
def status(as_json: bool) -> int:
    """Say whether it runs, and where. The exit status is 1 when it does not."""
    from mahlan.local import kafka

    running = kafka.status()
    _show(_row(running) if running else {"running": False}, as_json)
    return 0 if running else 1


@command.command("stop", examples=("mahlan broker stop",))
@json_option
def stop(as_json: bool) -> int:
    """Stop it. Its records are kept for the next start. The exit status is 1 when none ran."""
    from mahlan.local import kafka

    stopped = kafka.stop()
    _show({"running": False, "stopped": stopped}, as_json)
    return 0 if stopped else 1


def _row(running: Any) -> dict[str, Any]:
    return {
        "running": True,
        "bootstrap_servers": running.bootstrap,
        "pid": running.pid,
        "folder": str(running.folder),
    }


def _show(row: dict[str, Any], as_json: bool) -> None:
    if as_json or not is_terminal():
        emit(row)
    elif row["running"]:
        click.echo(f"Kafka runs at {row['bootstrap_servers']} (process {row['pid']}, folder {row['folder']})")
        click.secho(f"export KAFKA_BOOTSTRAP_SERVERS={row['bootstrap_servers']}", bold=True)
    elif row.get("stopped"):
        click.echo("Kafka is stopped; its records are kept")
    else:
        click.echo("no local Kafka runs")
