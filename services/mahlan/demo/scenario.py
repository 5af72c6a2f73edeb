"""A simulated week of a campaign through the real services, and its board against a recount of the topics.

Called by ``mahlan demo --scenario campaign``. ``week.py`` and ``actors.py`` say who does what, ``performance.py`` plays
it, ``reading.py`` asks the board, ``recount/`` counts again.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mahlan.core.campaign import Campaign
from mahlan.demo.actors import Cast
from mahlan.demo.chaos import Chaos
from mahlan.demo.follower import Follower
from mahlan.demo.ledger import Ledger
from mahlan.demo.performance import Performance
from mahlan.demo.reading import read_board, read_log
from mahlan.demo.recount.comparison import Difference, compare, recount
from mahlan.demo.run import LOOK, State, environment, forget_old_logs, prepared, watching
from mahlan.demo.staging import stage_campaign
from mahlan.demo.supervisor import Supervisor
from mahlan.demo.week import DAY, WEEK, plan_week
from mahlan.errors import FatalError
from mahlan.events.topics import DECIDED
from mahlan.gateway.outgoing import FILE
from mahlan.local.probe import free_port, is_taken
from mahlan.runtime.broker import Broker, Partition
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import Settings, setting_name

SERVICES = ("normaliser", "scorer", "dispatcher", "gateway", "insights")
HERE = "127.0.0.1"
#: What a run decides of its services' settings, beside what every demo does.
OWN = (
    *("campaign", "campaigns_dir", "scorer_model", "gateway_host", "gateway_port", "gateway_auth", "gateway_spool"),
    *("insights_host", "insights_port", "insights_token"),
)
#: Seconds within which the board must be whole. After a minute of silence insights goes by the clock and no longer by
#: what events tell, and then counts authors whose time was not over when the week was.
SETTLED_WITHIN = 50.0
#: The model of the scenario unless another is named: the quickest.
MODEL = "fast@1"


@dataclass(frozen=True, slots=True)
class Script:
    """What to play. ``seconds`` for the week, 0 for as fast as it goes; ``patience`` in seconds without news."""

    count: int
    seconds: float
    seed: int = 1
    kills: Sequence[str] = ()
    patience: float = 60.0


@dataclass(slots=True)
class Scene(State):
    """How it stands; in the end with the board's numbers, the recount, and where the two differ."""

    campaign: str = ""
    board: str = ""
    day: int = 1
    outcomes: int = 0
    starts: dict[Partition, int] = field(default_factory=dict)
    last_write: float = 0.0
    numbers: dict[str, Any] = field(default_factory=dict)
    counted: dict[str, Any] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost or decided twice, and every number of the board is the topics' own."""
        return self.report().is_whole and bool(self.numbers) and not self.differences


Curtain = Callable[[Scene], Awaitable[None]]
Watching = Callable[[Scene], None]


async def nothing_more(_: Scene) -> None:
    """A curtain that falls at once."""


async def run_scenario(
    script: Script, settings: Settings, folder: Path, watch: Watching, curtain: Curtain = nothing_more
) -> Scene:
    """Play it on the broker of ``settings``; logs and the campaign's copy go under ``folder``.

    ``curtain`` is awaited with everything still up; then every child is ended, whatever happens. Raises ``FatalError``
    for a Kafka whose decisions are too young for a week of its own, and where the board never comes to an end.
    """
    run = f"week-{secrets.token_hex(4)}"
    home = folder / f"demo-{run}"
    forget_old_logs(folder)
    campaign = stage_campaign(settings, home / "campaigns", run, script.count)
    settings = _adapted(settings, campaign, home)
    scene = Scene(Ledger(run), Supervisor(_environment(settings), home), home, script.count, campaign=campaign.id)
    scene.board = f"http://{settings.gateway_host}:{settings.gateway_port}"
    broker = open_broker(settings, "demo")
    try:
        follower = await prepared(broker, settings, scene)
        scene.starts = dict(scene.ledger.ends)
        try:
            await _refuse_recent(broker, scene.starts)
            await _played(script, broker, settings, follower, scene, watch)
            scene.phase = "counting"
            watch(scene)
            await _counted(script, broker, settings, campaign, follower, scene)
            watch(scene)
            await curtain(scene)
        finally:
            await follower.close()
    finally:
        await scene.supervisor.stop()
        await broker.close()
    return scene


