"""What is sent is what is read: order, keys, headers, tombstones, sizes. On both brokers."""

from __future__ import annotations

from collections import Counter

import pytest

from mahlan.errors import BrokerError, OversizeError
from mahlan.runtime.broker import Outgoing, Partition, TopicSpec
from tests.broker.conftest import PARTITIONS, Stage, take, texts


async def test_records_of_a_partition_keep_their_order(stage: Stage) -> None:
    values = [f"v{number}" for number in range(300)]
    await stage.send(*values[:200])
    await stage.send(*values[200:])
    records = await take(await stage.consumer(), 300)
    assert texts(records) == values
    assert [record.offset for record in records] == list(range(300))


@pytest.mark.parametrize(
    ("key", "partition"),
    # Of four; worked out with the JVM client's own formula, and the same as aiokafka's partitioner says.
    [(b"", 1), (b"21", 0), (b"foobar", 2), (b"a-little-bit-long-string", 0), ("مهلا".encode(), 0)],
)
async def test_a_key_has_its_partition(stage: Stage, key: bytes, partition: int) -> None:
    producer = await stage.producer()
    await producer.send([Outgoing(stage.topic, key, b"x"), Outgoing(stage.topic, key, b"y")])
    records = await stage.broker.read_partition(Partition(stage.topic, partition))
    assert texts(records) == ["x", "y"]


async def test_a_named_partition_wins_over_the_key(stage: Stage) -> None:
    producer = await stage.producer()
    await producer.send([Outgoing(stage.topic, b"foobar", b"x", partition=number) for number in range(PARTITIONS)])
    for number in range(PARTITIONS):
        assert texts(await stage.broker.read_partition(Partition(stage.topic, number))) == ["x"]


async def test_records_without_a_key_are_spread(stage: Stage) -> None:
    producer = await stage.producer()
    for _ in range(3 * PARTITIONS):
        await producer.send([Outgoing(stage.topic, None, b"x")])
    records = await take(await stage.consumer(), 3 * PARTITIONS)
    assert Counter(record.partition for record in records) == dict.fromkeys(range(PARTITIONS), 3)


async def test_headers_keys_and_tombstones_arrive_as_sent(stage: Stage) -> None:
    headers = (("ce_id", b"1"), ("empty", b""), ("bytes", b"\xff\x00"), ("ce_id", b"again"))
    producer = await stage.producer()
    await producer.send(
        [
            Outgoing(stage.topic, b"author", b"\xd9\x85", headers, 0),
            Outgoing(stage.topic, b"author", None, (), 0),
            Outgoing(stage.topic, None, b"", headers[:1], 0),
            Outgoing(stage.topic, None, None, headers[:1], 0),
        ]
    )
    records = await take(await stage.consumer(), 4)
    assert [(r.key, r.value, r.headers) for r in records] == [
        (b"author", b"\xd9\x85", headers),
        (b"author", None, ()),
        (None, b"", headers[:1]),
        (None, None, headers[:1]),
    ]
    assert all(record.timestamp_ms > 1_600_000_000_000 for record in records)
    assert {(record.topic, record.partition) for record in records} == {(stage.topic, 0)}


async def test_a_send_has_been_acknowledged_when_it_returns(stage: Stage) -> None:
    producer = await stage.producer()
    for count in (1, 2, 3):
        await producer.send([Outgoing(stage.topic, b"k", b"x", partition=2)])
        assert len(await stage.broker.read_partition(Partition(stage.topic, 2))) == count


async def test_one_call_may_write_to_many_topics(stage: Stage) -> None:
    other = await stage.create()
    producer = await stage.producer()
    await producer.send([Outgoing(topic, b"k", topic.encode(), partition=0) for topic in (stage.topic, other)] * 2)
    for topic in (stage.topic, other):
        assert texts(await stage.broker.read_partition(Partition(topic, 0))) == [topic] * 2


