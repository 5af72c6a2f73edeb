"""Applies changes of the model registry while comments flow. Run by ``scorer/app.py`` beside the loop.

Looks every second; loads and tests in a thread of its own; the scorer switches between two batches. Whatever goes
wrong, the models that serve go on serving, and the log, the metrics and ``/readyz`` say why.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from mahlan.errors import ModelError
from mahlan.runtime.http import Health
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.scorer.memory import return_freed
from mahlan.scorer.record import SERVICE
from mahlan.scorer.worker import Scorer
from mahlan.scoring.cascade import parts_of
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.loading import Loaded, Loader, Refusal, RefusedError
from mahlan.scoring.registry import read_registry


class Swapper:
    """Keeps the scorer's models as the registry says. ``every``: seconds between two looks."""

    def __init__(self, loader: Loader, scorer: Scorer, metrics: Metrics, health: Health, every: float = 1.0) -> None:
        self._loader = loader
        self._scorer = scorer
        self._metrics = metrics
        self._health = health
        self._every = every
        self._mark = ""
        self._swapped = False
        self._refused: tuple[Refusal, ...] = ()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="load")

    def begin(self, refused: Sequence[Refusal] = ()) -> None:
        """Tell what is served from the start, and what is not."""
        self._tell(tuple(refused))

    async def run(self) -> None:
        """Until cancelled. A pinned model is never swapped."""
        while not self._loader.pinned:
            await asyncio.sleep(self._every)
            await self.look()

    async def look(self) -> None:
        """Apply the registry if it, or a model it waits for, has changed since the last look."""
        loop = asyncio.get_running_loop()
        try:
            mark = await loop.run_in_executor(self._thread, self._loader.mark, tuple(self._scorer.lineup.models))
            if mark != self._mark:
                self._mark = mark
                await self._apply()
            elif self._swapped:
                self._swapped = False  # the last batch of the old models has ended by now
                await loop.run_in_executor(self._thread, return_freed)
        except Exception as error:  # noqa: BLE001 (the models that serve must go on serving)
            self._refuse(Refusal("", "internal_error", f"{type(error).__name__}; this is a bug"))

    async def _apply(self) -> None:
        begun = time.monotonic()
        loop = asyncio.get_running_loop()
        try:
            loaded = await loop.run_in_executor(self._thread, self._prepared)
        except RefusedError as error:
            self._refuse(error.refusal)
        except ModelError as error:
            self._refuse(Refusal("", "registry", str(error)))
        else:
            self._switch(loaded, time.monotonic() - begun)

    def _prepared(self) -> Loaded:
        registry = read_registry(self._loader.folder, self._loader.registry)
        have = self._scorer.lineup.models
        return self._loader.prepared(registry, have, self._scorer.recent())

    def _switch(self, loaded: Loaded, seconds: float) -> None:
        before = self._scorer.lineup
        if _plan(loaded.lineup) != _plan(before):
            self._scorer.serve(loaded.lineup)
            self._swapped = True
            self._metrics.model_swaps.labels(SERVICE, "done", "registry").inc()
            self._metrics.stage_seconds.labels(SERVICE, "load").observe(seconds)
            logger().info("models_changed", model=_named(loaded.lineup), seconds=round(seconds, 3))
        self._tell(loaded.refused)

    def _refuse(self, refusal: Refusal) -> None:
        self._tell((refusal,))

    def _tell(self, refused: tuple[Refusal, ...]) -> None:
        """Log and count what is refused now and was not before; show on ``/readyz`` how things are."""
        for one in refused:
            if one not in self._refused:
                self._metrics.model_swaps.labels(SERVICE, "refused", one.reason).inc()
                logger().error("model_refused", model=one.model, reason=one.reason, error=one.message)
        self._refused = refused
        self._metrics.model_refused.labels(SERVICE).set(bool(refused))
        detail = {"model": self._scorer.lineup.champion.name, "models": _named(self._scorer.lineup)}
        if refused:
            detail["refused"] = "; ".join(f"{one.model or 'registry'}: {one.message}" for one in refused)
        kept = {name: value for name, value in self._health.detail.items() if name not in {"models", "refused"}}
        # A new dictionary: the status port reads the old one in another thread.
        self._health.detail = {**kept, **detail}

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _plan(lineup: Lineup) -> tuple[object, ...]:
    return lineup.routes, lineup.shadows, lineup.plans


def _named(lineup: Lineup) -> str:
    """``champion both@1 (fast@1, accurate@1), shadow fast@3``."""
    named = []
    for role, model in lineup.roles():
        parts = ", ".join(part.name for part in parts_of(model))
        named.append(f"{role} {model.name}" + (f" ({parts})" if parts != model.name else ""))
    return ", ".join(named)
