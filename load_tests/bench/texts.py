"""What the contenders work on: invented comments in four languages, written to the topics before anybody starts."""

from __future__ import annotations

import random

import orjson

from mahlan.demo.generator import invent
from mahlan.events import topics
from mahlan.runtime.broker import Outgoing
from mahlan.runtime.kafka import KafkaBroker

MOMENT = "2026-11-23T06:00:00Z"
CHUNK = 5_000


def comments(count: int, seed: int = 7) -> list[Outgoing]:
    """Records of ``comments.submitted.v1``; the texts are the demo's."""
    texts = [comment.text for comment in invent(5_000, seed)]
    seeded = random.Random(seed)
    return [_record(n, seeded.choice(texts)) for n in range(count)]


def _record(number: int, text: str) -> Outgoing:
    author = f"author-{number % 997:04d}"
    body = {"comment_id": f"bench-{number}", "text": text, "occurred_at": MOMENT, "author_key": author}
    return Outgoing(topics.SUBMITTED.name, author.encode(), orjson.dumps(body))


async def fill(broker: KafkaBroker, records: list[Outgoing]) -> None:
    """Write all records."""
    producer = await broker.producer()
    for start in range(0, len(records), CHUNK):
        await producer.send(records[start : start + CHUNK])
    await producer.close()
