"""What was accepted is sent: in order, once, whatever fails or is away. On the memory broker."""

from __future__ import annotations

import asyncio
import threading

import pytest

from mahlan.errors import SpoolFullError
from mahlan.runtime.broker import Outgoing, Partition, TopicSpec
from mahlan.runtime.spool import Spool
from mahlan.runtime.spool_writer import SpoolWriter
from tests.dispatcher.delivering import until
from tests.dispatcher.harness import LOST, PATIENCE, all_of, half_of, none_of
from tests.outbox.spooling import MEGABYTE, PARTITIONS, TOPIC, numbered


async def test_what_is_added_is_sent_in_the_order_of_each_partition(stage):
    async with stage.running() as outbox:
        for n in range(0, 60, 3):
            await outbox.add(numbered(n, key="one"))
            await outbox.add(numbered(n + 1, n + 2, key="another"))
        await until(lambda: outbox.depth == 0)
    await stage.check(60)
    logs = [await stage.broker.read_partition(Partition(TOPIC, number)) for number in range(PARTITIONS)]
    for log in logs:
        values = [int(record.value.split()[1]) for record in log]
        assert values == sorted(values)
    assert stage.counted("mahlan_events_out_total", topic=TOPIC) == 60
    assert stage.counted("mahlan_spool_records") == stage.counted("mahlan_spool_bytes") == 0


async def test_records_arrive_whole_tombstones_and_named_partitions_too(stage):
    headers = (("ce_id", b"e-0"), ("bytes", b"\xff\x00"), ("empty", b""))
    sent = [
        Outgoing(TOPIC, b"author", None, headers, 1),
        Outgoing(TOPIC, b"author", b"", (("ce_id", b"e-1"),), 0),
        Outgoing(TOPIC, None, b"no key", (("ce_id", b"e-2"),)),
    ]
    async with stage.running() as outbox:
        await outbox.add(sent)
        await until(lambda: outbox.depth == 0)
    await stage.check(3)
    (tombstone,) = [one for one in await stage.broker.read_partition(Partition(TOPIC, 1)) if one.key]
    assert (tombstone.key, tombstone.value, tombstone.headers) == (b"author", None, headers)


async def test_what_was_added_survives_the_process(stage):
    async with stage.opened() as outbox:
        await outbox.add(numbered(0, 1))
        await outbox.add(numbered(2))
    assert await stage.ids() == []
    async with stage.running() as outbox:
        await until(lambda: outbox.depth == 0)
    assert await stage.ids() == ["e-0", "e-1", "e-2"]


class Held(Spool):
    """Waits at its first commit, and counts them all."""

    gate: threading.Event
    commits: list[int]

    def commit(self, changes):
        self.commits.append(len(changes))
        assert self.gate.wait(PATIENCE)
        return super().commit(changes)


async def test_all_that_waits_is_one_transaction(stage):
    spool = Held(stage.path, MEGABYTE)
    spool.gate, spool.commits = threading.Event(), []
    writer = SpoolWriter(spool)
    await writer.open()
    records = [numbered(n) for n in range(101)]
    adding = [
        asyncio.create_task(writer.make(lambda one, n=n: one.add(records[n], [f"e-{n}"]))) for n in range(len(records))
    ]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in adding)
    more = asyncio.create_task(writer.make(lambda one: one.first(1000, MEGABYTE)))
    given_up = asyncio.create_task(writer.make(lambda one: one.add(numbered(999), ["e-999"])))
    await asyncio.sleep(0.05)
    given_up.cancel()
    spool.gate.set()
    await asyncio.gather(*adding, given_up, return_exceptions=True)
    rows = await more
    assert spool.commits == [101, 1]
    assert [row.event_id for row in rows] == [f"e-{n}" for n in range(101)]
    await writer.close()


async def test_a_full_spool_refuses_and_takes_again_once_something_was_sent(stage):
    async with stage.opened(max_bytes=5_000) as outbox:
        for n in range(6):
            await outbox.add(numbered(n, value=b"x" * 500))
        for _ in range(2):
            with pytest.raises(SpoolFullError, match="full"):
                await outbox.add(numbered(6, 7, value=b"x" * 1000))
        assert outbox.depth == 6
        assert outbox.bytes <= 5_000
    assert stage.counted("mahlan_spool_refused_total", reason="SpoolFullError") == 2
    async with stage.running(max_bytes=5_000) as outbox:
        await until(lambda: outbox.depth == 0)
        await outbox.add(numbered(6, 7, value=b"x" * 1000))
        await until(lambda: outbox.depth == 0)
    await stage.check(8)


