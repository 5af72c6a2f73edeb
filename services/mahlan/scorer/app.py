"""The scorer's process. ``mahlan run scorer``."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from mahlan.campaign_files import follow_all
from mahlan.core.campaign import Campaign
from mahlan.events import topics
from mahlan.runtime.broker import Consumer, Partition, Producer
from mahlan.runtime.lag import LagReporter
from mahlan.runtime.logs import logger
from mahlan.runtime.loop import BatchLimits, BatchLoop
from mahlan.runtime.service import Runtime, run_service
from mahlan.runtime.settings import Settings
from mahlan.scorer.record import SERVICE
from mahlan.scorer.worker import Scorer
from mahlan.scoring.cascade import Served
from mahlan.scoring.loading import build_loader
from mahlan.scoring.swap import Swapper


def main(settings: Settings) -> None:
    """Run the scorer until SIGTERM."""
    run_service(SERVICE, settings, run)


async def run(runtime: Runtime) -> None:
    """Load the models, join the group, score until stopped, finish what was polled, leave."""
    settings = runtime.settings
    loader = build_loader(settings)
    loaded = await asyncio.to_thread(loader.first)

    def use(campaigns: Mapping[str, Campaign]) -> None:
        scorer.use(campaigns)

    campaigns = follow_all(settings, runtime.health, use)
    scorer = Scorer(loaded.lineup, campaigns.value, runtime.metrics, shadow_share=settings.scorer_shadow_share)
    swapper = Swapper(
        loader, scorer, runtime.metrics, runtime.health, service=SERVICE, every=settings.scorer_registry_poll
    )
    swapper.begin(loaded.refused)
    del loaded  # or the first models would stay in memory for good, whoever serves
    try:
        await _consume(runtime, scorer, swapper.run(), campaigns.run())
    finally:
        swapper.close()
        scorer.close()


async def _consume(runtime: Runtime, scorer: Scorer, *following: Coroutine[Any, Any, None]) -> None:
    """The loop, with the lag reporter beside it, and what follows registry and campaigns."""
    producer = await runtime.broker.producer()

    async def assigned(partitions: Sequence[Partition]) -> None:
        runtime.metrics.rebalances.labels(SERVICE).inc()
        logger().info("assigned", partitions=[partition.number for partition in partitions])

    async def revoked(_: Sequence[Partition]) -> None:
        await loop.settle()

    consumer = await runtime.broker.consumer(
        [topics.NORMALISED.name], runtime.group(), on_assigned=assigned, on_revoked=revoked
    )
    loop = build_loop(runtime, consumer, producer, scorer)
    reporter = LagReporter(consumer, loop.places, runtime.metrics, SERVICE)
    beside = [asyncio.create_task(each) for each in (reporter.run(), *following)]
    runtime.health.ready = True
    logger().info("ready", model=scorer.lineup.champion.name, group=runtime.group())
    try:
        await loop.run(runtime.stop)
    finally:
        for task in beside:
            task.cancel()
        await consumer.close()
        await producer.close()


def build_loop(runtime: Runtime, consumer: Consumer, producer: Producer, scorer: Scorer) -> BatchLoop:
    """The batch loop as the settings want it."""
    settings = runtime.settings
    return BatchLoop(
        consumer,
        producer,
        scorer.transform,
        metrics=runtime.metrics,
        health=runtime.health,
        service=SERVICE,
        limits=BatchLimits(settings.scorer_batch, settings.scorer_max_wait),
    )


def load_model(settings: Settings) -> Served:
    """The model that decides on most comments. Raises ``ModelError``."""
    return build_loader(settings).first().lineup.champion
