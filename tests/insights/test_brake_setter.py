"""Whoever owns partition 0 sets the brakes: once for what was counted, over what a person decided, never down."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mahlan.core.budget import Counts, bucket_of
from mahlan.core.campaign import Campaign
from mahlan.errors import BrokerError
from mahlan.events.brake import BrakeSet
from mahlan.events.codec import decode
from mahlan.events.topics import BRAKES
from mahlan.insights.brake import BrakeSetter, Counters, keep_brakes
from mahlan.runtime.brakes import Brakes, brake_record
from mahlan.runtime.broker import Broker, Outgoing, Partition, Producer, TopicSpec
from mahlan.runtime.kafka import KafkaBroker, KafkaOptions
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import Metrics, build_metrics
from tests.core.policy_cases import campaign

NOW = datetime(2026, 11, 23, 10, 2, tzinfo=UTC)
PARTITIONS = 4


@dataclass
class LosingProducer:
    """Writes, and says that it did not."""

    inner: Producer

    async def send(self, records: Sequence[Outgoing]) -> None:
        await self.inner.send(records)
        raise BrokerError("not acknowledged")

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Stage:
    """One topic, a campaign that no other test has, and a clock."""

    broker: Broker
    now: datetime = NOW
    campaign: Campaign = field(default_factory=lambda: campaign(id=f"test-{uuid.uuid4().hex[:8]}"))
    metrics: Metrics = field(default_factory=build_metrics)
    opened: list[Any] = field(default_factory=list)

    async def setter(self, guard: Callable[[], bool] | None = None, wrap: Any = lambda one: one) -> BrakeSetter:
        """A worker's, that has read nothing yet."""
        producer = wrap(await self.broker.producer(guard))
        self.opened.append(producer)
        campaigns = {self.campaign.id: self.campaign}
        brakes = Brakes(self.metrics, "insights")
        return BrakeSetter(self.broker, producer, brakes, lambda: campaigns, self.metrics, lambda: self.now)

    def counters(self, language: str = "arz", disputed: int = 8, shown: int = 20) -> Counters:
        """So many in each five minutes of the last hour."""
        last = bucket_of(self.now)
        counts = Counts(shown, disputed, disputed)
        return {(self.campaign.id, language): dict.fromkeys(range(last - 11, last + 1), counts)}

    async def release(self) -> None:
        """As ``mahlan campaigns release`` does."""
        names: Any = {"code": "person", "reason": "mended", "set_by": "person", "level": "released"}
        brake = BrakeSet(campaign=self.campaign.id, language="arz", set_at=self.now, **names)
        producer = await self.broker.producer()
        await producer.send([brake_record(brake, "test")])
        await producer.close()

    async def written(self) -> list[tuple[str, str]]:
        """Language and level of each brake of this campaign, in order."""
        logs = [await self.broker.read_partition(Partition(BRAKES.name, number)) for number in range(PARTITIONS)]
        mine = [one for log in logs for one in log if (one.key or b"").startswith(self.campaign.id.encode())]
        read = [decode(BrakeSet, one.value, one.headers) for one in mine]
        assert all(one.envelope.source in {"mahlan/insights", "test"} for one in read)
        return [(one.event.language, one.event.level) for one in read]


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    if request.param == "memory":
        broker: Broker = MemoryBroker()
    else:
        broker = KafkaBroker(KafkaOptions(bootstrap_servers=request.getfixturevalue("kafka"), request_timeout=5.0))
    await broker.create_topics([TopicSpec(BRAKES.name, PARTITIONS, config=BRAKES.config)])
    stage = Stage(broker)
    yield stage
    for opened in stage.opened:
        await opened.close()
    await broker.close()


async def test_a_brake_is_set_once_and_goes_up_a_step_when_it_burns_on(stage: Stage) -> None:
    setter = await stage.setter()
    assert [one.level for one in await setter.review(stage.counters())] == ["raised"]
    assert await setter.review(stage.counters()) == []
    assert setter.brakes.level(stage.campaign.id, "arz") == "raised"
    stage.now += timedelta(hours=1)
    assert [one.level for one in await setter.review(stage.counters())] == ["paused"]
    stage.now += timedelta(hours=1)
    assert await setter.review(stage.counters()) == []
    stage.now += timedelta(days=7)
    assert await setter.review(stage.counters(disputed=0)) == [], "it is never loosened by itself"
    assert await stage.written() == [("arz", "raised"), ("arz", "paused")]


