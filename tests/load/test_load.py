"""The load generator: its schedule waits for nobody, its ledger finds every loss and every duplicate."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from typing import Self

import orjson
import pytest

from load_tests.kafka_load import Load, Run
from load_tests.ledger import Ledger, percentile
from load_tests.schedule import planned
from load_tests.traffic import Traffic
from mahlan.events.codec import decode
from mahlan.events.comment import CommentSubmitted
from mahlan.events.topics import DECIDED, SCORER_DLQ, SUBMITTED
from mahlan.runtime.broker import Broker, Outgoing, Record
from mahlan.runtime.kafka import KafkaBroker, KafkaOptions
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs

Fate = Callable[[int], list[str]]


def decision(record: Record, topic: str) -> Outgoing:
    """What the pipeline answers, as far as the generator reads it."""
    comment = orjson.loads(record.value)["comment_id"]
    name = hashlib.md5(comment.encode(), usedforsecurity=False).hexdigest()
    body = {"comment_id": comment, "decision_id": name, "kind": "none"}
    return Outgoing(topic, record.key, orjson.dumps(body))


class Pipeline:
    """Stands where the three services stand: answers each comment with what ``fate`` says of its number."""

    def __init__(self, broker: Broker, fate: Fate) -> None:
        self.broker = broker
        self.fate = fate

    async def __aenter__(self) -> Self:
        self.producer = await self.broker.producer()
        self.consumer = await self.broker.consumer([SUBMITTED.name], "pipeline")
        await self._pass_over_what_is_there()
        self.task = asyncio.create_task(self.run())
        return self

    async def _pass_over_what_is_there(self) -> None:
        """On a broker shared with other tests the topic holds thousands of comments by now."""
        while await self.consumer.poll(5000, 1.0):
            pass

    async def run(self) -> None:
        while True:
            records = await self.consumer.poll(500, 0.1)
            await self.producer.send([one for record in records for one in self.answers(record)])

    def answers(self, record: Record) -> list[Outgoing]:
        number = int(orjson.loads(record.value)["comment_id"].rpartition("-")[2])
        return [decision(record, topic) for topic in self.fate(number)]

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.consumer.close()
        await self.producer.close()


@pytest.fixture
async def broker():
    memory = MemoryBroker()
    await memory.create_topics(topic_specs(Settings()))
    yield memory
    await memory.close()


async def run(broker: Broker, fate: Fate, **asked: float) -> object:
    load = Load(**{"rate": 300, "seconds": 0.5, "drain": 1.0, "warm_up": 0.0, **asked})
    async with Pipeline(broker, fate):
        return await Run(broker, load, lambda _: None).run()


async def test_a_whole_run_is_told_as_whole(broker):
    report = await run(broker, lambda _: [DECIDED.name])
    assert report.submitted == report.acknowledged == report.decided > 50
    assert (report.lost, report.duplicated, report.unknown, report.dead_lettered) == (0, 0, 0, 0)
    assert report.kinds == {"none": report.decided}
    assert report.is_whole


async def test_losses_duplicates_and_dead_letters_are_each_found(broker):
    fates = {3: [], 5: [], 7: [DECIDED.name, DECIDED.name], 9: [SCORER_DLQ.name]}
    report = await run(broker, lambda number: fates.get(number, [DECIDED.name]))
    assert (report.lost, report.duplicated, report.dead_lettered) == (2, 1, 1)
    assert report.decided == report.submitted - 3
    assert not report.is_whole


async def test_what_others_do_on_the_same_topics_is_not_counted(broker):
    producer = await broker.producer()
    other = orjson.dumps({"comment_id": "other-1", "decision_id": "x", "kind": "nudge"})
    await producer.send(
        [
            Outgoing(DECIDED.name, b"k", other),
            Outgoing(DECIDED.name, b"k", b"not json"),
            Outgoing(DECIDED.name, b"k", b"[1]"),
        ]
    )

    async def interfere():
        while True:
            await producer.send([Outgoing(DECIDED.name, b"k", other)])
            await asyncio.sleep(0.01)

    task = asyncio.create_task(interfere())
    report = await run(broker, lambda _: [DECIDED.name])
    task.cancel()
    assert report.kinds.keys() == {"none"}
    assert report.is_whole


async def test_a_silent_pipeline_loses_everything_and_ends(broker):
    report = await run(broker, lambda _: [], seconds=0.2, drain=0.3)
    assert report.lost == report.submitted > 10
    assert report.p50_ms is None


async def test_on_a_real_broker(kafka):
    broker = KafkaBroker(KafkaOptions(bootstrap_servers=kafka))
    try:
        await broker.create_topics(topic_specs(Settings()))
        fates = {4: [], 6: [DECIDED.name, DECIDED.name]}
        report = await run(broker, lambda number: fates.get(number, [DECIDED.name]), rate=100, seconds=2, drain=5.0)
    finally:
        await broker.close()
    assert (report.lost, report.duplicated) == (1, 1)
    assert report.decided == report.submitted - 1 > 100


@pytest.mark.parametrize("arrivals", ["steady", "poisson"])
def test_the_schedule_keeps_its_rate_and_its_end(arrivals):
    moments = list(planned(500, 20, arrivals))
    assert len(moments) == pytest.approx(10_000, rel=0.05)
    assert moments == sorted(moments)
    assert moments[-1] < 20
    assert moments == list(planned(500, 20, arrivals))


def test_a_stall_counts_for_every_comment_that_was_due_in_it():
    # The system answers at once but for one stall from second 1 to second 3.
    ledger = Ledger()
    moments = list(planned(100, 5, "steady"))
    ledger.send(moments, 0.0)
    for number, moment in enumerate(moments):
        ledger.decide(number, str(number), "none", 3.0 if 1 <= moment < 3 else moment)
    report = ledger.report(100, 5)
    assert report.max_ms == pytest.approx(2000, abs=11)
    # 40 % of the comments were due in it: half of those waited over a second.
    assert report.p95_ms == pytest.approx(1750, abs=20)
    assert report.p50_ms == 0.0


def test_a_late_sender_says_so_and_its_lateness_is_part_of_the_latency():
    ledger = Ledger()
    ledger.send([1.0, 2.0], 5.0)
    ledger.decide(0, "a", "none", 5.1)
    report = ledger.report(1, 2)
    assert report.sent_late_p99_ms == 4000
    assert report.p50_ms == 4100


def test_the_warm_up_is_counted_but_not_timed():
    ledger = Ledger()
    ledger.send([0.5, 3.0], 0.0)
    ledger.acknowledge([0, 1])
    ledger.decide(0, "a", "none", 2.5)
    ledger.decide(1, "b", "nudge", 3.1)
    report = ledger.report(1, 4, warm_up=2.0)
    assert (report.decided, report.max_ms) == (2, 100)


def test_what_was_not_acknowledged_is_unknown_and_not_lost():
    ledger = Ledger()
    ledger.send([0.0, 0.1], 0.1)
    ledger.acknowledge([0])
    report = ledger.report(1, 1)
    assert (report.unknown, report.lost) == (1, 1)


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (95, 4), (99, 4), (100, 4), (25, 1)])
def test_percentiles_are_by_nearest_rank(percent, value):
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == value
    assert percentile([], percent) is None


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0, 0), (1.0, 400, 400), (0.25, 60, 140)])
def test_traffic_is_valid_and_keeps_its_toxic_share(share, low, high):
    from mahlan.demo.generator import words

    traffic = Traffic("load-x", share, authors=50)
    events = [
        decode(CommentSubmitted, record.value, record.headers).event for record in map(traffic.record, range(400))
    ]
    insults = [line for name in words()["shares"]["languages"] for line in words()[name]["insult"]]
    known = re.compile("|".join(re.sub(r"\\{\w+\\}", ".*", re.escape(line)) for line in insults))
    assert low <= sum(bool(known.fullmatch(event.text)) for event in events) <= high
    assert len({event.author_key for event in events}) <= 50
    assert [event.comment_id for event in events[:2]] == ["load-x-0", "load-x-1"]
