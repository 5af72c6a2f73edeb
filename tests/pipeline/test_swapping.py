"""Models are swapped while comments flow through the real services: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import shutil
import time
import urllib.request
import uuid
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from mahlan.demo.follower import Follower, follow
from mahlan.demo.generator import invent
from mahlan.demo.ledger import Ledger, Report
from mahlan.demo.publisher import Source, publish
from mahlan.scoring.changes import Place, promote, rollback
from tests.pipeline.conftest import Pipeline

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "fast" / "1"
PATIENCE = 60.0
MOST = 1_000_000
"""Comments that could be published; the swaps end it long before."""


def put_version(models: Path, version: str) -> Path:
    """The shipped fast model under another version."""
    folder = models / "fast" / version
    shutil.copytree(SHIPPED, folder)
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest.read_text("utf-8").replace('version = "1"', f'version = "{version}"', 1), "utf-8")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """fast@1 serves, fast@2 is as good; fast@3 says something else than its golden file, fast@4 was cut short."""
    models = tmp_path / "models"
    for version in ("1", "2", "3", "4"):
        put_version(models, version)
    golden = models / "fast" / "3" / "golden.jsonl"
    cases = [orjson.loads(line) for line in golden.read_bytes().splitlines()]
    golden.write_bytes(b"\n".join(orjson.dumps(case | {"toxic": not case["toxic"]}) for case in cases))
    graph = models / "fast" / "4" / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1000])
    (models / "registry.toml").write_text('champion = "fast@1"\nshadow = ["fast@2"]\n')
    return models


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

    async def end(self) -> Report:
        self.stop.set()
        await until(lambda: not self.ledger.outstanding(self.published), "comments came to no end", fail=False)
        await self.pipeline.supervisor.stop()
        await self.follower.read_to_end()
        return self.ledger.report(self.published, 0.0)


async def until(done, what: str, *, fail: bool = True) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            assert not fail, what
            return
        await asyncio.sleep(0.05)


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
    """In turn: a good version, one that is refused (the good one goes on), and back."""
    place, now = Place(models), datetime.now(UTC)
    name = ("fast@2", "fast@3", "fast@1", "fast@4")[number % 4]
    promote(place, name, reason=f"swap {number}", at=now)
    if name in {"fast@1", "fast@2"}:
        await ready_says(pipeline, "model", name)
    else:
        await ready_says(pipeline, "refused", name)
        await ready_says(pipeline, "model", rollback(place, reason=f"{name} was refused", at=now).model)


async def swapped_under_load(
    pipeline: Pipeline, models: Path, swaps: int, rate: float, calm: float
) -> tuple[Report, Load]:
    """``calm`` seconds of load, then the swaps."""
    run = f"swap-{uuid.uuid4().hex[:8]}"
    load = Load(pipeline, await follow(pipeline.broker, Ledger(run), f"ledger-{run}", pipeline.starts), rate)
    load.follower.start()
    publishing = asyncio.create_task(load.publish())
    await load.more_scored(int(rate * calm))
    load.calm = len(load.published)
    for number in range(swaps):
        await load.more_scored(int(rate / 2))
        await swap(pipeline, models, number)
    await load.more_scored(int(rate / 2))
    load.stop.set()
    await publishing
    report = await load.end()
    await load.follower.close()
    return report, load


async def scored_by(pipeline: Pipeline, run: str) -> tuple[Counter[str], Counter[str]]:
    """How often each comment was scored, and how many each model scored."""
    events = [orjson.loads(record.value) for record in await pipeline.read("comments.scored.v1") if record.value]
    mine = [event for event in events if event["comment_id"].startswith(run)]
    names = Counter(f"{event['comment_id']}.{event['revision']}" for event in mine)
    return names, Counter(event["model"] for event in mine)


async def hold(pipeline: Pipeline, models: Path, swaps: int, rate: float, calm: float = 0.0) -> Load:
    report, load = await swapped_under_load(pipeline, models, swaps, rate, calm)
    names, by_model = await scored_by(pipeline, load.ledger.run)
    assert (report.lost, report.duplicated, report.dead_lettered) == (0, 0, 0)
    assert names == Counter(load.published), "every comment is scored once"
    assert set(by_model) == {"fast@1", "fast@2"}, "and by a model that is fit"
    log = pipeline.supervisor.children["scorer"].log.read_text("utf-8")
    assert log.count('"event":"models_changed"') >= swaps // 2
    assert pipeline.supervisor.children["scorer"].restarts == 0
    return load


async def test_swaps_under_load_lose_nothing_and_repeat_nothing(pipeline: Pipeline, models: Path) -> None:
    await hold(pipeline, models, swaps=4, rate=400)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_twenty_swaps_under_load(pipeline: Pipeline, models: Path) -> None:
    load = await hold(pipeline, models, swaps=20, rate=400, calm=20.0)
    half = load.calm // 2  # the first seconds after a start are not calm
    for phase, names in (("without", load.published[half : load.calm]), ("with", load.published[load.calm :])):
        waits = sorted(load.ledger.decided[name] - load.ledger.submitted[name] for name in names)
        print(f"{len(names)} comments {phase} swaps: p50 {waits[len(waits) // 2]} ms, "
              f"p99 {waits[len(waits) * 99 // 100]} ms, most {waits[-1]} ms to the decision")  # fmt: skip
