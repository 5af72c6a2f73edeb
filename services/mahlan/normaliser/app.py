"""The normaliser: a Faust app whose one agent turns submitted comments into normalised ones. ``mahlan run normaliser``.

The agent carries raw bytes, so that nothing Faust decodes can raise: an agent that raises skips offsets
(faust-streaming/faust#527). Records are acknowledged by hand after what they became is written.
"""

from __future__ import annotations

import asyncio
import tempfile
from typing import Any

import faust

from mahlan.events import topics
from mahlan.normaliser.outbox import Outbox
from mahlan.normaliser.record import SERVICE
from mahlan.runtime.logs import logger
from mahlan.runtime.service import Runtime, run_service
from mahlan.runtime.settings import Settings
from mahlan.streams.app import build_app
from mahlan.streams.watch import Watch


def main(settings: Settings) -> None:
    """Run the normaliser until SIGTERM."""
    run_service(SERVICE, settings, run)


async def run(runtime: Runtime) -> None:
    """Consume through Faust, produce through the broker; drain when ``runtime.stop`` is set."""
    settings = runtime.settings
    producer = await runtime.broker.producer()
    outbox = Outbox(producer, runtime.metrics, settings.author_salt, settings.normaliser_batch)
    with tempfile.TemporaryDirectory(prefix="mahlan-normaliser-") as folder:
        app = build_app(settings, SERVICE, runtime.group(), folder)
        add_agent(app, outbox)
        writing = asyncio.create_task(outbox.run())
        await app.start()
        # Faust's own monitor counts every record four times over; ours are in runtime/metric_specs.py.
        app.sensors.remove(app.monitor)
        runtime.health.ready = True
        logger().info("ready", topic=topics.SUBMITTED.name, group=runtime.group())
        await Watch(app, outbox.places, runtime).until_stopped(writing)
        await _drain(app, outbox, writing)
    await producer.close()


async def _drain(app: faust.App, outbox: Outbox, writing: asyncio.Task[None]) -> None:
    """Stop fetching, write what was read, commit it, leave the group."""
    app.flow_control.suspend()
    outbox.close()
    await writing
    await app.consumer.commit()
    await app.stop()


def add_agent(app: faust.App, outbox: Outbox) -> None:
    """Feed the outbox from ``comments.submitted.v1``."""
    source = app.topic(topics.SUBMITTED.name, key_serializer="raw", value_serializer="raw")

    async def normaliser(stream: Any) -> None:
        async for event in stream.noack().events():
            await outbox.add(event)

    app.agent(source, name=SERVICE)(normaliser)
