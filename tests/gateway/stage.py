"""A real gateway on a free port: uvicorn, fast@1, keys and a spool; Kafka is in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from mahlan.core.assignment import decision_id
from mahlan.events.codec import decode, encode, envelope_of
from mahlan.events.nudge import AuthorHistory
from mahlan.events.topics import BY_EVENT, HISTORY, TOPICS
from mahlan.gateway.app import run
from mahlan.gateway.keys import Key, hashed, new_secret, write_keys
from mahlan.gateway.parts import Parts
from mahlan.local.probe import free_port
from mahlan.runtime.broker import Outgoing, Partition, Record
from mahlan.runtime.http import Health
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import Metrics, build_metrics
from mahlan.runtime.service import Runtime
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs

ROOT = Path(__file__).parents[2]
CAMPAIGN = "fakkar-eg"
PEPPER = "a pepper for tests"
HURTFUL = "ya 7omar enta mabtefhamsh"
FRIENDLY = "what a lovely day"
PATIENCE = 30.0


@dataclass
class Clock:
    """A clock that a test moves. Noon in Cairo: no quiet hours."""

    now: datetime = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers["content-type"] == "application/problem+json"
        return self.json["type"].removeprefix("urn:mahlan:problem:")


@dataclass
class Stage:
    """The gateway and everything around it. ``key`` may do everything."""

    folder: Path
    options: dict[str, Any] = field(default_factory=dict)
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    metrics: Metrics = field(default_factory=build_metrics)
    health: Health = field(default_factory=Health)
    clock: Clock = field(default_factory=Clock)
    keys: list[Key] = field(default_factory=list)
    key: str = ""

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = self.add_key("check", "publish", "outcomes", "stream", "erase", "score", "board")
        campaigns = self.folder / "campaigns"
        campaigns.mkdir(exist_ok=True)
        shipped = (ROOT / "campaigns" / f"{CAMPAIGN}.toml").read_text("utf-8")
        # Nobody is held out, unless a test asks for it.
        for before, after in (
            ("share = 0.10", "share = 0.0"),
            (f'id = "{CAMPAIGN}"', f'id = "{CAMPAIGN}"\ntest = true'),
        ):
            assert before in shipped
            shipped = shipped.replace(before, after)
        (campaigns / f"{CAMPAIGN}.toml").write_text(shipped, "utf-8")

    def settings(self) -> Settings:
        given = {
            "gateway_port": self.port,
            "gateway_keys_file": str(self.folder / "keys.toml"),
            "gateway_pepper": PEPPER,
            "gateway_spool": str(self.folder / "gateway.spool"),
            "campaigns_dir": str(self.folder / "campaigns"),
            "author_salt": "a salt for tests",
            "scorer_model": "fast@1",
            # Tests share their machine with each other: only those that ask for it are refused for being late.
            "gateway_patience": 60.0,
            "partitions": 2,
        }
        return Settings(**{**given, **self.options})

    def add_key(self, *scopes: Any, **fields: Any) -> str:
        """A new key in the file; the secret."""
        secret, public = new_secret()
        given = {"name": "test", "rate": "100000/second", **fields}
        self.keys.append(Key(id=public, hash=hashed(secret, PEPPER), scopes=tuple(scopes), **given))
        self.write_keys()
        return secret

    async def until_known(self, key: str, *, known: bool = True) -> None:
        """Until the gateway has looked at the file again."""
        async with asyncio.timeout(PATIENCE):
            while ((await self.ask("POST", "/v1/checks", key=key)).status != 401) != known:
                await asyncio.sleep(0.01)

    def write_keys(self) -> None:
        (self.folder / "keys.toml").write_text(write_keys(self.keys), "utf-8")

    @asynccontextmanager
    async def running(self, *, topics: bool = True) -> AsyncIterator[Stage]:
        """The gateway, from ready to drained. Without ``topics`` it is as if Kafka had never been there."""
        settings = self.settings()
        if topics and not self.broker.topics:
            await self.broker.create_topics(topic_specs(settings))
        self.stop = asyncio.Event()
        self.runtime = Runtime("gateway", settings, self.broker, self.metrics, self.health, self.stop)
        self.built: list[Parts] = []
        self.task = asyncio.create_task(run(self.runtime, self.clock, self.built.append))
        async with aiohttp.ClientSession() as self.session:
            try:
                await self.until_ready()
                yield self
            finally:
                self.stop.set()
                async with asyncio.timeout(PATIENCE):
                    await self.task

    def make_public(self) -> None:
        """Let everybody see the campaign's board, from the next start on."""
        path = self.folder / "campaigns" / f"{CAMPAIGN}.toml"
        closed = path.read_text("utf-8")
        assert "public = false" in closed
        path.write_text(closed.replace("public = false", "public = true"), "utf-8")

    async def until_ready(self) -> None:
        while not self.health.ready and not self.task.done():
            await asyncio.sleep(0.01)
        if self.task.done():
            self.stop.set()
            await self.task

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                await asyncio.sleep(0.01)

    def parts(self) -> Parts:
        """The gateway's parts, where a test must reach behind HTTP."""
        return self.built[-1]

    async def ask(self, method: str, path: str, *, key: str | None = "", **options: Any) -> Answer:
        """One request, with the key that may do everything, another, or (None) none."""
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key or self.key}")
        async with self.session.request(method, self.url + path, headers=headers, **options) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def check(self, comment_id: str = "c-1", text: str = HURTFUL, **fields: Any) -> Answer:
        options = {name: fields.pop(name) for name in ("key", "headers") if name in fields}
        body = {"comment_id": comment_id, "text": text, "author_key": "author-1", **fields}
        return await self.ask("POST", "/v1/checks", json=body, **options)

    async def report(self, comment_id: str = "c-1", outcome: str = "shown", **fields: Any) -> Answer:
        name = fields.pop("nudge_id", decision_id(CAMPAIGN, comment_id, fields.get("revision", 0)))
        options = {option: fields.pop(option) for option in ("key", "headers") if option in fields}
        body = {"comment_id": comment_id, "outcome": outcome, "author_key": "author-1", **fields}
        return await self.ask("POST", f"/v1/nudges/{name}/outcomes", json=body, **options)

    async def records(self, topic: str) -> list[Record]:
        logs = [await self.broker.read_partition(Partition(topic, number)) for number in range(2)]
        return [record for log in logs for record in log]

    async def events(self, kind: type) -> list[Any]:
        topic = BY_EVENT[kind].name
        return [decode(kind, one.value, one.headers).event for one in await self.records(topic) if one.value]

    async def until_sent(self, kind: type, count: int) -> list[Any]:
        """The events of that kind, once there are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(found := await self.events(kind)) < count:
                await asyncio.sleep(0.01)
        return found

    async def tell(self, history: AuthorHistory) -> None:
        """Write a history as the dispatcher does."""
        value, headers = encode(history, envelope_of(history, id="h", source="test", time=""))
        producer = await self.broker.producer()
        await producer.send([Outgoing(HISTORY.name, history.author_key.encode(), value, headers)])

    async def until_followed(self) -> None:
        """Until the gateway knows every history that is in the topic."""
        logs = self.broker.topics[HISTORY.name]
        await self.until(
            lambda: self.counted("mahlan_events_in_total", topic=HISTORY.name) == sum(len(log) for log in logs)
        )

    async def everything(self) -> bytes:
        """All that is in Kafka, end to end."""
        found = [record for topic in TOPICS for record in await self.records(topic.name)]
        return b"".join(
            b"".join([one.key or b"", one.value or b"", *(value for _, value in one.headers)]) for one in found
        )

    def counted(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, {"service": "gateway", **labels}) or 0.0
