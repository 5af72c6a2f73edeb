"""The three services as real processes on the real broker, for the tests of the whole way."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mahlan.demo.follower import begin_services_at
from mahlan.demo.supervisor import Supervisor
from mahlan.events.topics import BY_NAME
from mahlan.local.probe import free_port
from mahlan.runtime.broker import Partition, Record
from mahlan.runtime.kafka import KafkaBroker, open_broker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs

PARTITIONS = 4
SERVICES = ("normaliser", "scorer", "dispatcher")


@dataclass(frozen=True)
class Pipeline:
    """The running services, the broker they work on, their home folder and their logs."""

    broker: KafkaBroker
    supervisor: Supervisor
    home: Path
    starts: dict[Partition, int]

    async def read(self, topic: str) -> list[Record]:
        """What was written to the topic since the pipeline started."""
        found: list[Record] = []
        for number in range(PARTITIONS):
            place = Partition(topic, number)
            records = await self.broker.read_partition(place)
            found += [record for record in records if record.offset >= self.starts[place]]
        return found

    def logs(self) -> bytes:
        """Everything the services said."""
        return b"".join(child.log.read_bytes() for child in self.supervisor.children.values())


@pytest.fixture
def extra() -> dict[str, str]:
    """Settings of the services besides their defaults; a test file may have its own."""
    return {}


@pytest.fixture
async def pipeline(kafka: str, tmp_path: Path, extra: dict[str, str]) -> AsyncIterator[Pipeline]:
    broker = open_broker(Settings(bootstrap_servers=kafka))
    await broker.create_topics(topic_specs(Settings(partitions=PARTITIONS)))
    home = tmp_path / "home"
    home.mkdir()
    environment = _environment(kafka, home) | extra
    supervisor = Supervisor(environment, tmp_path / "logs")
    starts = {place: await _end(broker, place) for place in _places()}
    await begin_services_at(broker, environment["MAHLAN_GROUP_PREFIX"], starts)
    await supervisor.start(SERVICES, free_port)
    try:
        yield Pipeline(broker, supervisor, home, starts)
    finally:
        await supervisor.stop()


def gateway_settings(folder: Path) -> dict[str, str]:
    """What a gateway beside the services needs to know, for a test's ``extra``; ``start_gateway`` starts it."""
    return {
        "MAHLAN_GATEWAY_AUTH": "off",
        "MAHLAN_GATEWAY_PORT": str(free_port()),
        "MAHLAN_GATEWAY_SPOOL": str(folder / "gateway.spool"),
        "MAHLAN_GATEWAY_TIMEOUT": "60",
        "MAHLAN_GATEWAY_PATIENCE": "60",
    }


async def start_gateway(pipeline: Pipeline) -> str:
    """Its address, once it is ready."""
    await pipeline.supervisor.start(("gateway",), free_port)
    return f"http://127.0.0.1:{pipeline.supervisor.environment['MAHLAN_GATEWAY_PORT']}"


def _environment(kafka: str, home: Path) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("MAHLAN_", "ORT_", "XDG_"))}
    return given | {
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "HOME": str(home),
        "MAHLAN_GROUP_PREFIX": f"test-{uuid.uuid4().hex[:8]}",
        "MAHLAN_AUTHOR_SALT": "a salt of the tests",
        "PYTHONPATH": str(Path(__file__).parents[2] / "services"),
    }


def _places() -> list[Partition]:
    return [Partition(topic, number) for topic in BY_NAME for number in range(PARTITIONS)]


async def _end(broker: KafkaBroker, place: Partition) -> int:
    last = await broker.read_partition(place, last=1)
    return last[-1].offset + 1 if last else 0
