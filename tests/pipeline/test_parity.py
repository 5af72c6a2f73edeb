"""A thousand texts through every door: the stream, ``/v1/checks``, Perspective's and OpenAI's shape, ``mahlan score``.

Everything is as it runs: four processes, a real Kafka, HTTP. ``tests/gateway/test_parity.py`` is the quick part of it.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from mahlan.demo.generator import Invented, invent
from mahlan.demo.publisher import Source
from mahlan.events import codec
from mahlan.events.comment import CommentScored
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DECIDED, SCORED
from tests.gateway.doors import Said, by_check, by_command, by_moderation, by_perspective, by_stream, near
from tests.pipeline.conftest import Pipeline, gateway_settings, start_gateway

COUNT = 1000
AT_ONCE = 16
"""Requests that are open at a time: enough to be scored together."""
PATIENCE = 90.0
"""Seconds of standstill, on a busy machine."""
LONG = 19_000
"""Characters; Perspective takes 20,000 at most."""
DISGUISES: Sequence[Callable[[str], str]] = (
    lambda text: text,
    lambda text: f"😀👨‍👩‍👧 {text} 🫶🏽",  # two UTF-16 units for a character, and several characters for one sign
    lambda text: f"  {text}\n\n\t#فكر @somebody https://example.org/{len(text)}",
    lambda text: f"\u200fe\u0301 {text.upper()}",
    lambda text: " ".join([text] * 7),
)


@pytest.fixture
def extra(tmp_path: Path) -> dict[str, str]:
    return gateway_settings(tmp_path)


def comments() -> list[Invented]:
    """Each of an author of its own, so that no cap or cooldown depends on which comes first."""
    return [
        replace(comment, number=number, revision=0, author=f"author-{number}", text=disguised(number, comment.text))
        for number, comment in enumerate(invent(COUNT, 23))
    ]


def disguised(number: int, text: str) -> str:
    if number % 250 == 249:
        return (f"{text} 😀 " * LONG)[:LONG]
    return DISGUISES[number % len(DISGUISES)](text)


class Gateway:
    """The doors that are HTTP."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url, self.room = session, url, asyncio.Semaphore(AT_ONCE)

    async def post(self, path: str, body: Any) -> Any:
        async with self.room, self.session.post(self.url + path, data=orjson.dumps(body), headers=JSON) as answer:
            assert answer.status == 200, await answer.text()
            return orjson.loads(await answer.read())

    async def check(self, run: str, comment: Invented) -> dict[str, Any]:
        """Before it is posted, by the same author, and nothing remembered: the stream will decide on it too."""
        body = {"comment_id": f"{run}-{comment.number}", "text": comment.text, "author_id": comment.author}
        told = {"surface": comment.surface, "context": {"reply_to": comment.reply_to}, "record": False}
        return dict(await self.post("/v1/checks", body | told))

    async def analyze(self, text: str) -> dict[str, Any]:
        body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, "spanAnnotations": True}
        return dict(await self.post("/v1alpha1/comments:analyze", body))

    async def moderate(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        return list((await self.post("/v1/moderations", {"input": list(texts)}))["results"])


JSON = {"Content-Type": "application/json"}


async def by_events(pipeline: Pipeline, run: str, given: Sequence[Invented]) -> list[Said]:
    """Published as a platform does; read back from the topics of the scorer and the dispatcher."""
    records = [record for _, record in Source(run, "a salt of the tests", iter(given)).records()]
    producer = await pipeline.broker.producer()
    await producer.send(records)
    await producer.close()
    decided = await until_all(pipeline, DECIDED.name, NudgeDecided, run, len(given))
    scored = await until_all(pipeline, SCORED.name, CommentScored, run, len(given))
    names = [f"{run}-{comment.number}" for comment in given]
    return [by_stream(scored[name], decided[name]) for name in names]


async def until_all(pipeline: Pipeline, topic: str, kind: type, run: str, count: int) -> dict[str, Any]:
    """The events by comment, once each comment has one; fails where they stand still."""
    most, deadline = 0, time.monotonic() + PATIENCE
    while True:
        records = [record for record in await pipeline.read(topic) if run.encode() in (record.value or b"")]
        found = [codec.decode(kind, record.value, record.headers).event for record in records]
        if len(found) >= count:
            assert len({event.comment_id for event in found}) == len(found) == count, "one for each comment"
            return {event.comment_id: event for event in found}
        if len(found) > most:
            most, deadline = len(found), time.monotonic() + PATIENCE
        assert time.monotonic() < deadline, f"{len(found)} of {count} on {topic}"
        await asyncio.sleep(0.5)


def differing(given: Sequence[Said], told: Sequence[Said]) -> list[int]:
    return [number for number, (one, other) in enumerate(zip(given, told, strict=True)) if not near(one, other)]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_thousand_texts_get_the_same_through_every_door(pipeline: Pipeline) -> None:
    url = await start_gateway(pipeline)
    run, given = f"parity-{uuid.uuid4().hex[:8]}", comments()
    texts = [comment.text for comment in given]
    told = await asyncio.to_thread(by_command, texts)
    async with aiohttp.ClientSession() as session:
        gateway = Gateway(session, url)
        checked = [by_check(one) for one in await asyncio.gather(*(gateway.check(run, one) for one in given))]
        analyzed = await asyncio.gather(*map(gateway.analyze, texts))
        pages = [await gateway.moderate(texts[start : start + 100]) for start in range(0, COUNT, 100)]
    streamed = await by_events(pipeline, run, given)
    assert differing(checked, told) == []
    assert differing(streamed, told) == []
    assert differing(streamed, checked) == [], "the decisions too"
    assert differing([by_perspective(*each) for each in zip(analyzed, texts, told, strict=True)], told) == []
    moderated = [result for page in pages for result in page]
    assert differing([by_moderation(*each) for each in zip(moderated, told, strict=True)], told) == []
    check_variety(told, checked)


def check_variety(told: Sequence[Said], checked: Sequence[Said]) -> None:
    """Agreement about nothing would be no agreement."""
    assert {"arz", "ar", "arz-Latn", "en"} <= {one.language for one in told}
    assert sum(bool(one.spans) for one in told) > COUNT / 10
    assert {"none", "low", "medium", "high"} <= {one.band for one in told}
    kinds = Counter((one.decision or "").partition(" ")[0] for one in checked)
    assert min(kinds[kind] for kind in ("none", "nudge", "suppress", "holdout")) > 0, kinds
