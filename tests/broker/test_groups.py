"""Consumer groups: commits, redelivery, sharing, taking over, hooks, lag. On both brokers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from mahlan.errors import BrokerError, RebalanceError
from mahlan.runtime.broker import Consumer, Outgoing, Partition, Record
from tests.broker.conftest import PARTITIONS, Stage, eventually, positions, take, texts

Hook = Callable[[Sequence[Partition]], Awaitable[None]]


class Seen:
    """What one member was told, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, list[int]]] = []

    def hook(self, name: str) -> Hook:
        async def note(partitions: Sequence[Partition]) -> None:
            self.events.append((name, [partition.number for partition in partitions]))

        return note

    def hooks(self) -> dict[str, Hook]:
        return {"on_assigned": self.hook("assigned"), "on_revoked": self.hook("revoked")}

    @property
    def owned(self) -> list[int]:
        name, numbers = self.events[-1] if self.events else ("revoked", [])
        return numbers if name == "assigned" else []


class Polling:
    """Polls in a task of its own, as a worker does, and commits what it got."""

    def __init__(self, consumer: Consumer) -> None:
        self.records: list[Record] = []
        self._consumer = consumer
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            records = await self._consumer.poll(100, 0.2)
            self.records += records
            if records:
                await self._consumer.commit(positions(records))

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def one_in_each(stage: Stage, value: str) -> None:
    producer = await stage.producer()
    await producer.send([Outgoing(stage.topic, b"k", value.encode(), partition=at) for at in range(PARTITIONS)])


async def test_a_group_resumes_after_what_it_committed(stage: Stage) -> None:
    await stage.send("a", "b", "c", "d")
    first = await stage.consumer()
    records = await take(first, 4)
    await first.commit(positions(records[:2]))
    await first.close()
    second = await stage.consumer()
    assert texts(await take(second, 2)) == ["c", "d"]


async def test_what_was_not_committed_comes_again(stage: Stage) -> None:
    await stage.send("a", "b")
    first = await stage.consumer()
    assert texts(await take(first, 2)) == ["a", "b"]
    await first.close()
    assert texts(await take(await stage.consumer(), 2)) == ["a", "b"]


async def test_groups_do_not_know_of_each_other(stage: Stage) -> None:
    await stage.send("a", "b")
    one = await stage.consumer("one")
    await one.commit(positions(await take(one, 2)))
    assert texts(await take(await stage.consumer("two"), 2)) == ["a", "b"]


async def test_a_poll_brings_at_most_what_was_asked_for_and_loses_nothing(stage: Stage) -> None:
    await stage.send(*map(str, range(25)))
    consumer = await stage.consumer()
    got: list[str] = []
    while len(got) < 25:
        records = await consumer.poll(10, 1.0)
        assert len(records) <= 10
        got += texts(records)
    assert got == list(map(str, range(25)))
    assert await consumer.poll(10, 0.1) == []


async def test_a_poll_wakes_when_something_is_written(stage: Stage) -> None:
    consumer = await stage.consumer()
    await take_nothing(consumer)
    waiting = asyncio.create_task(take(consumer, 1))
    await asyncio.sleep(0.05)
    await stage.send("late")
    assert texts(await waiting) == ["late"]


async def take_nothing(consumer: Consumer) -> None:
    assert await consumer.poll(1, 0.2) == []


async def test_lag_counts_what_was_not_polled(stage: Stage) -> None:
    await stage.send(*map(str, range(10)), key="foobar")
    consumer = await stage.consumer()
    await take(consumer, 4)
    lag = await consumer.lag()
    assert lag == {Partition(stage.topic, at): 6 if at == 2 else 0 for at in range(PARTITIONS)}


async def test_one_member_reads_many_topics(stage: Stage) -> None:
    other = await stage.create(2)
    await stage.send("here")
    await stage.send("there", topic=other)
    consumer = await stage.consumer(topics=[stage.topic, other])
    assert sorted(texts(await take(consumer, 2))) == ["here", "there"]


