"""Readers without a group: from the start, from the end, from positions, on both brokers."""

from __future__ import annotations

import asyncio

import pytest

from mahlan.errors import BrokerError
from mahlan.runtime.broker import Outgoing, Partition, Positions, Reader
from mahlan.runtime.memory import MemoryBroker
from tests.broker.conftest import PARTITIONS, Stage, take, texts


async def opened(stage: Stage, positions: Positions, topic: str = "") -> Reader:
    reader = await stage.broker.reader(topic or stage.topic, positions=positions)
    stage.keep(reader)
    return reader


async def one_in_each(stage: Stage, value: str) -> None:
    producer = await stage.producer()
    await producer.send([Outgoing(stage.topic, b"k", value.encode(), partition=at) for at in range(PARTITIONS)])


async def test_from_the_start_everything_comes_in_order(stage: Stage) -> None:
    values = [f"v{number}" for number in range(50)]
    await stage.send(*values)
    reader = await opened(stage, "start")
    assert texts(await take(reader, 50)) == values
    await stage.send("later")
    assert texts(await take(reader, 1)) == ["later"]


async def test_from_the_end_only_what_comes_afterwards(stage: Stage) -> None:
    await one_in_each(stage, "before")
    reader = await opened(stage, "end")
    assert dict(reader.positions()) == dict.fromkeys(range(PARTITIONS), 1)
    await one_in_each(stage, "after")
    assert texts(await take(reader, PARTITIONS)) == ["after"] * PARTITIONS
    assert await reader.poll(10, 0.1) == []


async def test_positions_name_the_partitions_and_where_to_begin(stage: Stage) -> None:
    for value in ("first", "second", "third"):
        await one_in_each(stage, value)
    reader = await opened(stage, {1: 1, 3: 2})
    records = await take(reader, 3)
    assert sorted((record.partition, record.value) for record in records) == [
        (1, b"second"),
        (1, b"third"),
        (3, b"third"),
    ]
    await one_in_each(stage, "fourth")
    assert {record.partition for record in await take(reader, 2)} == {1, 3}
    assert await reader.poll(10, 0.1) == []


async def test_a_reader_opened_at_anothers_positions_goes_on(stage: Stage) -> None:
    await stage.send(*map(str, range(20)), key="foobar")
    first = await opened(stage, "start")
    assert texts(await take(first, 7)) == list(map(str, range(7)))
    assert dict(first.positions()) == {0: 0, 1: 0, 2: 7, 3: 0}
    second = await opened(stage, first.positions())
    assert texts(await take(second, 13)) == list(map(str, range(7, 20)))
    assert texts(await take(first, 13)) == list(map(str, range(7, 20)))
    assert first.positions() == second.positions()


async def test_positions_stay_where_they_are_when_nothing_comes(stage: Stage) -> None:
    reader = await opened(stage, "end")
    before = reader.positions()
    assert await reader.poll(10, 0.05) == []
    assert reader.positions() == before == dict.fromkeys(range(PARTITIONS), 0)


async def test_a_poll_brings_at_most_what_was_asked_for_and_loses_nothing(stage: Stage) -> None:
    await one_in_each(stage, "x")
    await stage.send(*map(str, range(25)))
    reader = await opened(stage, "start")
    got: list[str] = []
    while len(got) < 25 + PARTITIONS:
        records = await reader.poll(3, 1.0)
        assert len(records) <= 3
        got += texts(records)
    assert [value for value in got if value != "x"] == list(map(str, range(25)))


async def test_a_poll_wakes_when_something_is_written(stage: Stage) -> None:
    reader = await opened(stage, "end")
    waiting = asyncio.create_task(take(reader, 1))
    await asyncio.sleep(0.05)
    await stage.send("late")
    assert texts(await waiting) == ["late"]


async def test_a_poll_that_was_given_up_loses_nothing(stage: Stage) -> None:
    reader = await opened(stage, "end")
    waiting = asyncio.create_task(reader.poll(10, 30.0))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await stage.send("kept")
    assert texts(await take(reader, 1)) == ["kept"]


async def test_a_position_that_is_not_in_the_log_begins_with_what_is(stage: Stage) -> None:
    await stage.send("a", "b", key="foobar")
    reader = await opened(stage, {2: 1_000})
    assert texts(await take(reader, 2)) == ["a", "b"]
    assert dict(reader.positions()) == {2: 2}


async def test_keys_headers_and_tombstones_are_read(stage: Stage) -> None:
    producer = await stage.producer()
    await producer.send([Outgoing(stage.topic, b"author", None, (("ce_id", b"1"),), 0)])
    (record,) = await take(await opened(stage, "start"), 1)
    assert (record.key, record.value, record.headers) == (b"author", None, (("ce_id", b"1"),))
    assert record.timestamp_ms > 1_600_000_000_000


async def test_readers_share_nothing_with_each_other_nor_with_groups(stage: Stage) -> None:
    await stage.send("a", "b")
    readers = [await opened(stage, "start") for _ in range(2)]
    group = await stage.consumer()
    for each in (*readers, group):
        assert texts(await take(each, 2)) == ["a", "b"]


async def test_no_partition_at_all_is_allowed(stage: Stage) -> None:
    reader = await opened(stage, {})
    await stage.send("a")
    assert await reader.poll(10, 0.05) == []
    assert dict(reader.positions()) == {}


async def test_what_does_not_exist_is_a_broker_error(stage: Stage) -> None:
    for topic, positions in ((stage.topic, {9: 0}), ("test.missing", "start"), ("test.missing", {0: 0})):
        with pytest.raises(BrokerError, match="there is no"):
            await stage.broker.reader(topic, positions=positions)  # type: ignore[arg-type]


async def test_a_time_has_its_positions(stage: Stage) -> None:
    await stage.send("a", "b", key="foobar")
    (first, second) = await stage.broker.read_partition(Partition(stage.topic, 2))
    await asyncio.sleep(0.01)
    await stage.send("later", key="foobar")
    (last,) = await stage.broker.read_partition(Partition(stage.topic, 2), last=1)
    ends = {0: 0, 1: 0, 2: 3, 3: 0}
    assert await stage.broker.positions_at(stage.topic, 0) == {**ends, 2: 0}
    assert await stage.broker.positions_at(stage.topic, first.timestamp_ms) == {**ends, 2: 0}
    assert await stage.broker.positions_at(stage.topic, second.timestamp_ms + 1) == {**ends, 2: 2}
    assert await stage.broker.positions_at(stage.topic, last.timestamp_ms + 1) == ends
    with pytest.raises(BrokerError, match="there is no topic"):
        await stage.broker.positions_at("test.missing", 0)


async def test_a_closed_reader_is_closed(stage: Stage) -> None:
    reader = await opened(stage, "start")
    await reader.close()
    await reader.close()
    with pytest.raises(BrokerError, match="closed"):
        await reader.poll(1, 0.1)


async def test_while_the_broker_is_away_polls_fail_and_then_go_on() -> None:
    """The memory broker only: a real one is taken away in ``tests/local/test_broker_process.py``."""
    broker = MemoryBroker()
    stage = Stage(broker)
    stage.topic = await stage.create()
    await stage.send("before")
    reader = await broker.reader(stage.topic, positions="start")
    assert texts(await take(reader, 1)) == ["before"]
    broker.away = True
    for _ in range(2):
        with pytest.raises(BrokerError, match="away"):
            await reader.poll(1, 0.1)
        with pytest.raises(BrokerError, match="away"):
            await broker.reader(stage.topic, positions="end")
    broker.away = False
    await stage.send("after")
    assert texts(await take(reader, 1)) == ["after"]
    await stage.close()
