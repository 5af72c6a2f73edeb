"""What every service's process does around its work: logs, metrics, the status port, topics, signals, the drain.

``mahlan run SERVICE`` calls a service's ``main(settings)``, which calls ``run_service`` with the service's ``run``.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import uvloop

from mahlan.errors import SettingsError
from mahlan.runtime.broker import Broker
from mahlan.runtime.collector import tune_collector
from mahlan.runtime.http import Health, StatusServer, serve_status
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.logs import configure, logger
from mahlan.runtime.metrics import Metrics, build_metrics
from mahlan.runtime.retries import retried
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a service is given to work with. ``stop`` is set by SIGTERM or SIGINT."""

    service: str
    settings: Settings
    broker: Broker
    metrics: Metrics
    health: Health
    stop: asyncio.Event

    def group(self, name: str = "") -> str:
        """The consumer group of this service (or of ``name``)."""
        return f"{self.settings.group_prefix}.{name or self.service}"


Work = Callable[[Runtime], Awaitable[None]]


def run_service(service: str, settings: Settings, work: Work, *, needs_broker: bool = True) -> None:
    """Run ``work`` until SIGTERM; returns when it has drained, within ``drain_timeout`` seconds or not at all.

    A service that ``needs_broker`` begins its work once the topics exist. Any other begins at once, and missing topics
    are created beside it as soon as the broker can be reached: its work must expect that there are none yet.
    """
    configure(service, settings.log_level)
    tune_collector()
    uvloop.run(_serve(service, settings, _with_topics(work) if needs_broker else _beside_topics(work)))


async def _serve(service: str, settings: Settings, work: Work) -> None:
    runtime = Runtime(service, settings, open_broker(settings, service), build_metrics(), Health(), asyncio.Event())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, runtime.stop.set)
    status = _status_port(runtime)
    logger().info("starting", port=status.port, pid=os.getpid(), bootstrap=settings.bootstrap_servers)
    try:
        await _until_drained(runtime, work)
    finally:
        runtime.health.ready = False
        await runtime.broker.close()
        status.close()
    logger().info("stopped")


def _status_port(runtime: Runtime) -> StatusServer:
    settings = runtime.settings
    try:
        return serve_status(settings.host, settings.port, runtime.metrics.registry, runtime.health)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise SettingsError(f"MAHLAN_PORT: cannot listen on {where} ({error.strerror}); choose another") from None


async def _until_drained(runtime: Runtime, work: Work) -> None:
    working = asyncio.ensure_future(work(runtime))
    stopping = asyncio.ensure_future(runtime.stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    runtime.health.ready = False
    done, _ = await asyncio.wait({working}, timeout=runtime.settings.drain_timeout)
    if not done:
        # Nothing is lost: what was not committed is read again by whoever comes next.
        logger().error("drain_timeout", seconds=runtime.settings.drain_timeout)
        os._exit(1)
    working.result()


def _with_topics(work: Work) -> Work:
    """The work once the topics exist; none of it where the service is stopped before."""

    async def working(runtime: Runtime) -> None:
        if await _topics_exist(runtime):
            await work(runtime)

    return working


def _beside_topics(work: Work) -> Work:
    """The work at once, with the topics being created beside it; what fails there for good ends both."""

    async def working(runtime: Runtime) -> None:
        doing = asyncio.ensure_future(work(runtime))
        creating = asyncio.ensure_future(_create_topics(runtime))
        doing.add_done_callback(lambda _: creating.cancel())
        try:
            await asyncio.wait({doing, creating}, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            doing.cancel()
            creating.cancel()
            ended = await asyncio.gather(doing, creating, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    return working


async def _topics_exist(runtime: Runtime) -> bool:
    """Wait for the broker and create what is missing; False when the service was stopped meanwhile."""
    creating = asyncio.ensure_future(_create_topics(runtime))
    stopping = asyncio.ensure_future(runtime.stop.wait())
    while not creating.done() and not stopping.done():
        runtime.health.beat()
        await asyncio.wait({creating, stopping}, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not creating.done():
        creating.cancel()
        return False
    creating.result()
    return True


async def _create_topics(runtime: Runtime) -> None:
    """Create what is missing, however long the broker takes to answer."""
    specs = topic_specs(runtime.settings)
    created = await retried(lambda: runtime.broker.create_topics(specs), runtime.metrics, runtime.service)
    for name in created:
        logger().info("topic_created", topic=name)
