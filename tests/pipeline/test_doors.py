"""Two doors on one real Kafka: whoever was asked at the one is not asked again at the other.

``tests/gateway/test_doors.py`` has every case with Kafka in memory; here are four processes.
"""

from __future__ import annotations

import asyncio
import tomllib
import uuid
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from mahlan.core.assignment import in_holdout
from mahlan.events import codec
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DECIDED
from tests.pipeline.conftest import Pipeline, gateway_settings, start_gateway

PATIENCE = 90.0
HURTFUL = "you are so stupid"
HOLDOUT = tomllib.loads((Path(__file__).parents[2] / "campaigns" / "fakkar-eg.toml").read_text("utf-8"))["holdout"]


@pytest.fixture
def extra(tmp_path: Path) -> dict[str, str]:
    return gateway_settings(tmp_path)


def authors(run: str) -> Iterator[str]:
    """Some who are asked."""
    names = (f"{run}-author-{number}" for number in count())
    return (name for name in names if not in_holdout(name, "fakkar-eg", HOLDOUT["salt"], HOLDOUT["share"]))


class Site:
    """A platform that uses both doors."""

    def __init__(self, session: aiohttp.ClientSession, url: str, pipeline: Pipeline) -> None:
        self.session, self.url, self.pipeline = session, url, pipeline

    async def check(self, comment: str, author: str) -> str:
        """Decision and reason."""
        answer = await self._post("/v1/checks", comment, author)
        return f"{answer['decision']} {answer['reason']}"

    async def publish(self, comment: str, author: str) -> None:
        await self._post("/v1/comments", comment, author)

    async def _post(self, path: str, comment: str, author: str) -> Any:
        body = {"comment_id": comment, "text": HURTFUL, "author_key": author}
        async with self.session.post(self.url + path, json=body) as answer:
            assert answer.status in {200, 202}, await answer.text()
            return orjson.loads(await answer.read())

    async def decided(self, comment: str) -> NudgeDecided:
        """The decision on the comment, once it is in Kafka."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await self.decisions(comment)):
                await asyncio.sleep(0.2)
        return found[0]

    async def decisions(self, comment: str) -> list[NudgeDecided]:
        records = await self.pipeline.read(DECIDED.name)
        events = [codec.decode(NudgeDecided, record.value, record.headers).event for record in records]
        return [event for event in events if event.comment_id == comment]

    async def until_known(self, comment: str, author: str, reason: str) -> str:
        """What a preview says, once the gateway has heard of what the stream decided; a hop through Kafka later."""
        body = {"comment_id": comment, "text": HURTFUL, "author_key": author, "record": False}
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.session.post(self.url + "/v1/checks", json=body) as answer:
                    told = orjson.loads(await answer.read())
                if told["reason"] == reason:
                    return f"{told['decision']} {told['reason']}"
                await asyncio.sleep(0.1)


@pytest.fixture
async def site(pipeline: Pipeline) -> AsyncIterator[Site]:
    url = await start_gateway(pipeline)
    async with aiohttp.ClientSession() as session:
        yield Site(session, url, pipeline)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_whoever_was_asked_at_one_door_is_not_asked_at_the_other(site: Site) -> None:
    run = f"doors-{uuid.uuid4().hex[:8]}"
    asked, written = (name for name, _ in zip(authors(run), range(2), strict=False))
    async with site.session.get(site.url + "/v1/nudges/stream", timeout=aiohttp.ClientTimeout(None)) as stream:
        await until_line(stream, b"id: ")

        assert await site.check(f"{run}-a1", asked) == "nudge over_band"
        await site.publish(f"{run}-a1", asked)
        await site.publish(f"{run}-a2", asked)
        second = await site.decided(f"{run}-a2")
        assert (second.kind, second.reason, second.door) == ("suppress", "cooling_down", "stream")
        assert [(one.kind, one.door) for one in await site.decisions(f"{run}-a1")] == [("nudge", "check")]

        await site.publish(f"{run}-b1", written)
        first = await site.decided(f"{run}-b1")
        assert (first.kind, first.door) == ("nudge", "stream")
        assert await site.until_known(f"{run}-b2", written, "cooling_down") == "suppress cooling_down"
        assert await site.check(f"{run}-b2", written) == "suppress cooling_down"

        told = orjson.loads((await until_line(stream, b"data: ")).removeprefix(b"data: "))
        assert told["comment_id"] == f"{run}-b1", "authors who were asked at the door have seen it"


async def until_line(stream: aiohttp.ClientResponse, start: bytes) -> bytes:
    """The next line of the stream that begins so."""
    async with asyncio.timeout(PATIENCE):
        async for line in stream.content:
            if line.startswith(start):
                return line
    raise AssertionError("the stream ended")