async def test_nothing_to_send_is_no_error(stage: Stage) -> None:
    await (await stage.producer()).send([])


async def test_more_than_one_batch_of_a_partition_keeps_its_order(stage: Stage) -> None:
    values = [f"{number:04}" + "x" * 20_000 for number in range(100)]
    await stage.send(*values)
    assert texts(await take(await stage.consumer(), 100)) == values


async def test_a_record_of_a_megabyte_arrives(stage: Stage) -> None:
    wide = await stage.create(1, **{"max.message.bytes": str(4 * 1024 * 1024)})
    for size in (1_000_000, 3_000_000):
        await stage.send("ه" * (size // 2), "after", topic=wide)
    records = await take(await stage.consumer(topics=[wide]), 4)
    assert [len(record.value or b"") for record in records] == [1_000_000, 5, 3_000_000, 5]


async def test_a_record_over_its_topics_limit_is_named_and_the_producer_goes_on(stage: Stage) -> None:
    narrow = await stage.create(1, **{"max.message.bytes": "2000"})
    producer = await stage.producer()
    with pytest.raises(OversizeError) as caught:
        await producer.send([Outgoing(narrow, b"k", b"x" * 3000)])
    assert caught.value.index == 0
    assert caught.value.reason == "too_large"
    assert "xxx" not in str(caught.value)
    await producer.send([Outgoing(narrow, b"k", b"small")])
    assert texts(await stage.broker.read_partition(Partition(narrow, 0))) == ["small"]


async def test_a_record_over_every_limit_stops_its_call_before_anything_is_written(stage: Stage) -> None:
    producer = await stage.producer()
    batch = [Outgoing(stage.topic, b"k", b"fine", partition=0), Outgoing(stage.topic, b"k", bytes(5_000_000))]
    with pytest.raises(OversizeError) as caught:
        await producer.send(batch)
    assert caught.value.index == 1
    assert await stage.broker.read_partition(Partition(stage.topic, 0)) == []


async def test_a_partition_that_does_not_exist_is_refused(stage: Stage) -> None:
    producer = await stage.producer()
    with pytest.raises(BrokerError, match="none with number 9"):
        await producer.send([Outgoing(stage.topic, b"k", b"x", partition=9)])
    with pytest.raises(BrokerError):
        await stage.broker.read_partition(Partition(stage.topic, 9))


async def test_the_end_of_a_partition_can_be_read(stage: Stage) -> None:
    await stage.send(*map(str, range(50)), key="foobar")
    end = Partition(stage.topic, 2)  # where "foobar" lives
    assert texts(await stage.broker.read_partition(end, last=3)) == ["47", "48", "49"]
    assert len(await stage.broker.read_partition(end, last=1000)) == 50
    assert await stage.broker.read_partition(end, last=0) == []
    assert await stage.broker.read_partition(Partition(stage.topic, 0), last=5) == []


async def test_topics_are_created_once_and_left_as_they_are(stage: Stage) -> None:
    spec = TopicSpec(stage.topic + ".new", 2)
    assert await stage.broker.create_topics([spec, TopicSpec(stage.topic, 7)]) == [spec.name]
    assert await stage.broker.create_topics([spec]) == []
    assert await stage.broker.partitions(spec.name) == 2
    assert await stage.broker.partitions(stage.topic) == PARTITIONS
    assert await stage.broker.partitions("test.missing") == 0


async def test_a_closed_producer_sends_nothing(stage: Stage) -> None:
    producer = await stage.broker.producer()
    await producer.close()
    await producer.close()
    with pytest.raises(BrokerError):
        await producer.send([Outgoing(stage.topic, b"k", b"x")])


async def test_a_topic_that_does_not_exist_is_a_broker_error(stage: Stage) -> None:
    producer = await stage.producer()
    with pytest.raises(BrokerError):
        await producer.send([Outgoing("test.missing", b"k", b"x")])
