"""The scorer's process. ``mahlan run scorer``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from mahlan.campaign_files import load_campaigns
from mahlan.events import topics
from mahlan.runtime.broker import Partition
from mahlan.runtime.data import data_folder
from mahlan.runtime.lag import LagReporter
from mahlan.runtime.logs import logger
from mahlan.runtime.loop import BatchLoop, Pace
from mahlan.runtime.service import Runtime, run_service
from mahlan.runtime.settings import Settings
from mahlan.scorer.record import SERVICE
from mahlan.scorer.worker import Scorer
from mahlan.scoring.model import Model
from mahlan.scoring.registry import find_model


def main(settings: Settings) -> None:
    """Run the scorer until SIGTERM."""
    run_service(SERVICE, settings, run)


async def run(runtime: Runtime) -> None:
    """Load the model, join the group, score until stopped, finish what was polled, leave."""
    settings = runtime.settings
    model = await asyncio.to_thread(load_model, settings)
    name, _, version = model.name.partition("@")
    runtime.metrics.model_info.labels(SERVICE, name, version).set(1)
    scorer = Scorer(model, load_campaigns(settings), runtime.metrics)
    producer = await runtime.broker.producer()

    async def assigned(partitions: Sequence[Partition]) -> None:
        runtime.metrics.rebalances.labels(SERVICE).inc()
        logger().info("assigned", partitions=[partition.number for partition in partitions])

    async def revoked(_: Sequence[Partition]) -> None:
        await loop.settle()

    consumer = await runtime.broker.consumer(
        [topics.NORMALISED.name], runtime.group(), on_assigned=assigned, on_revoked=revoked
    )
    loop = BatchLoop(
        consumer,
        producer,
        scorer.transform,
        metrics=runtime.metrics,
        health=runtime.health,
        service=SERVICE,
        pace=Pace(settings.scorer_batch, settings.scorer_max_wait),
    )
    reporting = asyncio.create_task(LagReporter(consumer, loop.places, runtime.metrics, SERVICE).run())
    runtime.health.ready = True
    runtime.health.detail["model"] = model.name
    logger().info("ready", model=model.name, group=runtime.group())
    try:
        await loop.run(runtime.stop)
    finally:
        reporting.cancel()
        scorer.close()
        await consumer.close()
        await producer.close()


def load_model(settings: Settings) -> Model:
    """The model the settings name, or the registry's champion. Raises ``ModelError``."""
    folder = Path(settings.models_dir) if settings.models_dir else data_folder("models")
    return Model.load(find_model(folder, settings.scorer_model or None), threads=settings.scorer_threads)
