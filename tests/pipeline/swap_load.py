"""Comments at a steady rate through the real services while something is done to their models.

Used by ``test_swapping.py`` and ``test_swapping_champion.py``.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise

import orjson
import psutil

from mahlan.demo.follower import Follower, follow
from mahlan.demo.generator import invent
from mahlan.demo.ledger import Ledger, Report
from mahlan.demo.publisher import Source, publish
from mahlan.events import codec, topics
from mahlan.events.comment import CommentNormalised, CommentScored
from tests.pipeline.conftest import Pipeline
from tests.pipeline.swaps import Key

PATIENCE = 60.0
MOST = 1_000_000
"""Comments that could be published; the swaps end it long before."""


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
    memory: list[int] = field(default_factory=list)
    """Megabytes of the scorer's process before the swaps and after each."""

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


async def prepared(pipeline: Pipeline, rate: float) -> Load:
    """Ready to begin, ``rate`` comments a second."""
    run = f"swap-{uuid.uuid4().hex[:8]}"
    return Load(pipeline, await follow(pipeline.broker, Ledger(run), f"ledger-{run}", pipeline.starts), rate)


def memory(pipeline: Pipeline) -> int:
    process = pipeline.supervisor.children["scorer"].process
    assert process is not None
    return int(psutil.Process(process.pid).memory_info().rss) >> 20


def ready(pipeline: Pipeline) -> dict[str, str]:
    port = pipeline.supervisor.children["scorer"].port
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        return dict(orjson.loads(answer.read()))


async def ready_says(pipeline: Pipeline, key: str, part: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while part not in (found := await asyncio.to_thread(ready, pipeline)).get(key, ""):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)


async def swapped_under_load(
    load: Load, swap: Callable[[int], Awaitable[None]], swaps: int, calm: float = 0.0, around: float = 0.5
) -> Report:
    """``calm`` seconds of the load, then ``swap(0)``, ``swap(1)`` … with ``around`` seconds of it before and after."""
    load.follower.start()
    publishing = asyncio.create_task(load.publish())
    await load.more_scored(int(load.rate * calm))
    load.calm, load.swapped_at = len(load.published), time.time() * 1000
    load.memory.append(memory(load.pipeline))
    for number in range(swaps):
        await load.more_scored(int(load.rate * around))
        await swap(number)
        await load.more_scored(int(load.rate * around))
        load.memory.append(memory(load.pipeline))
    load.stop.set()
    await publishing
    report = await load.end()
    await load.follower.close()
    return report


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


def check_whole(report: Report, load: Load, events: Sequence[CommentScored]) -> None:
    """Nothing is lost, nothing twice, and the scorer is the process that it was."""
    assert (report.lost, report.duplicated, report.dead_lettered) == (0, 0, 0)
    names = Counter(f"{event.comment_id}.{event.revision}" for event in events)
    assert names == Counter(load.published), "every comment is scored once"
    assert load.pipeline.supervisor.children["scorer"].restarts == 0


def changes_told(pipeline: Pipeline) -> int:
    """How often the scorer's log says that other models serve."""
    return pipeline.supervisor.children["scorer"].log.read_text("utf-8").count('"event":"models_changed"')


def print_waits(load: Load) -> None:
    """From a comment to its decision, without swaps and with them."""
    half = load.calm // 2  # the first seconds after a start are not calm
    for phase, names in (("without", load.published[half : load.calm]), ("with", load.published[load.calm :])):
        print(f"{phase} swaps: {spread([load.ledger.decided[one] - load.ledger.submitted[one] for one in names])}, "
              "from a comment to its decision")  # fmt: skip


async def print_pauses(load: Load) -> int:
    """Between two batches of the scorer, without swaps and with them; returns the latter's p99 in milliseconds."""
    both = await pauses(load.pipeline, load)
    for phase, gaps in zip(("without", "with"), both, strict=True):
        print(f"{phase} swaps: {spread(gaps)}, between two batches of the scorer")
    return percentile(both[1], 99)


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


def percentile(waits: Sequence[int], percent: int) -> int:
    return sorted(waits)[len(waits) * percent // 100]


def spread(waits: Sequence[int]) -> str:
    return f"p50 {percentile(waits, 50)} ms, p99 {percentile(waits, 99)} ms, most {max(waits)} ms"
