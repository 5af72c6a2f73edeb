"""Models are swapped while comments flow through the real services: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import time
import urllib.request
import uuid
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import orjson
import psutil
import pytest

from mahlan.demo.follower import Follower, follow
from mahlan.demo.generator import invent
from mahlan.demo.ledger import Ledger, Report
from mahlan.demo.publisher import Source, publish
from mahlan.events import codec, topics
from mahlan.events.comment import CommentNormalised, CommentScored
from mahlan.scoring.changes import Place
from mahlan.scoring.model import Model
from tests.pipeline.conftest import Pipeline
from tests.pipeline.swaps import (
    CHANGES,
    IN_BAND,
    REFUSED,
    Key,
    change,
    check_attribution,
    deciders,
    put_models,
    take_back,
)

PATIENCE = 60.0
MOST = 1_000_000
"""Comments that could be published; the swaps end it long before."""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return put_models(tmp_path / "models")


@pytest.fixture
def extra(models: Path) -> dict[str, str]:
    return {"MAHLAN_MODELS_DIR": str(models), "MAHLAN_SCORER_REGISTRY_POLL": "0.1"}


@dataclass
class Load:
    """Comments published at a steady rate until it is told to stop, and what became of them."""

    pipeline: Pipeline
    follower: Follower
    rate: float
    published: list[str] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    calm: int = 0
    """How many were published before the first swap."""
    swapped_at: float = 0.0
    """Milliseconds since 1970 of the first swap."""
    memory: tuple[int, int] = (0, 0)
    """Bytes of the scorer's process before the swaps and after."""

    @property
    def ledger(self) -> Ledger:
        return self.follower.ledger

    async def publish(self) -> None:
        producer = await self.pipeline.broker.producer()
        source = Source(self.ledger.run, "a salt of the tests", invent(MOST, 5))
        async with aclosing(publish(source, producer, self.rate)) as batches:
            async for names in batches:
                self.published += names
                if self.stop.is_set():
                    break
        await producer.close()

    async def more_scored(self, count: int) -> None:
        """Until so many more comments were scored: the load is on."""
        wanted = len(self.ledger.scored) + count
        await until(lambda: len(self.ledger.scored) >= wanted, "the scorer stands still")

    async def _all_ended(self) -> None:
        """As long as it takes a busy machine; what does not move for so long is lost."""
        left, deadline = MOST, time.monotonic() + PATIENCE
        while (now := self.ledger.outstanding(self.published)) and time.monotonic() < deadline:
            if now < left:
                left, deadline = now, time.monotonic() + PATIENCE
            await asyncio.sleep(0.2)

    async def end(self) -> Report:
        self.stop.set()
        await self._all_ended()
        await self.pipeline.supervisor.stop()
        await self.follower.read_to_end()
        return self.ledger.report(self.published, 0.0)


async def until(done, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.05)


def memory(pipeline: Pipeline) -> int:
    process = pipeline.supervisor.children["scorer"].process
    assert process is not None
    return int(psutil.Process(process.pid).memory_info().rss)


def ready(pipeline: Pipeline) -> dict[str, str]:
    port = pipeline.supervisor.children["scorer"].port
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        return dict(orjson.loads(answer.read()))


async def ready_says(pipeline: Pipeline, key: str, part: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while part not in (found := await asyncio.to_thread(ready, pipeline)).get(key, ""):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)


async def swap(pipeline: Pipeline, models: Path, number: int) -> None:
    """The next of the changes: a good one serves soon, one that is refused is taken back."""
    place, now = Place(models), datetime.now(UTC)
    name = CHANGES[number % len(CHANGES)]
    change(place, name, number, now)
    if name in REFUSED:
        await ready_says(pipeline, "refused", name)
        await pipeline_goes_on(pipeline)
        name = take_back(place, name, now)
    await ready_says(pipeline, "model", name)


async def pipeline_goes_on(pipeline: Pipeline) -> None:
    """Nothing but the refusal is told: whoever served still does."""
    found = await asyncio.to_thread(ready, pipeline)
    assert found["model"] not in REFUSED


