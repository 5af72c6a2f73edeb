"""Models are swapped while comments flow through the real services: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from mahlan.scoring.cascade import Cascade
from mahlan.scoring.changes import Place
from mahlan.scoring.served import find_served, load_served
from tests.pipeline.conftest import Pipeline
from tests.pipeline.swap_load import (
    Load,
    changes_told,
    check_whole,
    prepared,
    print_pauses,
    print_waits,
    ready,
    ready_says,
    swapped_under_load,
    told,
)
from tests.pipeline.swaps import (
    CHANGES,
    IN_BAND,
    REFUSED,
    change,
    check_attribution,
    deciders,
    put_models,
    take_back,
)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return put_models(tmp_path / "models")


@pytest.fixture
def extra(models: Path) -> dict[str, str]:
    return {"MAHLAN_MODELS_DIR": str(models), "MAHLAN_SCORER_REGISTRY_POLL": "0.1"}


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


async def hold(pipeline: Pipeline, models: Path, swaps: int, rate: float, calm: float = 0.0) -> Load:
    load = await prepared(pipeline, rate)
    report = await swapped_under_load(load, partial(swap, pipeline, models), swaps, calm)
    comments, parts = await told(pipeline, load.ledger.run)
    events = [event for part in parts.values() for event in part]
    check_whole(report, load, events)
    assert changes_told(pipeline) >= sum(CHANGES[number % len(CHANGES)] not in REFUSED for number in range(swaps))
    both = load_served(find_served(models, "both@1"))
    assert isinstance(both, Cascade)
    marked = check_attribution(models, both, comments, events)
    assert all(marked.values()), f"each model must have marked words: {marked}"
    turns = [*IN_BAND, *IN_BAND[1:] * (swaps // len(CHANGES) - 1)]
    for part in parts.values():
        assert deciders(both, comments, part) == turns, "between two batches, and each in its turn"
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
    print_waits(load)
    await print_pauses(load)
    print(f"memory of the scorer: {load.memory[0]} MB before the swaps, {load.memory[-1]} MB after")
