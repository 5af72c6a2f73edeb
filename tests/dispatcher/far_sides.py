"""What stands at the other end of a channel in tests: a real HTTP server, a topic, a log."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
import structlog
from aiohttp import web

from mahlan.core.history import no_history
from mahlan.core.policy import decide
from mahlan.dispatcher.channels.channel import Channel
from mahlan.dispatcher.channels.kafka import KafkaChannel
from mahlan.dispatcher.channels.log import LogChannel
from mahlan.dispatcher.channels.webhook import WebhookChannel
from mahlan.events.codec import decode
from mahlan.events.nudge import NudgeDecided
from mahlan.runtime.broker import Partition, TopicSpec
from mahlan.runtime.memory import MemoryBroker
from tests.core.policy_cases import NOON, campaign, scored

CAMPAIGN = campaign()


def secret(letter: str) -> str:
    return "whsec_" + base64.b64encode(letter.encode() * 32).decode()


def nudge(comment_id: str = "c-1", **changes: Any) -> NudgeDecided:
    comment = scored(comment_id, **changes)
    return decide(comment, CAMPAIGN, no_history(comment.author_key, NOON), NOON)


class FarSide(Protocol):
    """Opens a channel to itself, and tells the ids of the decisions that came."""

    async def open(self) -> Channel: ...
    async def received(self) -> list[str]: ...
    async def close(self) -> None: ...


@dataclass
class Answer:
    """What the HTTP server says. ``hang`` never answers."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False


@dataclass
class HttpFarSide:
    """A platform's webhook receiver. ``answers`` are given in turn, then 204."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None
    _leaving: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return f"http://127.0.0.1:{self.port}/hook"

    async def open(self, secrets: tuple[str, ...] = (secret("a"),), **options: Any) -> Channel:
        return WebhookChannel(await self.start(), secrets, **{"allow_private": True, "timeout": 5.0, **options})

    async def _handle(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if self.answers else Answer()
        if answer.hang:
            await self._leaving.wait()
        return web.Response(status=answer.status, headers=answer.headers, body=b"<h1>a body nobody reads</h1>")

    async def received(self) -> list[str]:
        return [orjson.loads(body)["data"]["decision_id"] for _, _, body in self.requests]

    async def close(self) -> None:
        self._leaving.set()
        if self._runner is not None:
            await self._runner.cleanup()


@dataclass
class TopicFarSide:
    """A platform that reads the topic of the kafka channel."""

    broker: MemoryBroker = field(default_factory=MemoryBroker)

    async def open(self) -> Channel:
        await self.broker.create_topics([TopicSpec("their.topic", 1)])
        return KafkaChannel(await self.broker.producer(), "their.topic", "test")

    async def received(self) -> list[str]:
        records = await self.broker.read_partition(Partition("their.topic", 0))
        assert all(record.key == b"a" * 32 for record in records)
        assert all(dict(record.headers)["ce_type"] == b"mahlan.nudges.delivered.v1" for record in records)
        return [orjson.loads(record.value)["decision_id"] for record in records]

    async def close(self) -> None:
        await self.broker.close()


@dataclass
class LogFarSide:
    """Somebody who reads the log."""

    lines: list[Any] = field(default_factory=list)

    async def open(self) -> Channel:
        self._catching = structlog.testing.capture_logs()
        self.lines = self._catching.__enter__()
        return LogChannel()

    async def received(self) -> list[str]:
        assert all("author" not in repr(line) and "c-" not in repr(line.values()) for line in self.lines)
        return [line["decision_id"] for line in self.lines]

    async def close(self) -> None:
        self._catching.__exit__(None, None, None)


def decoded(body: bytes) -> NudgeDecided:
    """The event in a webhook's body, validated as a platform would."""
    return decode(NudgeDecided, orjson.dumps(orjson.loads(body)["data"]), ()).event
