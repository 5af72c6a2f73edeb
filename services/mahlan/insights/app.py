"""The insights service: a Faust app with one agent and one table. ``mahlan run insights``."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import time
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import faust
from faust.types import TP

from mahlan.campaign_files import follow_all
from mahlan.core.campaign import Campaign
from mahlan.core.insights.terms import all_terms, patience_of
from mahlan.events.topics import INSIGHTS_STATE
from mahlan.insights import SERVICE
from mahlan.insights.brake import BrakeSetter, keep_brakes
from mahlan.insights.intake import TOPICS
from mahlan.insights.keeper import Keeper, KeeperOptions
from mahlan.insights.peers import Peers
from mahlan.insights.server import Server, listen
from mahlan.insights.state import PartitionState
from mahlan.insights.step import Rules
from mahlan.insights.table import add_table
from mahlan.insights.view import View
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.logs import logger
from mahlan.runtime.service import Runtime, run_service
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import equal_partitions
from mahlan.streams.app import build_app
from mahlan.streams.watch import Watch

#: Addresses that say "every interface": nobody else reaches this machine by them.
_ANY = {"0.0.0.0", "::", ""}  # noqa: S104


def main(settings: Settings) -> None:
    """Run until SIGTERM."""
    run_service(SERVICE, settings, run)


async def run(runtime: Runtime) -> None:
    """Count until ``runtime.stop`` is set. Raises ``FatalError`` for what an operator must change."""
    settings = runtime.settings
    partitions = await equal_partitions(runtime.broker, [*TOPICS, INSIGHTS_STATE.name])
    with (
        tempfile.TemporaryDirectory(prefix="mahlan-insights-") as folder,
        listen(settings.insights_host, settings.insights_port) as listening,
    ):
        own = _address(settings, listening)
        app = _app(runtime, folder, own)
        states: dict[int, PartitionState] = {}
        campaigns = follow_all(settings, runtime.health, lambda now: _use(now, keeper, view))
        keeper = await _keeper(runtime, states, campaigns.value)
        watch, brakes = Watch(app, keeper.places, runtime), Brakes(runtime.metrics, SERVICE)
        keeper.age = watch.age
        peers = Peers(_addresses(app), own, settings.insights_token, settings.insights_peer_timeout, runtime.metrics)
        patience = keeper.rules.patience
        view = View(states, partitions, campaigns.value, peers, brakes, watch.age, time.time, patience)
        server = Server(view, settings.insights_token, runtime.metrics)
        _connect(app, keeper, states)
        await server.open(listening)
        logger().info("listening", host=settings.insights_host, port=listening.getsockname()[1])
        beside = [campaigns.run(), brakes.follow(runtime.broker), await _braking(runtime, brakes, view)]
        await _until_stopped(runtime, app, keeper, watch, beside)
        await server.close()
        await peers.close()
        await keeper.producer.close()


def _app(runtime: Runtime, folder: str, own: str) -> faust.App:
    return build_app(
        *(runtime.settings, SERVICE, runtime.group(), folder),
        canonical_url=own,
        topic_allow_declare=False,
        table_standby_replicas=0,
        recovery_consistency_check=False,
    )


def _use(campaigns: Mapping[str, Campaign], keeper: Keeper, view: View) -> None:
    """From the next step and the next answer on the campaigns as their files are now."""
    keeper.rules = replace(keeper.rules, terms=all_terms(campaigns.values()))
    view.campaigns = campaigns


async def _braking(runtime: Runtime, brakes: Brakes, view: View) -> Coroutine[Any, Any, None]:
    """Sets the brakes while partition 0 is ours."""

    def is_ours() -> bool:
        return 0 in view.states

    setter = BrakeSetter(
        broker=runtime.broker,
        producer=await runtime.broker.producer(is_ours),
        brakes=brakes,
        campaigns=lambda: view.campaigns,
        metrics=runtime.metrics,
        clock=lambda: datetime.now(UTC),
    )
    return keep_brakes(setter, view.counters, is_ours)


async def _until_stopped(
    runtime: Runtime, app: faust.App, keeper: Keeper, watch: Watch, beside: Iterable[Coroutine[Any, Any, None]]
) -> None:
    """Run Faust and the keeper; at the end what was read is written, acknowledged and committed."""
    keeping = asyncio.create_task(keeper.run())
    await app.start()
    # Faust's own monitor counts every record four times over; ours are in runtime/metric_specs.py.
    app.sensors.remove(app.monitor)
    logger().info("ready", topics=len(TOPICS), group=runtime.group())
    await _first_of(watch.until_stopped(keeping), *beside)
    app.flow_control.suspend()
    keeper.close()
    await keeping
    await app.consumer.commit()
    await app.stop()


async def _first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends, by itself or by a failure; the others are stopped."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keeper(runtime: Runtime, states: dict[int, PartitionState], campaigns: Mapping[str, Campaign]) -> Keeper:
    settings = runtime.settings
    waits = patience_of(timedelta(hours=settings.insights_outcome_hours), timedelta(days=settings.insights_forget_days))
    return Keeper(
        states=states,
        broker=runtime.broker,
        producer=await runtime.broker.producer(),
        rules=Rules(all_terms(campaigns.values()), waits),
        metrics=runtime.metrics,
        options=KeeperOptions(batch=settings.insights_batch, interval=settings.insights_interval),
        health=runtime.health,
    )


def _connect(app: faust.App, keeper: Keeper, states: dict[int, PartitionState]) -> None:
    """One agent for all sources: a partition of each comes to the same worker, and so does its table's."""
    source = app.topic(*TOPICS, key_serializer="raw", value_serializer="raw", allow_empty=True)

    async def insights(stream: Any) -> None:
        async for event in stream.noack().events():
            await keeper.add(event)

    async def release(*_: Any, **__: Any) -> None:
        keeper.release()

    app.agent(source, name=SERVICE)(insights)
    add_table(app, states, keeper)
    app.on_partitions_revoked.connect(release)
    cast("Any", app.transport).positions = lambda: _positions(states)


def _positions(states: Mapping[int, PartitionState]) -> dict[TP, int]:
    """Where the sources go on: the state knows, whatever was committed."""
    applied = ((state.number, state.progress.applied) for state in states.values())
    return {TP(topic, number): offsets.get(topic, 0) for number, offsets in applied for topic in TOPICS}


def _addresses(app: faust.App) -> Any:
    """Who has which partition, as the group's leader has told all workers."""

    def addresses() -> Mapping[str, Sequence[int]]:
        told = cast("Any", app.assignor).tables_metadata()
        return {str(url): numbers.get(INSIGHTS_STATE.name, ()) for url, numbers in told.items()}

    return addresses


def _address(settings: Settings, listening: socket.socket) -> str:
    """The URL at which the other workers reach this one."""
    if settings.insights_address:
        return settings.insights_address.rstrip("/")
    host = socket.gethostname() if settings.insights_host in _ANY else settings.insights_host
    return f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
