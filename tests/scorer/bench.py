"""A scorer with its swapper on a models folder, without a broker: what the swap tests work on."""

from __future__ import annotations

from pathlib import Path

from mahlan.runtime.http import Health
from mahlan.runtime.metrics import build_metrics
from mahlan.scorer.record import SERVICE
from mahlan.scorer.worker import Scorer
from mahlan.scoring.loading import Loader
from mahlan.scoring.swap import Swapper
from tests.scorer.lineups import build_scorer, put_registry


class Bench:
    """``change`` writes the registry and lets the swapper look at it."""

    def __init__(self, models: Path, **loading: object) -> None:
        self.models = models
        self.metrics = build_metrics()
        self.health = Health()
        self.loader = Loader(models, **loading)
        self.scorer: Scorer = build_scorer(self.loader.first().lineup, self.metrics)
        self.swapper = Swapper(self.loader, self.scorer, self.metrics, self.health, service=SERVICE)
        self.swapper.begin()

    async def change(self, text: str) -> None:
        put_registry(self.models, text)
        await self.swapper.look()

    def sample(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, {"service": "scorer", **labels})

    def refusals(self, reason: str) -> float | None:
        return self.sample("mahlan_model_swaps_total", result="refused", reason=reason)

    def close(self) -> None:
        self.swapper.close()
        self.scorer.close()
