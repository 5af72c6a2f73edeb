"""Publishing, following and supervising, each by itself; the memory broker stands for Kafka."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from mahlan.demo.follower import begin_at, ends_of, follow
from mahlan.demo.generator import invent
from mahlan.demo.ledger import FOLLOWED, Ledger
from mahlan.demo.publisher import DAMAGE, Source, publish
from mahlan.demo.supervisor import Supervisor
from mahlan.errors import BrokerError, FatalError, RecordError
from mahlan.events import codec
from mahlan.events.comment import CommentSubmitted
from mahlan.events.topics import SUBMITTED
from mahlan.local.probe import free_port
from mahlan.runtime.broker import Partition
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs

SALT = "a-salt"
SERVICES = Path(__file__).resolve().parents[2] / "services"


class Forgetful:
    """A producer that fails now and then before it writes."""

    def __init__(self, fails: int) -> None:
        self.fails, self.records = fails, []

    async def send(self, records) -> None:
        if self.fails:
            self.fails -= 1
            raise BrokerError("not now")
        self.records += records


def source(count: int, bad_every: int = 0) -> Source:
    return Source("run", SALT, invent(count, 1), bad_every)


async def published(producer, count: int, bad_every: int = 0) -> list[str]:
    return [name async for names in publish(source(count, bad_every), producer, 0) for name in names]


async def test_every_comment_is_published_once_and_valid():
    producer = Forgetful(fails=2)
    names = await published(producer, 700)
    assert len(set(names)) == len(producer.records) == 700
    for name, record in zip(names, producer.records, strict=True):
        event, envelope = codec.decode(CommentSubmitted, record.value, record.headers)
        assert envelope.id == name == f"{event.comment_id}.{event.revision}"
        assert (event.author_key is None) != (event.author_id is None)


async def test_a_broker_that_stays_away_is_an_error():
    with pytest.raises(BrokerError):
        await published(Forgetful(fails=99), 10)


async def test_damaged_records_cannot_be_read_and_keep_their_name():
    producer = Forgetful(fails=0)
    await published(producer, 200, bad_every=10)
    broken = []
    for record in producer.records:
        try:
            codec.decode(CommentSubmitted, record.value, record.headers)
        except RecordError as error:
            broken.append(error.field)
            assert dict(record.headers)["ce_id"].startswith(b"run-")
    assert len(broken) == 20
    assert len(DAMAGE) == 5


async def test_the_follower_counts_from_where_the_topics_ended():
    broker = MemoryBroker()
    await broker.create_topics(topic_specs(Settings()))
    producer = await broker.producer()
    await published(producer, 50)
    starts = await ends_of(broker, [topic.name for topic in FOLLOWED])
    assert sum(starts.values()) == 50
    ledger = Ledger("run")
    follower = await follow(broker, ledger, "g.ledger", starts)
    follower.start()
    await producer.send([record for _, record in Source("run", SALT, invent(7, 2)).records()])
    await follower.read_to_end()
    await follower.close()
    assert len(ledger.submitted) == 7


async def test_a_service_group_begins_where_it_is_told():
    broker = MemoryBroker()
    await broker.create_topics(topic_specs(Settings(partitions=2)))
    await published(await broker.producer(), 50)
    starts = await ends_of(broker, [SUBMITTED.name])
    await begin_at(broker, "g", [SUBMITTED.name], starts)
    consumer = await broker.consumer([SUBMITTED.name], "g")
    assert await consumer.poll(100, 0.1) == []
    assert starts.keys() == {Partition(SUBMITTED.name, 0), Partition(SUBMITTED.name, 1)}


async def test_a_service_that_cannot_start_is_told_with_the_end_of_its_log(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(SERVICES), "MAHLAN_SCORER_THREDS": "1"}
    supervisor = Supervisor(environment, tmp_path)
    try:
        with pytest.raises(FatalError, match="MAHLAN_SCORER_THREADS"):
            await supervisor.start(["scorer"], free_port)
    finally:
        await supervisor.stop()
    assert supervisor.children["scorer"].process.returncode == 2


async def test_a_killed_service_comes_up_again_and_none_outlives_the_stop(tmp_path):
    # No broker at that address: the service waits for one, which is all that this needs.
    environment = {**os.environ, "PYTHONPATH": str(SERVICES), "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"}
    supervisor = Supervisor(environment, tmp_path)
    starting = asyncio.create_task(supervisor.start(["scorer"], free_port))
    try:
        first = await _pid(supervisor, None)
        supervisor.kill("scorer")
        second = await _pid(supervisor, first)
        assert supervisor.children["scorer"].restarts == 1
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await supervisor.stop()
    for pid in (first, second):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, signal.SIG_DFL)


async def _pid(supervisor: Supervisor, but: int | None) -> int:
    while True:
        child = supervisor.children.get("scorer")
        if child and child.process and child.process.returncode is None and child.process.pid != but:
            return child.process.pid
        await asyncio.sleep(0.05)
