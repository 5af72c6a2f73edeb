"""One run of the demonstration: services up, comments in, ledger balanced, services down. Called by ``mahlan demo``."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

from mahlan.demo.chaos import Chaos
from mahlan.demo.follower import Follower, begin_services_at, ends_of, follow
from mahlan.demo.generator import Invented
from mahlan.demo.ledger import FOLLOWED, Ledger, Report
from mahlan.demo.publisher import Source, publish
from mahlan.demo.supervisor import Supervisor
from mahlan.local.probe import free_port
from mahlan.runtime.broker import Broker
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import BOOTSTRAP, Settings
from mahlan.runtime.topics import topic_specs

SERVICES = ("normaliser", "scorer", "dispatcher")
#: Seconds between two looks at how things stand.
LOOK = 0.2
#: Folders of logs that are kept, the newest.
KEPT = 5
#: Nothing new for so many seconds, with every comment accounted for: nothing more will come.
QUIET, QUIET_AFTER_KILL = 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. ``rate`` in comments a second, 0 for as fast as it goes; ``patience`` in seconds without news."""

    comments: Iterator[Invented]
    count: int
    rate: float
    kills: Sequence[str] = ()
    bad_every: int = 0
    patience: float = 60.0


@dataclass(slots=True)
class State:
    """How a run stands, for whoever watches it."""

    ledger: Ledger
    supervisor: Supervisor
    logs: Path
    count: int
    phase: str = "starting"
    published: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def report(self) -> Report:
        """As things stand."""
        return self.ledger.report(self.published, self.seconds)


Watch = Callable[[State], None]


async def run_demo(plan: Plan, settings: Settings, folder: Path, watch: Watch) -> State:
    """Run it on the broker of ``settings``; logs go under ``folder``. Every child is ended whatever happens."""
    run = f"demo-{secrets.token_hex(4)}"
    settings = replace(
        settings, group_prefix=f"mahlan-{run}", author_salt=settings.author_salt or secrets.token_hex(16)
    )
    state = State(Ledger(run), Supervisor(environment(settings), folder / run), folder / run, plan.count)
    forget_old_logs(folder)
    broker = open_broker(settings, "demo")
    try:
        follower = await prepared(broker, settings, state)
        try:
            await _carried_out(plan, broker, settings, follower, state, watch)
        finally:
            await follower.close()
    finally:
        await state.supervisor.stop()
        await broker.close()
    return state


async def prepared(broker: Broker, settings: Settings, state: State) -> Follower:
    """Topics, and groups that begin where the topics end now."""
    specs = topic_specs(settings)
    made = await broker.create_topics(specs)
    names = [topic.name for topic in FOLLOWED if topic.name not in made]
    starts = await ends_of(broker, names)
    await begin_services_at(broker, settings.group_prefix, starts)
    return await follow(broker, state.ledger, f"{settings.group_prefix}.ledger", starts)


async def _carried_out(
    plan: Plan, broker: Broker, settings: Settings, follower: Follower, state: State, watch: Watch
) -> None:
    watch(state)
    await state.supervisor.start(SERVICES, free_port)
    follower.start()
    state.began, state.phase = time.monotonic(), "running"
    looking = asyncio.create_task(watching(state, watch))
    try:
        chaos = Chaos(state.supervisor, state.ledger, plan.kills, plan.count)
        publishing = asyncio.create_task(_publishing(plan, broker, settings, state))
        try:
            await _until_settled(plan, follower, state, chaos, publishing)
        finally:
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)
        state.seconds, state.phase = time.monotonic() - state.began, "draining"
        await state.supervisor.stop()
        state.phase = "counting"
        await follower.read_to_end()
        state.phase = "done"
    finally:
        looking.cancel()
        watch(state)


async def _publishing(plan: Plan, broker: Broker, settings: Settings, state: State) -> None:
    source = Source(state.ledger.run, settings.author_salt, plan.comments, plan.bad_every)
    producer = await broker.producer()
    try:
        async with aclosing(publish(source, producer, plan.rate)) as batches:
            async for names in batches:
                state.published += names
    finally:
        await producer.close()


async def _until_settled(
    plan: Plan, follower: Follower, state: State, chaos: Chaos, publishing: asyncio.Task[None]
) -> None:
    """Until every comment came to its end and nothing more comes, or nothing has come for ``patience`` seconds."""
    seen, news_at = -1, time.monotonic()
    while True:
        follower.check()
        state.supervisor.check()
        if publishing.done():
            publishing.result()
        await chaos.step()
        known = sum(state.ledger.ends.values())
        if known != seen:
            seen, news_at = known, time.monotonic()
        quiet = time.monotonic() - news_at
        if quiet > plan.patience:
            return
        whole = publishing.done() and not state.ledger.outstanding(state.published)
        if whole and chaos.over and quiet > (QUIET_AFTER_KILL if plan.kills else QUIET):
            return
        await asyncio.sleep(LOOK)


async def watching(state: State, watch: Watch) -> None:
    """Let ``watch`` see how it stands, again and again."""
    while True:
        state.seconds = time.monotonic() - state.began
        watch(state)
        await asyncio.sleep(LOOK)


def environment(settings: Settings) -> dict[str, str]:
    """The children's: this process's, and what the run decides."""
    return {
        **os.environ,
        BOOTSTRAP: settings.bootstrap_servers,
        "MAHLAN_GROUP_PREFIX": settings.group_prefix,
        "MAHLAN_AUTHOR_SALT": settings.author_salt,
        "MAHLAN_HOST": "127.0.0.1",
    }


def forget_old_logs(folder: Path) -> None:
    """Keep the folders of the newest runs."""
    runs = sorted(folder.glob("demo-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in runs[KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
