"""The models of the start leave the memory like any others, in each service that scores as it really runs."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mahlan.gateway import app as gateway
from mahlan.local.probe import free_port
from mahlan.runtime.http import Health
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.service import Runtime
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs
from mahlan.scorer import app as scorer
from mahlan.scoring.loading import Loaded, Loader
from tests.scorer.lineups import put_registry

PATIENCE = 20.0


@pytest.fixture
def first(monkeypatch) -> list[weakref.ref]:
    """Weak references to the models that services began with."""
    seen: list[weakref.ref] = []
    load = Loader.first

    def noted(loader: Loader) -> Loaded:
        loaded = load(loader)
        seen.append(weakref.ref(loaded.lineup.champion))
        return loaded

    monkeypatch.setattr(Loader, "first", noted)
    return seen


def settings(models: Path) -> Settings:
    return Settings(
        models_dir=str(models),
        scorer_registry_poll=0.02,
        author_salt="a salt for tests",
        gateway_auth="off",
        gateway_port=free_port(),
        gateway_spool=str(models / "gateway.spool"),
        partitions=2,
    )


@pytest.mark.parametrize("run", [scorer.run, gateway.run], ids=["scorer", "gateway"])
async def test_the_first_model_leaves_the_memory(run: Callable[[Runtime], Awaitable[None]], models, first) -> None:
    given = settings(models)
    broker, health, stop = MemoryBroker(), Health(), asyncio.Event()
    await broker.create_topics(topic_specs(given))
    working = asyncio.ensure_future(run(Runtime("test", given, broker, build_metrics(), health, stop)))
    try:
        async with asyncio.timeout(PATIENCE):
            while not health.ready and not working.done():
                await asyncio.sleep(0.01)
            put_registry(models, 'champion = "words@2"\n')
            while health.detail["model"] != "words@2":
                await asyncio.sleep(0.01)
        gc.collect()
        assert [model() for model in first] == [None]
    finally:
        stop.set()
        await working
