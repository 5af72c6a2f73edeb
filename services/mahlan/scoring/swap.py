"""Applies changes of the model registry while comments flow. Run beside the work of each service that scores.

Looks every second; loads and tests in a thread of its own; who serves switches between two batches. Whatever goes
wrong, the models that serve go on serving, and the log, the metrics and ``/readyz`` say why.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from mahlan.errors import ModelError
from mahlan.runtime.http import Health
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.scoring.cascade import parts_of
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.loading import Loaded, Loader, Refusal, RefusedError
from mahlan.scoring.memory import return_freed
from mahlan.scoring.model import Scorable
from mahlan.scoring.registry import read_registry


class Serving(Protocol):
    """Whoever scores: the scorer and the gateway do."""

    @property
    def lineup(self) -> Lineup:
        """The models in use."""
        ...

    def serve(self, lineup: Lineup) -> None:
        """From the next batch on these; a batch on its way is finished by those it began with."""
        ...

    def recent(self) -> Sequence[Scorable]:
        """Comments that came in lately, to try a new model on."""
        ...


class Swapper:
    """Keeps what is served as the registry says.

    ``service`` is its name in metrics, ``every`` the seconds between two looks.
    """

    def __init__(
        self,
        loader: Loader,
        serving: Serving,
        metrics: Metrics,
        health: Health,
        *,
        service: str,
        every: float = 1.0,
    ) -> None:
        self._loader = loader
        self._serving = serving
        self._service = service
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
            mark = await loop.run_in_executor(self._thread, self._loader.mark, tuple(self._serving.lineup.models))
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
        have = self._serving.lineup.models
        return self._loader.prepared(registry, have, self._serving.recent())

    def _switch(self, loaded: Loaded, seconds: float) -> None:
        before = self._serving.lineup
        if _plan(loaded.lineup) != _plan(before):
            self._serving.serve(loaded.lineup)
            self._swapped = True
            self._metrics.model_swaps.labels(self._service, "done", "registry").inc()
            self._metrics.stage_seconds.labels(self._service, "load").observe(seconds)
            logger().info("models_changed", model=_named(loaded.lineup), seconds=round(seconds, 3))
        self._tell(loaded.refused)

    def _refuse(self, refusal: Refusal) -> None:
        self._tell((refusal,))

    def _tell(self, refused: tuple[Refusal, ...]) -> None:
        """Log and count what is refused now and was not before; show on ``/readyz`` how things are."""
        for one in refused:
            if one not in self._refused:
                self._metrics.model_swaps.labels(self._service, "refused", one.reason).inc()
                logger().error("model_refused", model=one.model, reason=one.reason, error=one.message)
        self._refused = refused
        self._metrics.model_refused.labels(self._service).set(bool(refused))
        detail = {"model": self._serving.lineup.champion.name, "models": _named(self._serving.lineup)}
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
