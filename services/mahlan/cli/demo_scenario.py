"""``mahlan demo --scenario campaign``: runs it, says what came of it, and leaves the board up for a person."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from mahlan.cli.demo import WEEK, Options, until_done
from mahlan.cli.output import emit, is_terminal, note

if TYPE_CHECKING:
    from mahlan.demo.scenario import Scene

#: Seconds of a week.
SECONDS = 60.0
#: Seconds between two looks at whether everything is still up.
LOOK = 0.5
PHASES = {
    "starting": "starting the services",
    "counting": "waiting for the board, and counting again from the topics",
    "done": "counted",
}


def run(options: Options) -> int:
    """Provide a broker, play the week, show. Returns the exit status."""
    from mahlan.cli.runtime import quiet_clients, settings_now, unreachable
    from mahlan.demo.scenario import SERVICES, Script, nothing_more, run_scenario
    from mahlan.errors import BrokerError
    from mahlan.local.kafka import home
    from mahlan.local.provide import provide

    quiet_clients()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    staying = not options.as_json
    count, kills = options.count or WEEK, SERVICES if options.chaos else options.kills
    seconds = SECONDS if options.rate is None else count / options.rate if options.rate else 0.0
    script = Script(count, seconds, options.seed, kills, options.patience)
    settings, curtain = settings_now(), _stay if staying else nothing_more
    with provide(partitions=settings.partitions, say=note) as broker:
        settings = replace(settings, bootstrap_servers=broker.bootstrap)
        try:
            scene = until_done(lambda: run_scenario(script, settings, home() / "demo", _spoken(), curtain))
        except BrokerError as error:
            raise unreachable(error, settings) from error
    if not staying:
        sys.stderr.flush()
        emit(_told(scene))
    _warn(scene)
    return 0 if scene.is_right else 1


def _spoken() -> Callable[[Scene], None]:
    """Each phase and each day of the week in words."""
    told: set[str] = set()

    def watch(scene: Scene) -> None:
        line = PHASES.get(scene.phase, f"day {scene.day} of 7")
        if line not in told:
            told.add(line)
            note(line)

    return watch


def _told(scene: Scene) -> dict[str, Any]:
    from mahlan.demo.recount.comparison import count_numbers

    return {
        "scenario": "campaign",
        "campaign": scene.campaign,
        **asdict(scene.report()),
        "outcomes": scene.outcomes,
        "restarts": {name: child.restarts for name, child in scene.supervisor.children.items()},
        "compared": count_numbers(scene.counted),
        "differences": [asdict(each) for each in scene.differences],
        "numbers": scene.numbers,
        "recount": scene.counted,
    }


def _warn(scene: Scene) -> None:
    report = scene.report()
    if not report.is_whole:
        note(f"not whole: {report.lost} lost, {report.duplicated} duplicated; logs are in {scene.logs}")
    for each in scene.differences:
        note(f"{each.number}: the board says {each.board}, the topics say {each.recount}")


async def _stay(scene: Scene) -> None:
    """Show what came of it and keep everything up until Ctrl-C."""
    from mahlan.cli import scenario_view

    if is_terminal():
        scenario_view.show(scene)
    else:
        emit(_told(scene))
        note(f"the board: {scene.board}/board")
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    while not ended.is_set():
        scene.supervisor.check()
        await asyncio.sleep(LOOK)
    note("stopping")
