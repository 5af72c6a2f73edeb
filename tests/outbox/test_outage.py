"""A real Kafka that is stopped, or killed, while an outbox takes and sends records: none lost, none sent twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mahlan.local import kafka as local
from mahlan.runtime.broker import Outgoing, Partition, TopicSpec
from mahlan.runtime.kafka import KafkaBroker, KafkaOptions
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.outbox import Outbox, OutboxOptions
from mahlan.runtime.written import event_id

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(400)]
PARTITIONS = 3
#: Records accepted before, during and after the outage.
SHARE = 400


@pytest.fixture(scope="module")
def broker_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("broker")
    yield folder
    local.stop(folder, patience=5.0)


def stop(running: local.LocalKafka) -> None:
    local.stop(running.folder, patience=20.0)


def kill(running: local.LocalKafka) -> None:
    os.kill(running.pid, signal.SIGKILL)
    while local.status(running.folder):
        pass


@pytest.mark.parametrize("end", [stop, kill])
async def test_checks_go_on_while_kafka_is_away(
    broker_folder: Path, tmp_path: Path, end: Callable[[local.LocalKafka], None]
) -> None:
    running = local.status(broker_folder) or await asyncio.to_thread(local.start, broker_folder, heap="256m")
    port = int(running.bootstrap.split(":")[1])
    options = KafkaOptions(bootstrap_servers=running.bootstrap, request_timeout=3.0, delivery_timeout=4.0)
    broker, metrics, topic = KafkaBroker(options), build_metrics(), f"outage.{end.__name__}"
    await broker.create_topics([TopicSpec(topic, PARTITIONS)])
    outbox = Outbox(tmp_path / "spool.db", broker, metrics, "gateway", OutboxOptions(max_bytes=10**8, batch=20))
    await outbox.open()
    stopping = asyncio.Event()
    sending = asyncio.create_task(outbox.run(stopping))

    async def add(first: int) -> None:
        for number in range(first, first + SHARE):
            name = (("ce_id", b"e-%d" % number),)
            await outbox.add([Outgoing(topic, b"author-%d" % (number % 7), b"%d" % number, name)])

    adding = asyncio.create_task(add(0))
    await asyncio.to_thread(end, running)
    await adding
    await add(SHARE)
    # Nothing had to be there to take these.
    assert outbox.depth >= SHARE
    await asyncio.to_thread(local.start, broker_folder, port, heap="256m")
    await add(2 * SHARE)
    async with asyncio.timeout(200):
        while outbox.depth:
            await asyncio.sleep(0.1)
    stopping.set()
    await sending
    await outbox.close()

    logs = [await broker.read_partition(Partition(topic, number)) for number in range(PARTITIONS)]
    counts = Counter(event_id(record.headers) for log in logs for record in log)
    assert counts == Counter({f"e-{number}": 1 for number in range(3 * SHARE)})
    for log in logs:
        numbers = [int(record.value or b"") for record in log]
        assert numbers == sorted(numbers)
