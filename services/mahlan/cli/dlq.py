"""``mahlan dlq``: what could not be processed and why, and sending it through once more when that is mended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Group
from mahlan.cli.output import json_option, note, show_rows

if TYPE_CHECKING:
    from mahlan.cli.dead_letters import Letter, Replay

_SERVICES = ("normaliser", "scorer", "dispatcher", "insights")
service_option = click.option("--service", type=click.Choice(_SERVICES), help="Only those of one service.")
reason_option = click.option("--reason", metavar="CODE", help="Only those with this reason.")


@click.group("dlq", cls=Group, examples=("mahlan dlq show",))
def command() -> None:
    """Dead letters: records that could not be processed."""


@command.command("show", examples=("mahlan dlq show", "mahlan dlq show --each --reason invalid_field"))
@service_option
@reason_option
@click.option("--each", is_flag=True, help="One row a dead letter, not one a reason.")
@click.option("--values", is_flag=True, help="Each with its value: it may hold what people wrote.")
@json_option
def show(service: str | None, reason: str | None, each: bool, values: bool, as_json: bool) -> None:
    """Count dead letters by service, reason and field; or list each."""
    from mahlan.cli.dead_letters import Choice, read_letters
    from mahlan.cli.runtime import with_broker

    choice = Choice(service, reason)
    letters = with_broker(lambda broker, _: read_letters(broker, choice))
    rows = [_row(letter, values) for letter in letters] if each or values else _counted(letters)
    show_rows(rows, as_json=as_json, title="dead letters", empty="no dead letters")


def _row(letter: Letter, values: bool) -> dict[str, Any]:
    why = letter.why
    row = {
        "at": letter.at,
        "from": f"{why.topic}:{why.partition}:{why.offset}",
        "reason": why.reason,
        "field": why.field,
        "message": why.message,
        "failed_at": why.failed_at,
        "bytes": len(letter.record.value or b""),
    }
    return {**row, "value": (letter.record.value or b"").decode("utf-8", "replace")} if values else row


def _counted(letters: Sequence[Letter]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for letter in letters:
        groups.setdefault((letter.why.service, letter.why.reason, letter.why.field), []).append(letter.why.failed_at)
    return [
        {
            "service": service,
            "reason": reason,
            "field": field,
            "count": len(times),
            "first": min(times),
            "last": max(times),
        }
        for (service, reason, field), times in sorted(groups.items())
    ]


@command.command(
    "replay", examples=("mahlan dlq replay --reason unscorable", "mahlan dlq replay --at normaliser.dlq.v1:2:17 --yes")
)
@service_option
@reason_option
@click.option("--at", "places", metavar="TOPIC:PARTITION:OFFSET", multiple=True, help="Exactly this one, as shown.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def replay(service: str | None, reason: str | None, places: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Send dead letters back to the topic they came from, with their own key, value and headers.

    What was sent back once is not sent again: progress is kept on Kafka, for each reason. A dead letter that is
    named with --at is sent whether or not it was before.
    """
    from mahlan.cli.dead_letters import Choice, plan_replay, send_back
    from mahlan.cli.runtime import with_broker

    choice = Choice(service, reason, places)
    plan = with_broker(lambda broker, settings: plan_replay(broker, settings, choice))
    if plan.letters and not yes:
        _ask(plan)
    done = with_broker(lambda broker, settings: send_back(broker, settings, plan))
    rows = [{"topic": topic, "replayed": count} for topic, count in sorted(done.items())]
    show_rows(rows, as_json=as_json, title="replayed", empty="nothing to send back")


def _ask(plan: Replay) -> None:
    for row in _counted(plan.letters):
        note(f"{row['count']} of {row['service']}, {row['reason']} ({row['field']})")
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: say --yes to send them back")
    click.confirm("Send them back?", abort=True, err=True)
