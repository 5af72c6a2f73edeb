"""Lag in records and seconds, as the reporter reads it off a memory broker."""

from __future__ import annotations

import asyncio
import time

import pytest

from mahlan.errors import BrokerError
from mahlan.runtime import lag as lags
from mahlan.runtime.broker import Outgoing, Partition, TopicSpec
from mahlan.runtime.lag import LagReporter
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import build_metrics

TOPIC = "in.v1"
NOW = 1_000_000.0


@pytest.fixture
async def seen(monkeypatch):
    monkeypatch.setattr(lags, "time", lambda: NOW)
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(TOPIC, 1)])
    producer = await broker.producer()
    await producer.send([Outgoing(TOPIC, b"k", b"%d" % number) for number in range(10)])
    consumer = await broker.consumer([TOPIC], "group")
    metrics = build_metrics()
    places: dict[Partition, int] = {}
    yield consumer, places, metrics, LagReporter(consumer, places, metrics, "scorer")
    await broker.close()


def values(metrics):
    place = {"service": "scorer", "topic": TOPIC, "partition": "0"}
    records = metrics.registry.get_sample_value("mahlan_lag_records", place)
    return records, metrics.registry.get_sample_value("mahlan_lag_seconds", {"service": "scorer"})


async def test_records_wait_and_the_last_one_read_is_old(seen):
    consumer, places, metrics, reporter = seen
    assert len(await consumer.poll(4, 0.1)) == 4
    places[Partition(TOPIC, 0)] = int((NOW - 42) * 1000)
    await reporter.report()
    assert values(metrics) == (6, pytest.approx(42))


async def test_nothing_waits_so_nothing_is_late(seen):
    consumer, places, metrics, reporter = seen
    await consumer.poll(100, 0.1)
    places[Partition(TOPIC, 0)] = int((NOW - 42) * 1000)
    await reporter.report()
    assert values(metrics) == (0, 0)


async def test_before_the_first_record_there_is_no_age_to_tell(seen):
    _, _, metrics, reporter = seen
    await reporter.report()
    assert values(metrics) == (10, 0)


async def test_a_broker_that_cannot_be_asked_is_asked_again(seen, monkeypatch):
    consumer, _, metrics, reporter = seen
    monkeypatch.setattr(lags, "INTERVAL", 0.001)
    real, failures = consumer.lag, iter([True, True])

    async def flaky():
        if next(failures, False):
            raise BrokerError("away")
        return await real()

    monkeypatch.setattr(consumer, "lag", flaky)
    task = asyncio.create_task(reporter.run())
    deadline = time.monotonic() + 30
    while values(metrics)[0] is None and time.monotonic() < deadline:
        await asyncio.sleep(0.001)
    task.cancel()
    assert values(metrics)[0] == 10
