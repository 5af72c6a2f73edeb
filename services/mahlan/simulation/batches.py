"""Many experiments, over as many processes as asked for. Called by ``mahlan simulate``.

Each experiment has a seed of its own, so the result does not hang on who runs it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from mahlan.core.experiment.effects import effects
from mahlan.core.experiment.observation import MEASURES, Measure
from mahlan.core.experiment.plan import Plan
from mahlan.simulation.behaviour import Behaviour, kinds_of, true_effect
from mahlan.simulation.looks import ARM, LANGUAGE, Setup
from mahlan.simulation.watching import Watching, largest_e_value, watch

BATCH = 20
"""Experiments that a process runs before it tells how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is simulated: the same study has the same result on every machine."""

    behaviour: Behaviour
    setup: Setup
    seed: int

    def plan(self) -> Plan:
        """As a campaign would have planned it: for the authors that come in the end."""
        return Plan(holdout=self.setup.planned_share, languages=(LANGUAGE,), arms=(ARM,), authors=self.setup.authors)

    def truths(self) -> dict[Measure, float]:
        """The planted effects. Raises ValueError where the behaviour cannot be."""
        kinds = kinds_of(self.behaviour)
        return {measure: true_effect(kinds, measure) for measure in MEASURES}

    def levels(self) -> dict[Measure, float]:
        """The level of each measure's interval."""
        return {row.measure: row.level for row in effects({}, self.plan())}


Ratio = tuple[float, int | None]


def watch_batch(study: Study, runs: Sequence[int]) -> list[Watching]:
    """These experiments, watched."""
    kinds, truths, plan = kinds_of(study.behaviour), study.truths(), study.plan()
    return [watch(kinds, truths, study.setup, plan, np.random.default_rng([study.seed, 0, run])) for run in runs]


def ratio_batch(study: Study, runs: Sequence[int]) -> list[Ratio]:
    """These experiments, of which only the sample ratio is watched."""
    return [largest_e_value(study.setup, np.random.default_rng([study.seed, 1, run])) for run in runs]


def in_batches(
    work: Callable[[Study, Sequence[int]], list[Any]], study: Study, runs: int, jobs: int
) -> Iterator[list[Any]]:
    """What ``work`` makes of so many experiments, in their order."""
    parts = [range(start, min(start + BATCH, runs)) for start in range(0, runs, BATCH)]
    with ProcessPoolExecutor(jobs) if jobs > 1 else contextlib.nullcontext() as pool:
        yield from _mapped(pool, work, study, parts)


def _mapped(
    pool: Executor | None, work: Callable[[Study, Sequence[int]], list[Any]], study: Study, parts: Sequence[range]
) -> Iterator[list[Any]]:
    if pool is None:
        return (work(study, part) for part in parts)
    return pool.map(work, [study] * len(parts), parts)
