"""The champion as it ships leaves and comes back while comments flow, its accurate model loaded anew each time."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import pytest

from mahlan.runtime.data import data_folder
from mahlan.scoring.cascade import Cascade
from mahlan.scoring.changes import Place
from mahlan.scoring.served import find_served, load_served
from tests.pipeline.conftest import Pipeline
from tests.pipeline.swap_load import (
    changes_told,
    check_whole,
    prepared,
    print_pauses,
    print_waits,
    ready_says,
    swapped_under_load,
    told,
)
from tests.pipeline.swaps import change, check_attribution, deciders

SWAPS = 10
RATE = 100.0
AROUND = 2.0
"""Seconds before and after a swap: a fifth of the comments is asked about, and each partition must have some."""
LONGEST = 250
"""Milliseconds between two batches, in 99 of 100, that a swap may cost."""

ALIKE = 0.001
"""A transformer's score may differ by so much with what it is batched with; it is the last decimal that does."""

GROWN = 1.25
"""Times its memory before the swaps that the process may take after one: the accurate model left in it is a third."""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return shutil.copytree(data_folder("models"), tmp_path / "models")


@pytest.fixture
def champion(models: Path) -> Cascade:
    found = load_served(find_served(models))
    if not isinstance(found, Cascade):
        pytest.skip(f"the champion {found.name} is one model: test_swapping.py swaps such")
    return found


@pytest.fixture
def extra(models: Path) -> dict[str, str]:
    return {"MAHLAN_MODELS_DIR": str(models), "MAHLAN_SCORER_REGISTRY_POLL": "0.1"}


async def swap(pipeline: Pipeline, models: Path, champion: Cascade, number: int) -> None:
    """To its fast model alone, and back."""
    name = champion.name if number % 2 else champion.fast.name
    change(Place(models), name, number, datetime.now(UTC))
    await ready_says(pipeline, "model", name)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_the_champion_leaves_and_comes_back_under_load(
    pipeline: Pipeline, models: Path, champion: Cascade
) -> None:
    """Prints what it costs; the pause is held to what was promised."""
    load = await prepared(pipeline, RATE)
    turn = partial(swap, pipeline, models, champion)
    report = await swapped_under_load(load, turn, SWAPS, calm=20.0, around=AROUND)
    comments, parts = await told(pipeline, load.ledger.run)
    events = [event for part in parts.values() for event in part]
    check_whole(report, load, events)
    assert changes_told(pipeline) >= SWAPS
    assert check_attribution(models, champion, comments, events, ALIKE)
    turns = list(islice(cycle((champion.accurate.name, champion.fast.name)), SWAPS + 1))
    for part in parts.values():
        assert deciders(champion, comments, part) == turns, "between two batches, and each in its turn"
    print(f"{report.submitted} comments, lost {report.lost}, duplicated {report.duplicated}")
    print_waits(load)
    pause = await print_pauses(load)
    before, after = load.memory[0], load.memory[2::2]
    print(f"memory of the scorer with {champion.name}: {before} MB before, then {after} MB")
    assert pause <= LONGEST
    assert max(after) <= GROWN * before