FATES = {
    "nothing arrived": none_of,
    "half of it arrived": half_of,
    "all of it arrived": all_of,
}


@pytest.mark.parametrize("arriving", FATES.values(), ids=FATES.keys())
async def test_a_failed_send_of_which_some_arrived_sends_nothing_twice(stage, arriving):
    stage.broker.fates += [(arriving, LOST)] * 3
    async with stage.opened() as outbox:
        for n in range(40):
            await outbox.add(numbered(n, key=f"author-{n % 3}"))
    async with stage.running() as outbox:
        await until(lambda: outbox.depth == 0)
    await stage.check(40)
    assert stage.broker.fates == [] or arriving is all_of
    assert stage.counted("mahlan_retries_total", reason="BrokerError") >= 1
    assert stage.counted("mahlan_events_out_total", topic=TOPIC) == 40
    log = await stage.ids()
    assert [name for name in log if name in {f"e-{n}" for n in range(0, 40, 3)}] == [f"e-{n}" for n in range(0, 40, 3)]


@pytest.mark.parametrize("arrived", [0, 3, 5])
async def test_a_kill_between_send_and_delete_sends_nothing_twice(stage, arrived):
    records = numbered(*range(5))
    spool = Spool(stage.path, MEGABYTE)
    spool.open()
    spool.commit([lambda one: one.add(records, [f"e-{n}" for n in range(5)])])
    (rows,) = spool.commit([lambda one: one.first(10, MEGABYTE)])
    spool.commit([lambda one: one.mark(rows)])
    producer = await stage.broker.producer()
    await producer.send(records[:arrived])
    spool.close()  # what a kill does
    # Others have written much since then, and an event of another topic has the same id.
    await stage.broker.create_topics([TopicSpec("other.v1", PARTITIONS)])
    await producer.send([Outgoing(TOPIC, b"author", b"x", (("ce_id", b"o-%d" % n),)) for n in range(6000)])
    await producer.send(numbered(4, topic="other.v1"))
    async with stage.running() as outbox:
        await outbox.add(numbered(5))
        await until(lambda: outbox.depth == 0)
    ours = [name for name in await stage.ids() if name.startswith("e-")]
    assert ours == [f"e-{n}" for n in range(6)]
    assert stage.counted("mahlan_spool_found_total") == arrived


async def test_a_broker_that_is_away_is_waited_for(stage):
    async with stage.running() as outbox:
        await outbox.add(numbered(0))
        await until(lambda: outbox.depth == 0)
        stage.broker.away = True
        for n in range(1, 50):
            await outbox.add(numbered(n, key=f"author-{n % 5}"))
        await until(lambda: stage.counted("mahlan_retries_total", reason="BrokerError") >= 2)
        assert outbox.depth == 49
        assert stage.counted("mahlan_spool_records") == 49
        assert stage.counted("mahlan_spool_oldest_seconds") > 0
        stage.broker.away = False
        await until(lambda: outbox.depth == 0)
    await stage.check(50)


async def test_a_topic_that_does_not_exist_yet_is_waited_for(stage):
    async with stage.running() as outbox:
        await outbox.add(numbered(0, topic="late.v1"))
        await until(lambda: stage.counted("mahlan_retries_total", reason="BrokerError") >= 2)
        await stage.broker.create_topics([TopicSpec("late.v1", PARTITIONS)])
        await until(lambda: outbox.depth == 0)
    await stage.check(1, topic="late.v1")


async def test_a_stop_sends_what_is_left_and_does_not_wait_for_a_broker_that_is_away(stage):
    async with asyncio.timeout(PATIENCE), stage.running(drain=100 * PATIENCE) as outbox:
        await outbox.add(numbered(*range(30)))
    await stage.check(30)
    stage.broker.away = True
    async with asyncio.timeout(PATIENCE), stage.running(drain=0.1) as outbox:
        await outbox.add(numbered(30))
    stage.broker.away = False
    async with stage.running() as outbox:
        await until(lambda: outbox.depth == 0)
    await stage.check(31)
