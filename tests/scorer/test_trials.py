"""A canary and a shadow put on and taken off by the command's own change, while a scorer runs."""

from __future__ import annotations

from datetime import UTC, datetime

from mahlan.scoring.changes import Place
from mahlan.scoring.trials import end_canary, end_shadow, start_canary, start_shadow
from tests.scorer.lineups import decided

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def test_a_canary_decides_until_it_is_taken_off_and_then_leaves_the_memory(bench, models):
    start_canary(Place(models), "words@2", share=1.0, reason="try it", at=NOW)
    await bench.swapper.look()
    assert await decided(bench.scorer, "odd") == [("words@2", True)]
    end_canary(Place(models), reason="enough", at=NOW)
    await bench.swapper.look()
    assert await decided(bench.scorer, "odd") == [("words@1", False)]
    assert set(bench.scorer.lineup.models) == {"words@1"}


async def test_a_shadow_never_decides_and_leaves_the_memory_too(bench, models):
    start_shadow(Place(models), "words@2", reason="compare", at=NOW)
    await bench.swapper.look()
    assert bench.scorer.lineup.shadows == ("words@2",)
    assert await decided(bench.scorer, "odd") == [("words@1", False)]
    end_shadow(Place(models), "words@2", reason="enough", at=NOW)
    await bench.swapper.look()
    assert set(bench.scorer.lineup.models) == {"words@1"}
