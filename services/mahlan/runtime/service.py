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
from mahlan.runtime.loop import retried
from mahlan.runtime.metrics import Metrics, build_metrics
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


def run_service(service: str, settings: Settings, work: Work) -> None:
    """Run ``work`` until SIGTERM; returns when it has drained, within ``drain_timeout`` seconds or not at all."""
    configure(service, settings.log_level)
    tune_collector()
    uvloop.run(_serve(service, settings, work))


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
    working = asyncio.ensure_future(_with_topics(runtime, work))
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


async def _with_topics(runtime: Runtime, work: Work) -> None:
    if await _topics_exist(runtime):
        await work(runtime)


async def _topics_exist(runtime: Runtime) -> bool:
    """Wait for the broker and create what is missing; False when the service was stopped meanwhile."""
    specs = topic_specs(runtime.settings)
    creating = asyncio.ensure_future(
        retried(lambda: runtime.broker.create_topics(specs), runtime.metrics, runtime.service)
    )
    stopping = asyncio.ensure_future(runtime.stop.wait())
    while not creating.done() and not stopping.done():
        runtime.health.beat()
        await asyncio.wait({creating, stopping}, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not creating.done():
        creating.cancel()
        return False
    for name in creating.result():
        logger().info("topic_created", topic=name)
    return True
