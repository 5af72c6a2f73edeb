"""Ten thousand mutated records through the real services: what goes in comes out, as an event or as a dead letter."""

from __future__ import annotations

import asyncio
import random
import time
import uuid

from mahlan.events import topics
from mahlan.runtime.broker import Outgoing
from tests.contracts.examples import GOOD
from tests.contracts.test_mutations import mutate_bytes, mutate_json
from tests.pipeline.conftest import Pipeline

COUNT = 10_000
PATIENCE = 120.0


def mutated(run: str, count: int) -> dict[bytes, Outgoing]:
    """Records by the trace that each carries through every hop, and a dead letter keeps."""
    rng = random.Random(11)
    good = [example.data for example in GOOD if example.topic is topics.SUBMITTED]
    found = {}
    for number in range(count):
        value = rng.choice(good)
        value = mutate_json(value, rng) if rng.random() < 0.6 else mutate_bytes(value, rng)
        trace = f"00-{run}{number:016x}-{number + 1:016x}-01".encode()
        found[trace] = Outgoing(topics.SUBMITTED.name, b"%d" % (number % 200), value, (("traceparent", trace),))
    return found


async def traces(pipeline: Pipeline, topic: str) -> list[bytes]:
    return [dict(record.headers).get("traceparent", b"") for record in await pipeline.read(topic)]


async def until_whole(pipeline: Pipeline, wanted: set[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        # Not the decisions: many mutations keep comment id and revision, and such repeats are decided once.
        ended = [*await traces(pipeline, "comments.scored.v1"), *await traces(pipeline, "normaliser.dlq.v1")]
        if wanted <= set(ended):
            return
        await asyncio.sleep(1.0)


async def test_in_is_out_plus_dead_exactly(pipeline: Pipeline) -> None:
    sent = mutated(uuid.uuid4().hex[:16], COUNT)
    producer = await pipeline.broker.producer()
    await producer.send(list(sent.values()))
    await producer.close()
    await until_whole(pipeline, set(sent))
    ended = {topic: await traces(pipeline, topic) for topic in ("comments.normalised.v1", "normaliser.dlq.v1")}
    mine = {topic: [trace for trace in found if trace in sent] for topic, found in ended.items()}
    assert all(mine.values()), "the mutations must give both events and dead letters"
    assert sorted(mine["comments.normalised.v1"] + mine["normaliser.dlq.v1"]) == sorted(sent)
    scored = [trace for trace in await traces(pipeline, "comments.scored.v1") if trace in sent]
    assert sorted(scored) == sorted(mine["comments.normalised.v1"])