async def test_a_second_member_shares_and_takes_over(stage: Stage) -> None:
    seen = Seen(), Seen()
    first = await stage.consumer(**seen[0].hooks())
    polling = [Polling(first)]
    await eventually(lambda: seen[0].owned == [0, 1, 2, 3])
    await one_in_each(stage, "alone")
    await eventually(lambda: len(polling[0].records) == PARTITIONS)

    polling.append(Polling(await stage.consumer(**seen[1].hooks())))
    await eventually(lambda: sorted(seen[0].owned + seen[1].owned) == [0, 1, 2, 3])
    assert len(seen[0].owned) == len(seen[1].owned) == 2
    assert ("revoked", [0, 1, 2, 3]) in seen[0].events
    await one_in_each(stage, "shared")
    await eventually(lambda: sum(len(each.records) for each in polling) == 2 * PARTITIONS)
    assert {record.partition for record in polling[1].records} == set(seen[1].owned)

    await polling[0].end()
    await first.close()
    await eventually(lambda: seen[1].owned == [0, 1, 2, 3])
    await one_in_each(stage, "heir")
    await eventually(lambda: texts(polling[1].records).count("heir") == PARTITIONS)
    assert sum(len(each.records) for each in polling) == 3 * PARTITIONS
    await polling[1].end()


async def test_no_record_comes_before_the_assigned_hook_is_done(stage: Stage) -> None:
    await stage.send("a")
    ready = asyncio.Event()

    async def rebuild(_: Sequence[Partition]) -> None:
        await ready.wait()

    consumer = await_later(stage.consumer(on_assigned=rebuild))
    await asyncio.sleep(0.5)
    if consumer.done():
        assert await (await consumer).poll(10, 1.0) == []
    ready.set()
    assert texts(await take(await consumer, 1)) == ["a"]


def await_later(work: Awaitable[Consumer]) -> asyncio.Future[Consumer]:
    return asyncio.ensure_future(work)


async def test_what_is_being_revoked_can_still_be_committed(stage: Stage) -> None:
    await one_in_each(stage, "x")
    consumers: list[Consumer] = []
    done: list[Record] = []

    async def settle(_: Sequence[Partition]) -> None:
        await consumers[0].commit(positions(done))

    consumers.append(await stage.consumer(on_revoked=settle))
    done += await take(consumers[0], PARTITIONS)
    seen = Seen()
    second = await stage.consumer(**seen.hooks())
    first, other = Polling(consumers[0]), Polling(second)
    await eventually(lambda: len(seen.owned) == 2)
    await one_in_each(stage, "y")
    await eventually(lambda: len(first.records) + len(other.records) >= PARTITIONS)
    assert texts(first.records + other.records) == ["y"] * PARTITIONS
    await first.end()
    await other.end()


async def test_a_commit_of_somebody_elses_partition_is_refused(stage: Stage) -> None:
    await one_in_each(stage, "x")
    seen = Seen(), Seen()
    first = await stage.consumer(**seen[0].hooks())
    records = await take(first, PARTITIONS)
    polling = Polling(first)
    other = Polling(await stage.consumer(**seen[1].hooks()))
    await eventually(lambda: len(seen[0].owned) == len(seen[1].owned) == 2)
    with pytest.raises(RebalanceError):
        await first.commit(positions(records))
    await polling.end()
    await other.end()


async def test_an_error_in_a_hook_reaches_the_next_poll(stage: Stage) -> None:
    async def fail(_: Sequence[Partition]) -> None:
        raise BrokerError("the history could not be read")

    consumer = await stage.consumer(on_assigned=fail)
    with pytest.raises(BrokerError, match="the history could not be read"):
        await take(consumer, 1)


async def test_a_member_without_partitions_waits_its_turn(stage: Stage) -> None:
    single = await stage.create(1)
    seen = Seen(), Seen()
    first = await stage.consumer(topics=[single], **seen[0].hooks())
    polling = Polling(first)
    await eventually(lambda: seen[0].owned == [0])
    second = Polling(await stage.consumer(topics=[single], **seen[1].hooks()))
    await eventually(lambda: sorted(seen[0].owned + seen[1].owned) == [0] and bool(seen[1].events))
    await stage.send("a", topic=single)
    await eventually(lambda: len(polling.records) + len(second.records) == 1)
    await polling.end()
    await second.end()


async def test_a_closed_consumer_is_closed(stage: Stage) -> None:
    consumer = await stage.consumer()
    await consumer.close()
    await consumer.close()
    with pytest.raises(BrokerError):
        await consumer.poll(1, 0.1)
    with pytest.raises(BrokerError):
        await consumer.commit({Partition(stage.topic, 0): 1})
