"""``mahlan demo``: a real Kafka, every service as a process of its own, invented comments, and what became of them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import emit, is_terminal, note

if TYPE_CHECKING:
    from mahlan.demo.generator import Invented
    from mahlan.demo.run import Plan, State

SERVICES = ("normaliser", "scorer", "dispatcher")
#: What a scenario runs beside them.
MORE = ("gateway", "insights")
#: Comments, and comments a second: about ten seconds of watching.
COUNT, RATE = 2000, 300.0
#: Comments of a simulated week, beside those that become of them.
WEEK = 4000
#: Every 50th record is damaged where damage is asked for.
BAD_EVERY = 50


Ended = TypeVar("Ended")


@dataclass(frozen=True, slots=True)
class Options:
    """The command line."""

    scenario: str | None
    count: int | None
    rate: float | None
    seed: int
    source: BinaryIO | None
    kills: tuple[str, ...]
    chaos: bool
    bad: bool
    patience: float
    as_json: bool


EXAMPLES = ("mahlan demo", "mahlan demo --count 5000 --json", "mahlan demo --chaos", "mahlan demo --scenario campaign")


@click.command("demo", cls=Command, examples=EXAMPLES)
@click.option("--scenario", type=click.Choice(["campaign"]), help="A simulated week of a campaign, and its board.")
@click.option(
    "--count", type=click.IntRange(1), help=f"Comments to publish. [default: {COUNT}, {WEEK} in a week, all of --input]"
)
@click.option(
    "--rate", type=click.FloatRange(0), help=f"A second; 0: no limit. [default: {RATE:.0f}, a week in a minute]"
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed invents the same comments.")
@click.option("--input", "source", type=click.File("rb"), help='Lines of {"id", "text"} instead of invented ones.')
@click.option("--kill", "kills", type=click.Choice((*SERVICES, *MORE)), multiple=True, help="kill -9 it in the middle.")
@click.option("--chaos", is_flag=True, help="kill -9 each service in turn, in the middle.")
@click.option("--bad", is_flag=True, help="Damage every 50th record, to see dead letters.")
@click.option(
    "--patience",
    type=click.FloatRange(1),
    default=60.0,
    show_default=True,
    help="Seconds without news until it gives up.",
)
@click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object on the last line, no table.")
def command(**given: Any) -> int:
    """Run everything here, for real, and see comments become nudges.

    Starts Kafka (or uses KAFKA_BOOTSTRAP_SERVERS) and every service as a process, publishes comments, and counts
    what became of them by reading the topics back. On a Kafka that is given it works in consumer groups of its own
    and leaves what was there before alone; no other mahlan should be at work on it. The exit status is 1 when a
    comment was lost or decided twice.

    With --scenario campaign, people take part in the campaign for a simulated week, are asked, and do what is planted.
    The campaign's board is then compared with a recount of the topics: the exit status is 1, too, when a number
    differs. The board stays up until Ctrl-C; with --json it does not.
    """
    options = Options(**given)
    _check(options)
    if options.scenario:
        from mahlan.cli import demo_scenario

        return demo_scenario.run(options)
    return run(options)


def _check(options: Options) -> None:
    """Raise ``UsageError`` for what does not go together."""
    if options.scenario and (options.source or options.bad):
        raise click.UsageError("--scenario invents its own comments, all of them whole: leave out --input and --bad")
    if not options.scenario and (more := [name for name in options.kills if name in MORE]):
        raise click.UsageError(f"{more[0]} is run by a scenario only: add --scenario campaign")


def run(options: Options) -> int:
    """Provide a broker, run, show."""
    from mahlan.cli.runtime import quiet_clients, settings_now, unreachable
    from mahlan.demo.run import run_demo
    from mahlan.errors import BrokerError
    from mahlan.local.kafka import home
    from mahlan.local.provide import provide

    quiet_clients()
    # SIGTERM ends this as Ctrl-C does, also while Kafka is on its way up or down.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = _plan(options)
    watching = is_terminal() and not options.as_json
    settings = settings_now()
    with provide(partitions=settings.partitions, say=note) as broker, watcher(watching) as watch:
        settings = replace(settings, bootstrap_servers=broker.bootstrap)
        try:
            state = until_done(lambda: run_demo(plan, settings, home() / "demo", watch))
        except BrokerError as error:
            raise unreachable(error, settings) from error
    return _show(state, watching)


def _plan(options: Options) -> Plan:
    from mahlan.demo.generator import invent
    from mahlan.demo.run import Plan

    count = options.count or COUNT
    comments = invent(count, options.seed)
    if options.source:
        given = _from_file(options.source)[: options.count]
        count, comments = len(given), iter(given)
    bad_every = BAD_EVERY if options.bad else 0
    rate = RATE if options.rate is None else options.rate
    return Plan(comments, count, rate, SERVICES if options.chaos else options.kills, bad_every, options.patience)


def _from_file(source: BinaryIO) -> list[Invented]:
    from mahlan.cli.lines import Bad, parse, read_chunks
    from mahlan.demo.generator import taken

    texts: list[str] = []
    for chunk in read_chunks(source):
        for number, line in enumerate(chunk.lines, chunk.first):
            row = parse(number, line)
            if isinstance(row, Bad):
                raise click.UsageError(f"--input, line {number}: {row.error}")
            texts.append(row.text)
    if not texts:
        raise click.UsageError("--input holds no comments")
    return list(taken(texts))


def watcher(on_terminal: bool) -> AbstractContextManager[Callable[[State], None]]:
    """Shows how a run stands, in a table or in words."""
    from mahlan.cli import demo_view

    return demo_view.live() if on_terminal else demo_view.spoken(note)


def until_done(work: Callable[[], Coroutine[Any, Any, Ended]]) -> Ended:
    """Run the coroutine; SIGTERM cancels it as Ctrl-C does, so that every child is ended."""
    import asyncio

    async def main() -> Ended:
        task = asyncio.create_task(work())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await task

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        raise click.Abort from None
    finally:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _show(state: State, watching: bool) -> int:
    from dataclasses import asdict

    report = state.report()
    if watching:
        from mahlan.cli import demo_view

        demo_view.show_outcome(state)
    else:
        sys.stderr.flush()
        emit(asdict(report))
    if not report.is_whole:
        note(f"not whole: {report.lost} lost, {report.duplicated} duplicated; logs are in {state.logs}")
    else:
        note("next, everything until Ctrl-C, with a playground in the browser: make up")
    return 0 if report.is_whole else 1