async def test_a_budget_that_holds_writes_nothing_and_is_shown(stage: Stage) -> None:
    setter = await stage.setter()
    assert await setter.review(stage.counters(disputed=0)) == []
    assert await setter.review({}) == []
    assert await stage.written() == []
    names = {"service": "insights", "campaign": stage.campaign.id}
    assert stage.metrics.registry.get_sample_value("mahlan_dispute_budget", names) == 0.02


async def test_each_language_has_a_brake_of_its_own(stage: Stage) -> None:
    setter = await stage.setter()
    counters = {**stage.counters("ar"), **stage.counters("en", disputed=0), **stage.counters("arz-Latn")}
    assert {(one.language, one.level) for one in await setter.review(counters)} == {
        ("ar", "raised"),
        ("arz-Latn", "raised"),
    }
    assert sorted(await stage.written()) == [("ar", "raised"), ("arz-Latn", "raised")]


async def test_counters_of_a_campaign_that_has_no_file_any_more_are_passed_over(stage: Stage) -> None:
    setter = await stage.setter()
    (buckets,) = stage.counters().values()
    assert await setter.review({("another", "arz"): buckets}) == []


async def test_another_worker_that_knows_nothing_yet_goes_by_the_topic(stage: Stage) -> None:
    await (await stage.setter()).review(stage.counters())
    assert await (await stage.setter()).review(stage.counters()) == []
    assert await stage.written() == [("arz", "raised")]


async def test_two_workers_at_once_raise_it_and_never_pause_it(stage: Stage) -> None:
    setters = [await stage.setter() for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(setter.review(stage.counters()) for setter in setters))
        stage.now += timedelta(minutes=1)
    levels = await stage.written()
    assert set(levels) == {("arz", "raised")}
    assert len(levels) <= 3


async def test_a_release_that_was_not_seen_yet_is_read_before_anything_is_written(stage: Stage) -> None:
    setter = await stage.setter()
    await setter.review(stage.counters())
    stage.now += timedelta(hours=1)
    await stage.release()
    # By what this worker knows it would be paused now.
    assert setter.brakes.level(stage.campaign.id, "arz") == "raised"
    assert await setter.review(stage.counters()) == []
    assert (await stage.written())[-1] == ("arz", "released")
    stage.now += timedelta(hours=1)
    assert [one.level for one in await setter.review(stage.counters())] == ["raised"], "from the first step again"


async def test_a_write_of_which_nobody_knows_is_not_made_twice(stage: Stage) -> None:
    setter = await stage.setter(wrap=LosingProducer)
    with pytest.raises(BrokerError):
        await setter.review(stage.counters())
    stage.now += timedelta(seconds=30)
    assert await (await stage.setter()).review(stage.counters()) == []
    assert await stage.written() == [("arz", "raised")]


async def test_a_worker_whose_partition_is_anothers_writes_nothing(stage: Stage) -> None:
    setter = await stage.setter(guard=lambda: False)
    with pytest.raises(BrokerError):
        await setter.review(stage.counters())
    assert await stage.written() == []


async def test_half_a_view_brakes_later_and_for_the_same_reason(stage: Stage) -> None:
    """Counters of one of two workers: half the nudges, and the same share of them."""
    setter = await stage.setter()
    assert await setter.review(stage.counters(shown=3, disputed=1)) != []
    stage.campaign = replace(stage.campaign, id=f"{stage.campaign.id}-b")
    assert await (await stage.setter()).review(stage.counters(shown=1, disputed=0)) == []


async def test_it_looks_again_and_again_while_it_is_its_own_to_do() -> None:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(BRAKES.name, PARTITIONS)])
    stage = Stage(broker)
    setter, ours, asked = await stage.setter(), False, 0

    async def view() -> Counters:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise BrokerError("a peer is away")
        return stage.counters()

    task = asyncio.create_task(keep_brakes(setter, view, lambda: ours, 0.01))
    await asyncio.sleep(0.05)
    assert asked == 0
    ours = True
    async with asyncio.timeout(20):
        while not await stage.written():
            await asyncio.sleep(0.01)
    task.cancel()
    assert await stage.written() == [("arz", "raised")]
