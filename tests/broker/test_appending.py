"""One batch in one partition: all of it or nothing, and where it came to lie. On both brokers."""

from __future__ import annotations

import asyncio

import pytest

from mahlan.errors import BrokerError, OversizeError
from mahlan.runtime.broker import Outgoing, Partition
from tests.broker.conftest import Stage, texts


def batch(topic: str, *values: str) -> list[Outgoing]:
    return [Outgoing(topic, b"k", value.encode(), (("n", b"1"),)) for value in values]


async def test_it_tells_where_the_first_record_lies(stage: Stage) -> None:
    producer, place = await stage.producer(), Partition(stage.topic, 2)
    assert await producer.append(place, batch(stage.topic, "a", "b", "c")) == 0
    assert await producer.append(place, batch(stage.topic, "d")) == 3
    await producer.send([Outgoing(stage.topic, b"k", b"e", partition=2)])
    assert await producer.append(place, batch(stage.topic, "f", "g")) == 5
    records = await stage.broker.read_partition(place)
    assert texts(records) == list("abcdefg")
    assert [record.offset for record in records] == list(range(7))
    assert {record.headers for record in records if texts([record]) != ["e"]} == {(("n", b"1"),)}


async def test_batches_of_several_writers_do_not_mix(stage: Stage) -> None:
    place = Partition(stage.topic, 0)
    producers = [await stage.producer() for _ in range(4)]
    wanted = [[f"{writer}-{number}"] * 50 for writer in range(4) for number in range(5)]

    async def write(writer: int) -> None:
        for number in range(5):
            first = await producers[writer].append(place, batch(stage.topic, *[f"{writer}-{number}"] * 50))
            assert first % 50 == 0

    await asyncio.gather(*map(write, range(4)))
    written = texts(await stage.broker.read_partition(place))
    assert sorted(written[at : at + 50] for at in range(0, 1000, 50)) == sorted(wanted)


async def test_a_batch_is_never_cut(stage: Stage) -> None:
    wide = await stage.create(1, **{"max.message.bytes": str(4 * 1024 * 1024)})
    producer, place = await stage.producer(), Partition(wide, 0)
    assert await producer.append(place, batch(wide, *["x" * 100_000] * 30)) == 0
    with pytest.raises(OversizeError):
        await producer.append(place, batch(wide, *["x" * 100_000] * 50))
    assert len(await stage.broker.read_partition(place)) == 30
    assert await producer.append(place, batch(wide, "after")) == 30


async def test_what_the_topic_does_not_take_is_told_and_the_producer_goes_on(stage: Stage) -> None:
    narrow = await stage.create(1, **{"max.message.bytes": "2000"})
    producer, place = await stage.producer(), Partition(narrow, 0)
    with pytest.raises(OversizeError):
        await producer.append(place, batch(narrow, *["x" * 500] * 6))
    assert await stage.broker.read_partition(place) == []
    assert await producer.append(place, batch(narrow, "small")) == 0


async def test_where_it_cannot_be_written(stage: Stage) -> None:
    producer = await stage.producer()
    with pytest.raises(BrokerError):
        await producer.append(Partition(stage.topic, 9), batch(stage.topic, "x"))
    await producer.close()
    with pytest.raises(BrokerError):
        await producer.append(Partition(stage.topic, 0), batch(stage.topic, "x"))
