"""``mahlan up``: a real Kafka, every service and the gateway, until Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import emit, is_terminal, note

if TYPE_CHECKING:
    from mahlan.demo.stand import Addresses

EXAMPLE = '{"comment_id": "c-1", "text": "ya 7omar enta mabtefhamsh", "author_key": "author-1"}'


@click.command("up", cls=Command, examples=("mahlan up", "MAHLAN_GATEWAY_PORT=8090 mahlan up --json"))
@click.option("--json", "as_json", is_flag=True, help="The addresses as one JSON line, on a terminal too.")
def command(as_json: bool) -> None:
    """Run everything on this machine until Ctrl-C, and say where it is.

    Starts Kafka (or uses KAFKA_BOOTSTRAP_SERVERS), every service and the gateway, each as a process, and brings up
    again what dies. The gateway asks for no keys and listens on this machine alone, unless MAHLAN_GATEWAY_KEYS_FILE
    names some. A Kafka that was started ends with it, and its records too.
    """
    from mahlan.cli.runtime import quiet_clients, settings_now, unreachable
    from mahlan.demo.stand import for_this_machine, stand
    from mahlan.errors import BrokerError
    from mahlan.local.kafka import home
    from mahlan.local.provide import provide

    quiet_clients()
    # SIGTERM ends this as Ctrl-C does, also while Kafka is on its way up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = for_this_machine(settings_now())
    with provide(partitions=settings.partitions, say=note) as kafka:
        note("starting the services and the gateway")
        try:
            _until_told(stand(settings, kafka, home() / "up", lambda where: _show(where, as_json)))
        except BrokerError as error:
            raise unreachable(error, settings) from error
    note("stopped")


def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run it until Ctrl-C or SIGTERM; more of them do not disturb the stopping."""
    import asyncio

    async def main() -> None:
        task = asyncio.ensure_future(work)

        def stop() -> None:
            if not task.cancelling():
                note("stopping")
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        try:
            await task
        except asyncio.CancelledError:
            return

    try:
        asyncio.run(main())
    finally:
        # The loop gave Ctrl-C back to Python: Kafka, too, is to be stopped in good order.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _show(where: Addresses, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json or not is_terminal():
        emit(asdict(where))
        return
    click.secho("mahlan runs; Ctrl-C stops it", bold=True)
    key = ' -H "Authorization: Bearer $KEY"' if where.keys else ""
    for name, address in (
        ("playground", f"{where.gateway}/"),
        ("board", f"{where.gateway}/board"),
        ("checks", f"{where.gateway}/v1/checks"),
        ("comments", f"{where.gateway}/v1/comments"),
        ("nudges", f"{where.gateway}/v1/nudges/stream"),
        ("OpenAPI", f"{where.gateway}/openapi.json"),
        ("Kafka", where.kafka),
        ("metrics", "  ".join(f"{address}/metrics ({service})" for service, address in where.status.items())),
        ("logs", where.logs),
    ):
        click.echo(f"  {name:12}{address}")
    click.echo(f"try it:\n  curl -s {where.gateway}/v1/checks{key} -H 'Content-Type: application/json' -d '{EXAMPLE}'")