async def _played(
    script: Script, broker: Broker, settings: Settings, follower: Follower, scene: Scene, watch: Watching
) -> None:
    """The week, until everything that was written is decided and every killed service is back."""
    watch(scene)
    await scene.supervisor.start(SERVICES, free_port)
    begins = datetime.now(UTC) - WEEK
    cast = Cast(scene.ledger.run, settings.author_salt, script.seed, begins)
    speed = WEEK.total_seconds() / script.seconds if script.seconds else 0.0
    producer = await broker.producer()
    performance = Performance(cast, producer, speed)
    performance.add(plan_week(script.count, script.seed, begins))
    follower.tell = performance.hear
    follower.start()
    scene.began, scene.phase, scene.published = time.monotonic(), "running", performance.published
    tasks = [asyncio.create_task(performance.run()), asyncio.create_task(watching(scene, lambda _: watch(scene)))]
    try:
        await _until_over(script, follower, scene, performance, tasks[0])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await producer.close()
    scene.seconds, scene.outcomes, scene.last_write = time.monotonic() - scene.began, performance.told, time.time()


async def _until_over(
    script: Script, follower: Follower, scene: Scene, performance: Performance, playing: asyncio.Task[None]
) -> None:
    """Until the week is over and all services are there, or nothing has come for ``patience`` seconds."""
    chaos = Chaos(scene.supervisor, scene.ledger, script.kills, script.count)
    seen, news_at = -1, time.monotonic()
    while not (playing.done() and chaos.over):
        follower.check()
        scene.supervisor.check()
        await chaos.step()
        if playing.done():
            playing.result()
        scene.day = min(7, int(performance.now // DAY) + 1)
        known = sum(scene.ledger.ends.values()) + chaos.done
        if known != seen:
            seen, news_at = known, time.monotonic()
        if time.monotonic() - news_at > script.patience:
            return
        await asyncio.sleep(LOOK)


async def _counted(
    script: Script, broker: Broker, settings: Settings, campaign: Campaign, follower: Follower, scene: Scene
) -> None:
    """The board's numbers beside what the topics say."""
    await follower.read_to_end()
    address = f"{scene.board}/v1/board/{campaign.id}"
    scene.numbers = await read_board(address, scene.last_write, min(script.patience, SETTLED_WITHIN))
    as_of = datetime.fromisoformat(scene.numbers["as_of"])
    scene.counted = recount(await read_log(broker, scene.starts), campaign, as_of, settings.insights_outcome_hours)
    scene.differences = compare(scene.numbers, scene.counted)
    scene.phase = "done"


async def _refuse_recent(broker: Broker, starts: Mapping[Partition, int]) -> None:
    """Raise ``FatalError`` where the Kafka has decisions that are younger than the week that is to be played.

    Insights goes by the time that decisions tell: to it, the whole week would come too late.
    """
    places = [place for place in starts if place.topic == DECIDED.name]
    lasts = await asyncio.gather(*(broker.read_partition(place, last=1) for place in places))
    young = (time.time() - WEEK.total_seconds()) * 1000
    if any(record.timestamp_ms > young for records in lasts for record in records):
        raise FatalError(
            f"{DECIDED.name} on this Kafka has decisions of the last seven days, and a simulated week would come after "
            "them: name another Kafka, or none, and one is started for it"
        )


def _adapted(settings: Settings, campaign: Campaign, home: Path) -> Settings:
    """The settings of the run: a gateway of its own without keys, the staged campaign, the quickest model."""
    port = settings.gateway_port
    shipped = not settings.models_dir and not settings.models_registry
    return replace(
        settings,
        group_prefix=f"mahlan-{campaign.id}",
        author_salt=settings.author_salt or secrets.token_hex(16),
        campaign=campaign.id,
        campaigns_dir=str(home / "campaigns"),
        scorer_model=settings.scorer_model or (MODEL if shipped else ""),
        gateway_host=HERE,
        gateway_port=free_port() if not port or is_taken(port) else port,
        gateway_auth="off",
        gateway_spool=str(home / FILE),
        insights_host=HERE,
        insights_port=free_port(),
        insights_token="",
    )


def _environment(settings: Settings) -> dict[str, str]:
    """The children's: this process's, and what the run decides."""
    decided = {setting_name(name): str(getattr(settings, name)) for name in OWN}
    insights = f"http://{settings.insights_host}:{settings.insights_port}"
    return {**environment(settings), **decided, setting_name("gateway_insights_url"): insights}
