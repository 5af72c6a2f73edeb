"""The local Kafka as a process: started, refused, stopped, killed, started again with what it held."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mahlan.errors import BrokerError, FatalError
from mahlan.local import kafka, probe
from mahlan.local.probe import free_port, is_taken, knows_brokers
from mahlan.runtime.broker import Outgoing, Partition, Reader, TopicSpec
from mahlan.runtime.kafka import KafkaBroker, KafkaOptions

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("broker")
    yield folder
    kafka.stop(folder, patience=5.0)


@pytest.fixture
def running(folder: Path) -> kafka.LocalKafka:
    return kafka.status(folder) or kafka.start(folder, heap="256m", tied=True)


def connect(bootstrap: str) -> KafkaBroker:
    return KafkaBroker(KafkaOptions(bootstrap_servers=bootstrap, request_timeout=3.0, delivery_timeout=4.0))


def test_status_names_what_runs(running: kafka.LocalKafka) -> None:
    assert kafka.status(running.folder) == running
    assert knows_brokers(int(running.bootstrap.split(":")[1]))
    assert running.log.exists()


def test_a_second_start_is_refused(running: kafka.LocalKafka) -> None:
    with pytest.raises(FatalError, match=f"already runs .* process {running.pid}"):
        kafka.start(running.folder)
    assert kafka.status(running.folder) == running


def test_a_taken_port_is_refused(running: kafka.LocalKafka, tmp_path: Path) -> None:
    port = int(running.bootstrap.split(":")[1])
    with pytest.raises(FatalError, match=f"port {port} is taken"):
        kafka.start(tmp_path, port)
    assert list(tmp_path.iterdir()) == []


async def test_it_comes_back_with_what_it_held(running: kafka.LocalKafka) -> None:
    broker = connect(running.bootstrap)
    await broker.create_topics([TopicSpec("kept", 1)])
    producer = await broker.producer()
    await producer.send([Outgoing("kept", b"k", b"before")])
    await producer.close()

    os.kill(running.pid, signal.SIGKILL)
    while kafka.status(running.folder):
        await asyncio.sleep(0.05)
    again = await asyncio.to_thread(kafka.start, running.folder, heap="256m")
    records = await connect(again.bootstrap).read_partition(Partition("kept", 0))
    assert [record.value for record in records] == [b"before"]


async def until_away(reader: Reader) -> None:
    """Poll until the reader notices that its broker is gone."""
    with suppress(BrokerError):
        while True:
            await reader.poll(10, 0.5)


async def last_of(reader: Reader) -> bytes | None:
    """The value of the last record that comes, once the reader has found its broker again."""
    values: list[bytes | None] = []
    while b"after" not in values:
        with suppress(BrokerError):
            values += [record.value for record in await reader.poll(10, 0.5)]
    assert b"before" not in values
    return values[-1]


async def test_clients_outlive_their_broker(running: kafka.LocalKafka) -> None:
    broker = connect(running.bootstrap)
    await broker.create_topics([TopicSpec("outage", 1)])
    producer = await broker.producer()
    await producer.send([Outgoing("outage", b"k", b"before")])
    consumer = await broker.consumer(["outage"], "readers")
    reader = await broker.reader("outage", positions="start")
    for each in (consumer, reader):
        while not await each.poll(1, 1.0):
            pass
    port = int(running.bootstrap.split(":")[1])

    kafka.stop(running.folder, patience=10.0)
    with pytest.raises(BrokerError, match="not acknowledged within 4 s"):
        await producer.send([Outgoing("outage", b"k", b"during")])
    with pytest.raises(BrokerError):
        await producer.send([Outgoing("outage", b"k", b"during")])
    with pytest.raises(BrokerError):
        await broker.partitions("outage")

    with pytest.raises(BrokerError, match="committing"):
        await consumer.commit({Partition("outage", 0): 1})
    await consumer.close()
    await until_away(reader)
    with pytest.raises(BrokerError):
        await reader.poll(1, 0.1)

    again = await asyncio.to_thread(kafka.start, running.folder, port, heap="256m")
    await producer.send([Outgoing("outage", b"k", b"after")])
    await producer.close()
    assert await last_of(reader) == b"after"
    await reader.close()
    records = await connect(again.bootstrap).read_partition(Partition("outage", 0))
    assert [record.value for record in records if record.value != b"during"] == [b"before", b"after"]


def test_a_half_made_data_folder_is_made_again(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "__cluster_metadata-0").mkdir(parents=True)
    (tmp_path / "kafka.pid").write_text("1\n", "utf-8")
    started = kafka.start(tmp_path, heap="256m", tied=True)
    assert started.pid != 1
    assert kafka.stop(tmp_path)
    assert not kafka.stop(tmp_path)
    assert kafka.status(tmp_path) is None


def test_a_tied_broker_ends_with_its_parent(tmp_path: Path) -> None:
    program = f"""
        import time
        from pathlib import Path
        from mahlan.local import kafka
        print(kafka.start(Path({str(tmp_path)!r}), heap="256m", tied=True).bootstrap, flush=True)
        time.sleep(600)
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "services")}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline().split(":")[1])
        assert is_taken(port)
        parent.kill()
    deadline = time.monotonic() + 30
    while is_taken(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_taken(port)


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="heap"):
        kafka.start(tmp_path, heap="1k")
    assert kafka.status(tmp_path) is None


def test_no_port_is_given_twice_as_long_as_there_are_others(monkeypatch):
    found = iter([7, 7, 8, *[8] * 2000])
    monkeypatch.setattr(probe, "_given", set())
    monkeypatch.setattr(probe, "_unused_port", lambda: next(found))
    assert [free_port(), free_port(), free_port()] == [7, 8, 8]


def test_a_stranger_on_a_port_is_no_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        server.settimeout(0.01)
        assert is_taken(port)
    assert not is_taken(free_port())
    assert not knows_brokers(free_port())
