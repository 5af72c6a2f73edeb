"""Everything on this machine until it is told to stop: every service and the gateway. Called by ``mahlan up``."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mahlan.demo.supervisor import Supervisor
from mahlan.errors import FatalError
from mahlan.gateway.outgoing import FILE
from mahlan.local.probe import free_port, is_taken
from mahlan.local.provide import Provided
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import BOOTSTRAP, Settings, setting_name
from mahlan.runtime.topics import topic_specs

SERVICES = ("normaliser", "scorer", "dispatcher", "insights", "gateway")
#: Seconds between two looks at whether every service can be kept running.
LOOK = 0.5
HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is. ``status``: each service's own address, for /metrics and /readyz; ``keys``: asked for."""

    gateway: str
    kafka: str
    status: Mapping[str, str]
    logs: str
    keys: bool


Tell = Callable[[Addresses], None]


async def stand(settings: Settings, kafka: Provided, folder: Path, tell: Tell) -> None:
    """Start all, ``tell`` where they are, keep them running until cancelled; then stop all.

    ``folder`` is emptied for their logs. Raises ``FatalError`` where a service cannot be kept running.
    """
    shutil.rmtree(folder, ignore_errors=True)
    supervisor = Supervisor(_environment(settings, kafka, folder), folder)
    try:
        await _create_topics(settings, kafka)
        await supervisor.start(SERVICES, free_port)
        tell(_addresses(settings, kafka, supervisor))
        while True:
            supervisor.check()
            await asyncio.sleep(LOOK)
    finally:
        await supervisor.stop()


def for_this_machine(settings: Settings) -> Settings:
    """The settings with a port that is free and, where no file of keys is named, without keys.

    Raises ``FatalError`` where somebody has the gateway's port: before anything is started.
    """
    port = settings.gateway_port or free_port()
    if is_taken(port):
        raise FatalError(f"port {port} is taken: set {setting_name('gateway_port')} to another, or stop what is there")
    return replace(
        settings,
        gateway_port=port,
        gateway_auth=settings.gateway_auth if settings.gateway_keys_file else "off",
        insights_host=HERE,
        insights_port=free_port(),
        author_salt=settings.author_salt or secrets.token_hex(16),
    )


async def _create_topics(settings: Settings, kafka: Provided) -> None:
    broker = open_broker(replace(settings, bootstrap_servers=kafka.bootstrap), "up")
    try:
        await broker.create_topics(topic_specs(settings))
    finally:
        await broker.close()


def _addresses(settings: Settings, kafka: Provided, supervisor: Supervisor) -> Addresses:
    return Addresses(
        gateway=f"http://{settings.gateway_host}:{settings.gateway_port}",
        kafka=kafka.bootstrap,
        status={child.name: f"http://{HERE}:{child.port}" for child in supervisor.children.values()},
        logs=str(supervisor.folder),
        keys=settings.gateway_auth == "keys",
    )


def _environment(settings: Settings, kafka: Provided, folder: Path) -> dict[str, str]:
    """The children's: this process's, and what is decided here."""
    decided = {
        BOOTSTRAP: kafka.bootstrap,
        setting_name("author_salt"): settings.author_salt,
        setting_name("host"): HERE,
        setting_name("gateway_port"): str(settings.gateway_port),
        setting_name("gateway_auth"): settings.gateway_auth,
        setting_name("insights_host"): settings.insights_host,
        setting_name("insights_port"): str(settings.insights_port),
        setting_name("gateway_insights_url"): f"http://{settings.insights_host}:{settings.insights_port}",
    }
    if kafka.source != "given":
        # It ends with this Kafka: what could not be sent must not come up in the next one.
        decided[setting_name("gateway_spool")] = str(folder / FILE)
    return {**os.environ, **decided}
