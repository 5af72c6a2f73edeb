"""The dispatcher's process: the worker that decides beside the delivery to channels. ``mahlan run dispatcher``."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from mahlan.campaign_files import Campaigns, follow_campaigns
from mahlan.core.backoff import Backoff
from mahlan.core.campaign import Campaign
from mahlan.dispatcher import SERVICE
from mahlan.dispatcher.channels.build import build_channels
from mahlan.dispatcher.channels.channel import Channel
from mahlan.dispatcher.counting import Counting
from mahlan.dispatcher.courier import Courier
from mahlan.dispatcher.delivery import Delivery
from mahlan.dispatcher.lease import Lease
from mahlan.dispatcher.pulse import Pulse
from mahlan.dispatcher.worker import Worker, WorkerOptions
from mahlan.errors import MahlanError
from mahlan.events.topics import DECIDED, HISTORY, SCORED
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.service import Runtime, run_service
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import equal_partitions

#: The ``ce_source`` of what it writes.
SOURCE = "mahlan/dispatcher"
#: Seconds the start waits for the brakes to be read: a small topic of a broker that is there.
BRAKES_WITHIN = 5.0


def main(settings: Settings) -> None:
    """Run until SIGTERM."""
    run_service(SERVICE, settings, run)


async def run(runtime: Runtime) -> None:
    """Decide and deliver until ``runtime.stop`` is set. Raises ``FatalError`` for what an operator must change."""
    settings, metrics = runtime.settings, runtime.metrics
    campaigns = follow_campaigns(settings, runtime.health, lambda now: _use(now, worker, metrics))
    campaign = campaigns.value.in_force
    await equal_partitions(runtime.broker, [SCORED.name, DECIDED.name, HISTORY.name])
    metrics.campaign_info.labels(SERVICE, campaign.id, campaign.version).set(1)
    channels = await build_channels(settings, runtime.broker, SOURCE)
    logger().info("campaign", campaign=campaign.id, version=campaign.version)
    pulse = Pulse(runtime.health, "worker", "delivery")
    try:
        brakes = Brakes(metrics, SERVICE)
        worker, delivery = await _worker(runtime, campaign, brakes, pulse), await _delivery(runtime, channels, pulse)
        try:
            deciding = _decide(worker, brakes, runtime.stop)
            following = _until(runtime.stop, brakes.follow(runtime.broker), campaigns.run())
            await _together(deciding, delivery.run(runtime.stop), following)
        finally:
            await worker.producer.close()
            await delivery.courier.producer.close()
    finally:
        for channel in channels:
            with suppress(MahlanError):
                await channel.close()


async def _decide(worker: Worker, brakes: Brakes, stop: asyncio.Event) -> None:
    """Nobody is asked before it is known whether a brake is on; not for long, though, since late nudges help nobody."""
    await brakes.wait_known(BRAKES_WITHIN)
    await worker.run(stop)


async def _until(stop: asyncio.Event, *work: Coroutine[Any, Any, None]) -> None:
    """Follow brakes and campaigns until the service is to stop."""
    tasks = [asyncio.ensure_future(each) for each in (*work, _wait(stop))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


def _use(campaigns: Campaigns, worker: Worker, metrics: Metrics) -> None:
    """From the next batch on the campaign as its file is now."""
    worker.campaign = now = campaigns.in_force
    worker.counting.languages = now.languages
    metrics.campaign_info.clear()
    metrics.campaign_info.labels(SERVICE, now.id, now.version).set(1)
    logger().info("campaign", campaign=now.id, version=now.version)


async def _worker(runtime: Runtime, campaign: Campaign, brakes: Brakes, pulse: Pulse) -> Worker:
    settings = runtime.settings
    lease = Lease(settings.session_timeout)
    options = WorkerOptions(
        group=runtime.group(),
        source=SOURCE,
        batch=settings.dispatcher_batch,
        max_wait=settings.dispatcher_max_wait,
        tail=max(settings.dispatcher_tail, settings.dispatcher_batch),
        session_timeout=settings.session_timeout,
    )
    return Worker(
        broker=runtime.broker,
        producer=await runtime.broker.producer(lambda: lease.is_fresh),
        campaign=campaign,
        brakes=brakes,
        options=options,
        counting=Counting(runtime.metrics, campaign.languages),
        health=runtime.health,
        beat=pulse.of("worker"),
        lease=lease,
        clock=_now,
    )


async def _delivery(runtime: Runtime, channels: list[Channel], pulse: Pulse) -> Delivery:
    settings = runtime.settings
    tries = Backoff(
        attempts=settings.delivery_attempts,
        first=settings.delivery_backoff,
        longest=settings.delivery_backoff_max,
        deadline=settings.delivery_deadline,
    )
    courier = Courier(channels, await runtime.broker.producer(), tries, runtime.metrics, _now)
    return Delivery(
        broker=runtime.broker,
        courier=courier,
        beat=pulse.of("delivery"),
        group=runtime.group("delivery"),
        in_flight=settings.delivery_in_flight,
        drain=settings.drain_timeout / 2,
    )


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """All, until all end. When one fails the others are stopped: half a dispatcher must not look alive."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _now() -> datetime:
    return datetime.now(UTC)
