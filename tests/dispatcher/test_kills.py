"""Real dispatchers on a real Kafka, killed and frozen in the middle: still one decision for each comment."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mahlan.events.codec import decode, encode, envelope_of
from mahlan.events.nudge import AuthorHistory, NudgeDecided
from mahlan.events.topics import DECIDED, HISTORY, SCORED
from mahlan.runtime.broker import Outgoing, Partition
from mahlan.runtime.kafka import KafkaBroker, open_broker
from mahlan.runtime.partitioner import partition_for
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs
from tests.core.policy_cases import scored

SERVICES = Path(__file__).parents[2] / "services"
PATIENCE = 90.0
SESSION = 6.0
COMMENTS = 4000


class Stage:
    """A topic full of comments of this test alone, and dispatchers of a group of its own."""

    def __init__(self, broker: KafkaBroker, bootstrap: str) -> None:
        self.run = uuid.uuid4().hex[:8]
        self.broker = broker
        self.processes: list[subprocess.Popen[bytes]] = []
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MAHLAN_")},
            "PYTHONPATH": str(SERVICES),
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "MAHLAN_GROUP_PREFIX": f"test-{self.run}",
            "MAHLAN_SESSION_TIMEOUT": str(SESSION),
            "MAHLAN_HEARTBEAT_INTERVAL": "1",
            "MAHLAN_DISPATCHER_BATCH": "5",
            "MAHLAN_CHANNELS": "",
        }

    async def publish(self, first: int, last: int) -> None:
        producer = await self.broker.producer()
        await producer.send([self._outgoing(number) for number in range(first, last)])
        await producer.close()

    def _outgoing(self, number: int) -> Outgoing:
        author = f"{self.run}-{number % 200:08d}"
        comment = scored(f"{self.run}-{number}", author_key=author, occurred_at=datetime.now(UTC))
        value, headers = encode(comment, envelope_of(comment, id=comment.comment_id, source="test", time=""))
        return Outgoing(SCORED.name, author.encode(), value, headers)

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "mahlan", "run", "dispatcher"]
        process = subprocess.Popen(command, env=self._environment)
        self.processes.append(process)
        return process

    async def decisions(self) -> list[NudgeDecided]:
        count = await self.broker.partitions(DECIDED.name)
        logs = [await self.broker.read_partition(Partition(DECIDED.name, number)) for number in range(count)]
        ours = (record for log in logs for record in log if (record.key or b"").startswith(self.run.encode()))
        return [decode(NudgeDecided, record.value, record.headers).event for record in ours]

    async def until_under_way(self, before: int = 0) -> int:
        """Until more is decided than before; how much."""
        async with asyncio.timeout(PATIENCE):
            while (count := len(await self.decisions())) <= before:
                assert self.processes[-1].poll() is None, "the dispatcher has ended"
        return count

    async def until_decided(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len({decision.comment_id for decision in await self.decisions()}) < count:
                assert self.processes[-1].poll() is None, "the dispatcher has ended"

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


@pytest.fixture
async def stage(kafka) -> AsyncIterator[Stage]:
    settings = Settings(bootstrap_servers=kafka)
    broker = open_broker(settings, "test")
    await broker.create_topics(topic_specs(settings))
    stage = Stage(broker, kafka)
    yield stage
    stage.end()
    await broker.close()


async def test_an_author_erased_while_it_runs_is_forgotten(stage):
    author, count = f"{stage.run}-{0:08d}", 1
    await stage.publish(0, 1)
    stage.start()
    await stage.until_decided(count)
    producer = await stage.broker.producer()
    await producer.send([Outgoing(HISTORY.name, author.encode(), None)])
    await producer.close()
    # Each later comment of the author is held back by the cooldown, until the dispatcher has seen the erasure.
    reasons: list[str] = []
    while "cooling_down" in reasons[-1:] or not reasons:
        await stage.publish(200 * count, 200 * count + 1)
        count += 1
        await stage.until_decided(count)
        reasons = [decision.reason for decision in await stage.decisions()]
        assert count < 100, "the author is still remembered"
    assert len([reason for reason in reasons if reason in {"over_band", "holdout"}]) == 2
    number = partition_for(author.encode(), await stage.broker.partitions(HISTORY.name))
    log = await stage.broker.read_partition(Partition(HISTORY.name, number))
    last = [record for record in log if record.key == author.encode()][-1]
    assert [past.comment_id for past in decode(AuthorHistory, last.value, last.headers).event.nudges] == [
        f"{stage.run}-{200 * (count - 1)}"
    ]


async def check(stage: Stage, count: int) -> None:
    decisions = await stage.decisions()
    times = Counter(decision.comment_id for decision in decisions)
    assert times == Counter({f"{stage.run}-{number}": 1 for number in range(count)})
    # All within the cooldown: no author is asked, or held out, twice, whoever decided and died.
    asked = Counter(decision.author_key for decision in decisions if decision.kind in {"nudge", "holdout"})
    assert set(asked.values()) == {1}


@pytest.mark.slow
async def test_killed_twice_in_the_middle(stage):
    await stage.publish(0, COMMENTS)
    decided = 0
    for part in (1, 2):
        process = stage.start()
        decided = await stage.until_under_way(decided)
        process.kill()
        assert len(await stage.decisions()) < COMMENTS  # it was in the middle
        await stage.publish((part - 1) * 100, part * 100)  # the platform sends some again
    stage.start()
    await stage.until_decided(COMMENTS)
    await check(stage, COMMENTS)


@pytest.mark.slow
async def test_frozen_until_another_has_taken_over_then_thawed(stage):
    await stage.publish(0, COMMENTS)
    frozen = stage.start()
    await stage.until_under_way()
    frozen.send_signal(signal.SIGSTOP)
    assert len(await stage.decisions()) < COMMENTS
    stage.start()
    await stage.until_decided(COMMENTS)
    await stage.publish(COMMENTS, COMMENTS + 200)
    frozen.send_signal(signal.SIGCONT)
    await stage.until_decided(COMMENTS + 200)
    await check(stage, COMMENTS + 200)


@pytest.mark.slow
async def test_joined_by_others_in_the_middle(stage):
    await stage.publish(0, COMMENTS)
    stage.start()
    await stage.until_under_way()
    stage.start()
    stage.start()
    assert len(await stage.decisions()) < COMMENTS
    await stage.until_decided(COMMENTS)
    await check(stage, COMMENTS)


@pytest.mark.slow
async def test_told_to_stop_it_finishes_and_ends_well(stage):
    await stage.publish(0, COMMENTS)
    process = stage.start()
    await stage.until_under_way()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, PATIENCE) == 0
    assert len(await stage.decisions()) < COMMENTS
    stage.start()
    await stage.until_decided(COMMENTS)
    await check(stage, COMMENTS)
