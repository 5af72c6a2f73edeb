"""``mahlan run``: one service in this process, until SIGTERM."""

from __future__ import annotations

import importlib

import click

from mahlan.cli.examples import Command

#: Each has ``main(settings)``.
MODULES = {
    "normaliser": "mahlan.normaliser.app",
    "scorer": "mahlan.scorer.app",
    "dispatcher": "mahlan.dispatcher.app",
    "gateway": "mahlan.gateway.app",
    "insights": "mahlan.insights.app",
}


@click.command(
    "run",
    cls=Command,
    examples=("KAFKA_BOOTSTRAP_SERVERS=localhost:9092 MAHLAN_PORT=9101 mahlan run scorer",),
)
@click.argument("service", metavar="SERVICE", type=click.Choice(list(MODULES)))
def command(service: str) -> None:
    """Run one service in this process until SIGTERM; it then drains and ends.

    SERVICE is normaliser, scorer, dispatcher, gateway or insights.

    Logs are JSON lines on standard error. /metrics, /livez and /readyz are on MAHLAN_HOST:MAHLAN_PORT; the gateway's
    own address is MAHLAN_GATEWAY_HOST:MAHLAN_GATEWAY_PORT, that of insights MAHLAN_INSIGHTS_HOST:MAHLAN_INSIGHTS_PORT.
    """
    from mahlan.cli.runtime import settings_now

    importlib.import_module(MODULES[service]).main(settings_now())
