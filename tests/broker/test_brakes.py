"""Brakes are followed as the topic tells them, on both brokers; what is not known is released."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mahlan.errors import BrokerError
from mahlan.events.brake import BrakeSet
from mahlan.events.topics import BRAKES
from mahlan.runtime import brakes as followed
from mahlan.runtime.brakes import Brakes, brake_record, read_brakes
from mahlan.runtime.broker import Broker, Outgoing, TopicSpec
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import build_metrics
from tests.broker.conftest import eventually

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def brake(campaign: str, language: str = "arz", level: Any = "raised", **changes: Any) -> BrakeSet:
    fields = {"code": "burning_1h", "reason": "a test", "set_at": NOW, "set_by": "insights", **changes}
    return BrakeSet(campaign=campaign, language=language, level=level, **fields)


async def write(broker: Broker, *told: BrakeSet | Outgoing) -> None:
    producer = await broker.producer()
    await producer.send([one if isinstance(one, Outgoing) else brake_record(one, "test") for one in told])
    await producer.close()


@asynccontextmanager
async def following(broker: Broker) -> AsyncIterator[Brakes]:
    brakes = Brakes(build_metrics(), "dispatcher")
    task = asyncio.create_task(brakes.follow(broker))
    try:
        await brakes.wait_known(30)
        yield brakes
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def broker(connect: Callable[[], Broker]) -> AsyncIterator[Broker]:
    broker = connect()
    await broker.create_topics([TopicSpec(BRAKES.name, 4, config=BRAKES.config)])
    yield broker
    await broker.close()


@pytest.fixture
def campaign() -> str:
    """Of this test alone: on Kafka others write to the same topic."""
    return f"test-{uuid.uuid4().hex[:8]}"


async def test_what_was_set_before_is_known_at_the_start_and_what_comes_soon(broker: Broker, campaign: str) -> None:
    await write(broker, brake(campaign), brake(campaign, "en", "paused"))
    async with following(broker) as brakes:
        assert brakes.caught_up.is_set()
        assert brakes.level(campaign, "arz") == "raised"
        assert brakes.level(campaign, "en") == "paused"
        assert brakes.level(campaign, "ar") == "released"
        assert brakes.of(campaign, "ar") is None
        await write(broker, brake(campaign, level="released", set_by="person"), brake(campaign, "ar", "paused"))
        await eventually(lambda: brakes.level(campaign, "ar") == "paused")
        await eventually(lambda: brakes.level(campaign, "arz") == "released")
        assert brakes.of(campaign, "arz") == brake(campaign, level="released", set_by="person")
        known = await read_brakes(broker)
        assert {key: known[key].level for key in known if key[0] == campaign} == {
            (campaign, "arz"): "released",
            (campaign, "en"): "paused",
            (campaign, "ar"): "paused",
        }


async def test_a_removed_key_is_released_and_what_nobody_can_read_is_passed_over(broker: Broker, campaign: str) -> None:
    bad = Outgoing(BRAKES.name, f"{campaign}/en".encode(), b'{"campaign": 3}')
    none = Outgoing(BRAKES.name, f"{campaign}/arz".encode(), None)
    await write(broker, brake(campaign), brake(campaign, "en"), bad)
    async with following(broker) as brakes:
        assert (brakes.level(campaign, "arz"), brakes.level(campaign, "en")) == ("raised", "raised")
        await write(broker, none, brake(campaign, "ar"))
        await eventually(lambda: brakes.level(campaign, "ar") == "raised")
        await eventually(lambda: brakes.level(campaign, "arz") == "released")
        known = await read_brakes(broker)
        assert {language for name, language in known if name == campaign} == {"en", "ar"}


async def test_while_kafka_is_away_the_brakes_that_are_known_stay() -> None:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(BRAKES.name, 2)])
    await write(broker, brake("c"))
    async with following(broker) as brakes:
        broker.away = True
        await asyncio.sleep(0.1)
        assert brakes.level("c", "arz") == "raised"
        broker.away = False
        await write(broker, brake("c", level="paused", set_at=NOW + timedelta(hours=1)))
        await eventually(lambda: brakes.level("c", "arz") == "paused")


async def test_without_a_topic_everything_is_released_and_the_start_waits_no_longer_than_told() -> None:
    broker = MemoryBroker()
    brakes = Brakes(build_metrics(), "gateway")
    task = asyncio.create_task(brakes.follow(broker))
    await brakes.wait_known(0.05)
    assert (brakes.caught_up.is_set(), brakes.level("c", "arz")) == (False, "released")
    with pytest.raises(BrokerError):
        await read_brakes(broker)
    await broker.create_topics([TopicSpec(BRAKES.name, 2)])
    await eventually(brakes.caught_up.is_set)
    task.cancel()


def test_the_level_is_shown_as_a_number() -> None:
    brakes = Brakes(metrics := build_metrics(), "gateway")

    def shown() -> float | None:
        names = {"service": "gateway", "campaign": "c", "language": "arz"}
        return metrics.registry.get_sample_value("mahlan_brake_level", names)

    told = [shown()]
    for level in ("raised", "paused", "released"):
        brakes.apply(brake("c", level=level))
        told.append(shown())
    assert told == [None, 1, 2, 0]


def test_no_more_is_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed, "MOST", 2)
    brakes = Brakes(build_metrics(), "gateway")
    assert [brakes.apply(brake("c", language)) for language in ("ar", "en", "arz")] == [True, True, False]
    assert brakes.apply(brake("c", "ar", "paused"))
    assert [brakes.level("c", language) for language in ("ar", "en", "arz")] == ["paused", "raised", "released"]


def test_a_record_has_the_key_of_its_campaign_and_language() -> None:
    record = brake_record(brake("fakkar-eg", "arz-Latn"), "test")
    assert (record.topic, record.key, record.partition) == (BRAKES.name, b"fakkar-eg/arz-Latn", None)
    assert record == brake_record(brake("fakkar-eg", "arz-Latn"), "test")
