"""What a model must do before it serves: its golden file, then comments like those of now. Called by ``loading.py``.

It works in small steps with pauses as long as the steps, so that the model that serves keeps half of the processor.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from mahlan.core.normalise import normalise
from mahlan.errors import UnfitError
from mahlan.scoring.cascade import Served
from mahlan.scoring.check import SAMPLES
from mahlan.scoring.golden import compare, read_golden
from mahlan.scoring.model import Model, Scorable, Scores

STEP = 16
"""Comments between two pauses."""
UNSCORABLE = 0.01
"""Share of live comments that may have no score; they would become dead letters."""

T = TypeVar("T")
Pause = Callable[[float], None]


def check_fitness(
    model: Model, folder: Path, recent: Sequence[Scorable], *, slowest: float, pause: Pause = time.sleep
) -> float:
    """Raise ``UnfitError`` where the model must not serve; else seconds a comment took.

    ``recent`` are comments that came in lately (none: plain samples); their texts go nowhere else. Reasons:
    ``golden``, ``self_test``, ``slow``.
    """
    cases = read_golden(folder, model.manifest)
    missed = sum(len(compare(model, part)) for part in _steps(cases, pause))
    if missed:
        raise UnfitError(
            f"{missed} of the {len(cases)} cases of golden.jsonl come out otherwise; `mahlan models check` shows them",
            "golden",
        )
    return self_test(model, recent, slowest=slowest, pause=pause)


def self_test(model: Served, recent: Sequence[Scorable], *, slowest: float, pause: Pause = time.sleep) -> float:
    """The second half of it, which is all there is to test of a cascade whose parts were tested."""
    items = recent or [normalise(text) for text in SAMPLES]
    model.score(items[:1])  # the first run of a graph also prepares it
    spent = failed = 0.0
    for part in _steps(items, pause):
        begun = time.perf_counter()
        failed += sum(not _usable(result, model) for result in model.score(part))
        spent += time.perf_counter() - begun
    _judge(int(failed), len(items), spent / len(items), slowest)
    return spent / len(items)


def _judge(failed: int, count: int, each: float, slowest: float) -> None:
    if failed > UNSCORABLE * count:
        raise UnfitError(f"{failed} of {count} recent comments got no usable score", "self_test")
    if each > slowest:
        raise UnfitError(
            f"a comment takes {each * 1000:.0f} ms; MAHLAN_SCORER_SLOWEST allows {slowest * 1000:.0f} ms", "slow"
        )


def _usable(result: object, model: Served) -> bool:
    """One finite number in 0..1 for every label the model says it has; of a cascade, those of one of the two."""
    return (
        isinstance(result, Scores)
        and frozenset(result.scores) in model.label_sets
        and all(math.isfinite(score) and 0.0 <= score <= 1.0 for score in result.scores.values())
    )


def _steps(items: Sequence[T], pause: Pause) -> Iterator[Sequence[T]]:
    for begin in range(0, len(items), STEP):
        begun = time.perf_counter()
        yield items[begin : begin + STEP]
        pause(time.perf_counter() - begun)
