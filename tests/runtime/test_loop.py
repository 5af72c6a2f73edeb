"""The batch loop on a memory broker: at least once, in order, drained at the end, and patient with a broken broker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import chain

import pytest

from mahlan.errors import BrokerError
from mahlan.runtime import retries
from mahlan.runtime.broker import Outgoing, Partition, Record, TopicSpec
from mahlan.runtime.http import Health
from mahlan.runtime.loop import BatchLimits, BatchLoop, positions_after
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import Metrics, build_metrics

IN, OUT, GROUP = "in.v1", "out.v1", "test.loop"


async def reached(condition):
    """Wait until the condition holds; the test's own timeout ends a wait that never does."""
    while not condition():
        await asyncio.sleep(0.001)


@dataclass
class Flaky:
    """A producer that fails a number of times before it writes."""

    inner: object
    failures: int
    sent: int = 0

    async def send(self, records):
        if self.failures:
            self.failures -= 1
            raise BrokerError("not acknowledged")
        self.sent += 1
        await self.inner.send(records)

    async def close(self):
        await self.inner.close()


@dataclass
class Line:
    """A broker with two topics, a consumer, a producer and the loop between them."""

    broker: MemoryBroker
    metrics: Metrics
    health: Health
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def fill(self, count):
        producer = await self.broker.producer()
        await producer.send([Outgoing(IN, b"k%d" % (n % 5), b"%d" % n) for n in range(count)])

    async def loop(self, transform, *, failures=0):
        producer = Flaky(await self.broker.producer(), failures)
        consumer = await self.broker.consumer([IN], GROUP)
        return BatchLoop(
            consumer,
            producer,
            transform,
            metrics=self.metrics,
            health=self.health,
            service="scorer",
            limits=BatchLimits(16, 0.05),
        )

    async def parts(self):
        numbers = range(await self.broker.partitions(OUT))
        return [[int(r.value) for r in await self.broker.read_partition(Partition(OUT, n))] for n in numbers]

    async def values(self):
        return sorted(chain.from_iterable(await self.parts()))

    async def run_until(self, loop, count):
        task = asyncio.create_task(loop.run(self.stop))
        await reached(lambda: task.done() or sum(map(len, self.broker.topics[OUT])) >= count)
        self.stop.set()
        await task


@pytest.fixture
async def line(monkeypatch):
    monkeypatch.setattr(retries, "backoff", lambda attempt, **_: 0.0)
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(IN, 3), TopicSpec(OUT, 3)])
    yield Line(broker, build_metrics(), Health())
    await broker.close()


async def copy(records):
    return [Outgoing(OUT, record.key, record.value, partition=record.partition) for record in records]


async def test_every_record_once_and_in_order_per_partition(line):
    await line.fill(200)
    await line.run_until(await line.loop(copy), 200)
    assert await line.values() == list(range(200))
    assert all(part == sorted(part) for part in await line.parts())


async def test_what_was_written_is_committed_when_the_loop_ends(line):
    await line.fill(100)
    await line.run_until(await line.loop(copy), 100)
    ends = {Partition(IN, n): len(await line.broker.read_partition(Partition(IN, n))) for n in range(3)}
    assert line.broker.groups[GROUP].committed == {place: end for place, end in ends.items() if end}
    assert line.metrics.registry.get_sample_value("mahlan_in_flight", {"service": "scorer"}) == 0


async def test_a_write_that_fails_is_tried_again_and_nothing_is_lost_or_doubled(line):
    await line.fill(60)
    await line.run_until(await line.loop(copy, failures=5), 60)
    assert await line.values() == list(range(60))
    retries = line.metrics.registry.get_sample_value(
        "mahlan_retries_total", {"service": "scorer", "reason": "BrokerError"}
    )
    assert retries == 5


async def test_nothing_is_committed_before_it_is_acknowledged(line):
    await line.fill(10)
    loop = await line.loop(copy, failures=10**9)
    task = asyncio.create_task(loop.run(line.stop))
    await reached(lambda: loop.producer.failures < 10**9 - 20)
    assert line.broker.groups[GROUP].committed == {}
    loop.producer.failures = 0
    line.stop.set()
    await task
    assert await line.values() == list(range(10))


async def test_a_transform_that_raises_ends_the_loop_uncommitted(line):
    async def broken(records):
        raise ZeroDivisionError

    await line.fill(10)
    with pytest.raises(ZeroDivisionError):
        await (await line.loop(broken)).run(line.stop)
    assert line.broker.groups[GROUP].committed == {}


async def test_a_second_worker_takes_over_where_the_first_stopped(line):
    await line.fill(40)
    first = await line.loop(copy)
    await line.run_until(first, 40)
    await first.consumer.close()
    line.stop.clear()
    await line.fill(40)
    await line.run_until(await line.loop(copy), 80)
    assert len(await line.values()) == 80


async def test_the_loop_beats_while_there_is_nothing_to_do(line):
    line.health.last_beat = -1e9
    task = asyncio.create_task((await line.loop(copy)).run(line.stop))
    await reached(lambda: line.health.live)
    line.stop.set()
    await task


async def test_the_loop_beats_while_the_broker_does_not_acknowledge(line):
    await line.fill(200)
    loop = await line.loop(copy, failures=10**9)
    task = asyncio.create_task(loop.run(line.stop))
    await reached(lambda: loop.producer.failures < 10**9 - 20)
    line.health.last_beat = -1e9
    await reached(lambda: line.health.live)
    loop.producer.failures = 0
    line.stop.set()
    await task


async def test_results_keep_their_order_when_a_later_batch_is_ready_first(line):
    waits = iter([0.05, 0.0, 0.03, 0.0] * 50)

    async def slow(records):
        await asyncio.sleep(next(waits))
        return await copy(records)

    await line.fill(200)
    await line.run_until(await line.loop(slow), 200)
    assert await line.values() == list(range(200))
    assert all(part == sorted(part) for part in await line.parts())


def test_positions_are_the_offset_after_the_last():
    records = [Record(IN, 0, 3, None, b""), Record(IN, 1, 9, None, b""), Record(IN, 0, 4, None, b"")]
    assert positions_after(records) == {Partition(IN, 0): 5, Partition(IN, 1): 10}