async def swapped_under_load(
    pipeline: Pipeline, models: Path, swaps: int, rate: float, calm: float
) -> tuple[Report, Load]:
    """``calm`` seconds of load, then the swaps."""
    run = f"swap-{uuid.uuid4().hex[:8]}"
    load = Load(pipeline, await follow(pipeline.broker, Ledger(run), f"ledger-{run}", pipeline.starts), rate)
    load.follower.start()
    publishing = asyncio.create_task(load.publish())
    await load.more_scored(int(rate * calm))
    load.calm, load.swapped_at = len(load.published), time.time() * 1000
    before = memory(pipeline)
    for number in range(swaps):
        await load.more_scored(int(rate / 2))
        await swap(pipeline, models, number)
    await load.more_scored(int(rate))
    load.memory = before, memory(pipeline)
    load.stop.set()
    await publishing
    report = await load.end()
    await load.follower.close()
    return report, load


async def told(pipeline: Pipeline, run: str) -> tuple[dict[Key, CommentNormalised], dict[int, list[CommentScored]]]:
    """What went into the scorer, and what came out by partition, each in order."""
    comments: dict[Key, CommentNormalised] = {}
    for record in await pipeline.read(topics.NORMALISED.name):
        comment = codec.decode(CommentNormalised, record.value, record.headers).event
        comments[comment.comment_id, comment.revision] = comment
    events: dict[int, list[CommentScored]] = {}
    for record in await pipeline.read(topics.SCORED.name):
        event = codec.decode(CommentScored, record.value, record.headers).event
        if event.comment_id.startswith(run):
            events.setdefault(record.partition, []).append(event)
    return comments, events


async def hold(pipeline: Pipeline, models: Path, swaps: int, rate: float, calm: float = 0.0) -> Load:
    report, load = await swapped_under_load(pipeline, models, swaps, rate, calm)
    comments, parts = await told(pipeline, load.ledger.run)
    events = [event for part in parts.values() for event in part]
    assert (report.lost, report.duplicated, report.dead_lettered) == (0, 0, 0)
    names = Counter(f"{event.comment_id}.{event.revision}" for event in events)
    assert names == Counter(load.published), "every comment is scored once"
    log = pipeline.supervisor.children["scorer"].log.read_text("utf-8")
    good = sum(CHANGES[number % len(CHANGES)] not in REFUSED for number in range(swaps))
    assert log.count('"event":"models_changed"') >= good
    assert pipeline.supervisor.children["scorer"].restarts == 0
    marked = check_attribution(models, comments, events)
    assert all(marked.values()), f"each model must have marked words: {marked}"
    fast = Model.load(models / "fast" / "1")
    turns = [*IN_BAND, *IN_BAND[1:] * (swaps // len(CHANGES) - 1)]
    for part in parts.values():
        assert deciders(fast, comments, part) == turns, "between two batches, and each in its turn"
    return load


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_ten_swaps_under_load_lose_nothing_and_repeat_nothing(pipeline: Pipeline, models: Path) -> None:
    await hold(pipeline, models, swaps=10, rate=400)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_twenty_swaps_under_load(pipeline: Pipeline, models: Path) -> None:
    """Prints what a swap costs; a machine that cannot keep up with the load tells most by the scorer's pauses."""
    load = await hold(pipeline, models, swaps=20, rate=400, calm=20.0)
    half = load.calm // 2  # the first seconds after a start are not calm
    for phase, names in (("without", load.published[half : load.calm]), ("with", load.published[load.calm :])):
        print(f"{phase} swaps: {spread([load.ledger.decided[one] - load.ledger.submitted[one] for one in names])}, "
              "from a comment to its decision")  # fmt: skip
    for phase, gaps in zip(("without", "with"), await pauses(pipeline, load), strict=True):
        print(f"{phase} swaps: {spread(gaps)}, between two batches of the scorer")
    print(f"memory of the scorer: {load.memory[0] >> 20} MB before the swaps, {load.memory[1] >> 20} MB after")


async def pauses(pipeline: Pipeline, load: Load) -> tuple[list[int], list[int]]:
    """Milliseconds between two writes of the scorer, before the first swap and after it."""
    mark = load.ledger.run.encode()
    found = await pipeline.read(topics.SCORED.name)
    times = sorted({record.timestamp_ms for record in found if mark in (record.value or b"")})
    gaps = list(pairwise(times[len(times) // 20 :]))
    swapped = [end >= load.swapped_at for _, end in gaps]
    both = [[end - begin for (begin, end), late in zip(gaps, swapped, strict=True) if late is side]
            for side in (False, True)]  # fmt: skip
    return both[0], both[1]


def spread(waits: list[int]) -> str:
    waits = sorted(waits)
    return f"p50 {waits[len(waits) // 2]} ms, p99 {waits[len(waits) * 99 // 100]} ms, most {waits[-1]} ms"
