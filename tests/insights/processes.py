"""Real insights workers on a real Kafka, and what is published for them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from mahlan.campaign_files import read_campaign
from mahlan.events.codec import decode, encode, envelope_of
from mahlan.events.nudge import NudgeDecided, NudgeOutcome
from mahlan.events.topics import DECIDED, OUTCOMES
from mahlan.local.probe import free_port
from mahlan.runtime.broker import Outgoing, Partition
from mahlan.runtime.kafka import KafkaBroker
from mahlan.runtime.partitioner import partition_for
from tests.insights.invented import Event, invent
from tests.insights.recount import comparable, differences, recount

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
SESSION = 6.0
KINDS = {DECIDED.name: NudgeDecided, OUTCOMES.name: NudgeOutcome}


class Worker:
    """One process, and the port that it tells its counts on."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        environment = environment | {"MAHLAN_INSIGHTS_PORT": str(self.port)}
        self.process = subprocess.Popen([sys.executable, "-m", "mahlan", "run", "insights"], env=environment)

    async def ask(self, path: str) -> Any:
        """The answer to a request, or None while there is none."""
        async with aiohttp.ClientSession() as session:
            try:
                async with session.get(f"http://127.0.0.1:{self.port}{path}") as response:
                    return await response.json() if response.status == 200 else None
            except aiohttp.ClientError:
                assert self.process.poll() is None, "the worker has ended"
                return None


class Stage:
    """A campaign of this test alone, events of it on the shared topics, and workers of one group."""

    def __init__(self, broker: KafkaBroker, bootstrap: str, folder: Path, **settings: str) -> None:
        self.run = uuid.uuid4().hex[:8]
        self.broker = broker
        self.workers: list[Worker] = []
        self.published: list[Event] = []
        shipped = (ROOT / "campaigns" / "fakkar-eg.toml").read_text("utf-8")
        self.file = path = folder / "campaign.toml"
        path.write_text(shipped.replace('id = "fakkar-eg"', f'id = "test-{self.run}"', 1), "utf-8")
        self.campaign = read_campaign(path)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MAHLAN_")},
            "PYTHONPATH": str(ROOT / "services"),
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "MAHLAN_GROUP_PREFIX": f"test-{self.run}",
            "MAHLAN_CAMPAIGNS_DIR": str(folder),
            "MAHLAN_SESSION_TIMEOUT": str(SESSION),
            "MAHLAN_HEARTBEAT_INTERVAL": "1",
            "MAHLAN_INSIGHTS_INTERVAL": "0.05",
            "MAHLAN_INSIGHTS_BATCH": "10",
            **settings,
        }

    def start(self, **settings: str) -> Worker:
        worker = Worker(self._environment | settings)
        self.workers.append(worker)
        return worker

    async def invent(self, comments: int, authors: int = 400, *, seed: int = 1) -> None:
        """Publish some thousand events."""
        events = list(invent(self.campaign.id, f"{self.run}-{seed}", comments, authors, seed=seed))
        await self.publish(events)

    async def publish(self, events: Sequence[Event]) -> None:
        count = await self.broker.partitions(DECIDED.name)
        producer = await self.broker.producer()
        await producer.send([outgoing(event, count) for event in events])
        await producer.close()
        self.published += events

    async def recounted(self) -> dict[str, Any]:
        """What the topics say."""
        found: dict[str, list[Any]] = {}
        for topic, kind in KINDS.items():
            logs = [
                await self.broker.read_partition(Partition(topic, number))
                for number in range(await self.broker.partitions(topic))
            ]
            ours = [one for log in logs for one in log if (one.key or b"").startswith(self.run.encode())]
            found[topic] = [decode(kind, one.value, one.headers).event for one in ours]
        assert sum(map(len, found.values())) == len(self.published)
        return recount(found[DECIDED.name], found[OUTCOMES.name], self.campaign)

    async def answer(self, worker: Worker) -> dict[str, Any]:
        """What a worker says, as soon as it says anything about all partitions."""
        async with asyncio.timeout(PATIENCE):
            while True:
                told = await worker.ask(f"/insights/{self.campaign.id}")
                if told is not None and told["complete"]:
                    return told
                await asyncio.sleep(0.1)

    async def until_counted(self, worker: Worker, comments: int) -> int:
        """Until more comments are counted than that; how many."""
        async with asyncio.timeout(PATIENCE):
            while (count := (await self.answer(worker))["nudges"]["comments"]) <= comments:
                await asyncio.sleep(0.05)
        return count

    async def check(self, worker: Worker) -> dict[str, Any]:
        """Wait until a worker says what the topics say, and show the difference where it never does."""
        wanted, told = await self.recounted(), {}
        try:
            async with asyncio.timeout(PATIENCE):
                while comparable(told := await self.answer(worker)) != wanted:
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError("\n".join(differences(comparable(told), wanted))) from None
        return told

    def end(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGCONT)
                worker.process.kill()
            worker.process.wait()


def outgoing(event: Event, partitions: int) -> Outgoing:
    """As a dispatcher or a gateway writes it."""
    topic = DECIDED.name if isinstance(event, NudgeDecided) else OUTCOMES.name
    value, headers = encode(event, envelope_of(event, id=event.decision_id, source="test", time=""))
    key = event.author_key.encode()
    return Outgoing(topic, key, value, headers, partition_for(key, partitions))
