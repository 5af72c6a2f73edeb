"""The broker dies under load, then the gateway too: checks go on, nothing acknowledged is lost, nothing is twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from mahlan.core.assignment import decision_id
from mahlan.local import kafka
from mahlan.local.probe import free_port
from mahlan.runtime.broker import Partition
from mahlan.runtime.kafka import KafkaBroker, KafkaOptions
from tests.gateway.process import Process
from tests.gateway.stage import CAMPAIGN, FRIENDLY, HURTFUL

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(400)]
PARTITIONS = 2


@dataclass
class Load:
    """Checks, comments and outcomes from several clients, until it is told to stop; what was acknowledged, by topic."""

    process: Process
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    stopped: bool = False

    async def run(self, clients: int = 6) -> None:
        async with aiohttp.ClientSession(headers=self.process.headers) as session:
            await asyncio.gather(*(self._client(session, number) for number in range(clients)))

    async def _client(self, session: aiohttp.ClientSession, client: int) -> None:
        number = 0
        while not self.stopped:
            number += 1
            name = f"{client}-{number}"
            who = {"comment_id": name, "author_key": f"author-{client}-{number % 50}"}
            text = HURTFUL if number % 3 == 0 else FRIENDLY
            nudge = decision_id(CAMPAIGN, name, 0)
            shown = {"outcome": "shown", **who}
            posts = (
                ("/v1/checks", {"text": text, **who}, "comments.scored.v1", f"check/{nudge}"),
                ("/v1/comments", {"text": text, **who}, "comments.submitted.v1", f"{name}/0"),
                (f"/v1/nudges/{nudge}/outcomes", shown, "nudges.outcomes.v1", f"{nudge}/shown"),
            )
            for path, body, topic, event in posts:
                await self._post(session, path, body, topic, event)

    async def _post(
        self, session: aiohttp.ClientSession, path: str, body: dict[str, str], topic: str, event: str
    ) -> None:
        try:
            async with session.post(self.process.url + path, json=body) as answer:
                status = answer.status
                await answer.read()
        except aiohttp.ClientError:
            self.statuses[topic, 0] += 1
            await asyncio.sleep(0.1)
            return
        self.statuses[topic, status] += 1
        if status in {200, 202}:
            self.acknowledged.setdefault(topic, []).append(event)

    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "broker"
    yield folder
    kafka.stop(folder, patience=5.0)


async def written(bootstrap: str, topic: str) -> Counter[str]:
    """How often each event id is in the topic."""
    broker = KafkaBroker(KafkaOptions(bootstrap_servers=bootstrap))
    logs = [await broker.read_partition(Partition(topic, number)) for number in range(PARTITIONS)]
    return Counter(dict(record.headers)["ce_id"].decode() for log in logs for record in log)


async def check_all(load: Load, bootstrap: str) -> None:
    for topic, acknowledged in load.acknowledged.items():
        found = await written(bootstrap, topic)
        assert [event for event in acknowledged if event not in found] == [], f"lost of {topic}"
        assert [event for event, times in found.items() if times > 1] == [], f"twice in {topic}"
        assert len(acknowledged) == len(set(acknowledged))


async def until_count(load: Load, more: int) -> None:
    wanted = load.count() + more
    async with asyncio.timeout(120):
        while load.count() < wanted:
            await asyncio.sleep(0.05)


async def test_the_broker_killed_under_load(tmp_path: Path, folder: Path) -> None:
    port = free_port()
    running = await asyncio.to_thread(kafka.start, folder, port, partitions=PARTITIONS, heap="256m", tied=True)
    process = Process(tmp_path, running.bootstrap, {"MAHLAN_PARTITIONS": str(PARTITIONS)})
    try:
        await process.until_ready()
        load = Load(process)
        task = asyncio.create_task(load.run())
        await until_count(load, 500)
        os.kill(running.pid, signal.SIGKILL)
        await until_count(load, 500)
        # Whatever happens behind it, every client is answered, and answered well: one that waits too long gets 504.
        assert {status for _, status in load.statuses} == {200, 202}
        await asyncio.to_thread(kafka.start, folder, port, partitions=PARTITIONS, heap="256m", tied=True)
        await until_count(load, 300)
        load.stopped = True
        await task
        assert {status for _, status in load.statuses} == {200, 202}
        await process.until_sent()
        await check_all(load, running.bootstrap)
        assert await asyncio.to_thread(process.end) == 0
    finally:
        process.kill()


async def test_the_gateway_killed_too_while_it_sends(tmp_path: Path, folder: Path) -> None:
    port = free_port()
    running = await asyncio.to_thread(kafka.start, folder, port, partitions=PARTITIONS, heap="256m", tied=True)
    process = Process(tmp_path, running.bootstrap, {"MAHLAN_PARTITIONS": str(PARTITIONS)})
    try:
        await process.until_ready()
        load = Load(process)
        task = asyncio.create_task(load.run())
        for _ in range(3):
            await until_count(load, 200)
            await asyncio.to_thread(process.restart)
            await process.until_ready()
        os.kill(running.pid, signal.SIGKILL)
        await until_count(load, 200)
        await asyncio.to_thread(process.restart)
        await process.until_ready()
        await until_count(load, 100)
        await asyncio.to_thread(kafka.start, folder, port, partitions=PARTITIONS, heap="256m", tied=True)
        await until_count(load, 100)
        load.stopped = True
        await task
        await process.until_sent()
        await check_all(load, running.bootstrap)
    finally:
        process.kill()
