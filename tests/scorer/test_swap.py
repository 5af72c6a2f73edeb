"""A change of the registry while comments flow: applied between two batches, or refused and said so."""

from __future__ import annotations

import asyncio
import shutil
import threading
import weakref
from pathlib import Path

import psutil

from tests.scorer.bench import Bench
from tests.scorer.lineups import decided, put_model, put_registry, records

SHIPPED = Path(__file__).resolve().parents[2] / "models"


async def test_the_next_batch_is_scored_by_the_new_champion(bench):
    assert await decided(bench.scorer, "odd") == [("words@1", False)]
    await bench.change('champion = "words@2"\n')
    assert await decided(bench.scorer, "odd") == [("words@2", True)]
    assert bench.sample("mahlan_model_swaps_total", result="done", reason="registry") == 1
    assert bench.health.detail["model"] == "words@2"
    told = {"role": "champion", "provider": "CPUExecutionProvider", "model": "words"}
    assert bench.sample("mahlan_model_info", version="2", **told) == 1
    assert bench.sample("mahlan_model_info", version="1", **told) is None


async def test_a_batch_on_its_way_is_finished_by_the_model_it_began_with(bench):
    entered, go = threading.Event(), threading.Event()
    model = bench.scorer.lineup.champion
    score = model.score

    def slowly(items):
        entered.set()
        go.wait(30)
        return score(items)

    model.score = slowly
    batch = asyncio.create_task(decided(bench.scorer, "odd", "rude"))
    await asyncio.to_thread(entered.wait, 30)
    await bench.change('champion = "words@2"\n')
    go.set()
    assert await batch == [("words@1", False), ("words@1", True)]
    assert await decided(bench.scorer, "odd") == [("words@2", True)]


async def test_a_look_without_a_change_does_nothing(bench):
    await bench.swapper.look()
    before = bench.scorer.lineup
    await bench.swapper.look()
    assert bench.scorer.lineup is before
    assert bench.sample("mahlan_model_swaps_total", result="done", reason="registry") is None


async def test_the_old_model_leaves_the_memory(bench):
    await decided(bench.scorer, "odd")
    old = weakref.ref(bench.scorer.lineup.champion)
    session = weakref.ref(bench.scorer.lineup.champion._session)
    await bench.change('champion = "words@2"\n')
    await decided(bench.scorer, "odd")
    assert old() is None
    assert session() is None


async def test_many_swaps_leave_the_memory_of_one_model(tmp_path):
    for version in ("1", "2"):
        put_model(tmp_path, f"words@{version}", known=2_000_000)
    put_registry(tmp_path, 'champion = "words@1"\n')
    size = (tmp_path / "words" / "1" / "model.onnx").stat().st_size
    bench = Bench(tmp_path)
    process = psutil.Process()

    async def round_trip() -> int:
        for version in ("2", "1"):
            await bench.change(f'champion = "words@{version}"\n')
            await decided(bench.scorer, "odd")
            await bench.swapper.look()
            await bench.swapper.look()
        return process.memory_info().rss

    before = await round_trip()
    after = [await round_trip() for _ in range(4)]
    bench.close()
    # Eight more models have come and gone; what the allocator keeps at hand is less than half of them.
    assert after[-1] - before < 4 * size


async def test_models_of_another_make_follow_each_other(models):
    """A three-label softmax export, then a hashed linear one with a sigmoid: the manifest is all that differs."""
    shutil.copytree(SHIPPED / "fast" / "1", models / "fast" / "1")
    bench = Bench(models)
    for name in ("fast@1", "words@1", "fast@1"):
        await bench.change(f'champion = "{name}"\n')
        assert bench.sample("mahlan_model_refused") == 0, bench.health.detail
        assert [model for model, _ in await decided(bench.scorer, "rude", "انت غبي")] == [name] * 2
    assert await decided(bench.scorer, "انت غبي", "صباح الخير") == [("fast@1", True), ("fast@1", False)]
    bench.close()


async def test_a_config_map_changes_by_a_link(models, tmp_path):
    mount = tmp_path / "mount"
    for name, text in (("first", 'champion = "words@1"\n'), ("second", 'champion = "words@2"\n')):
        (mount / name).mkdir(parents=True)
        (mount / name / "registry.toml").write_text(text)
    (mount / "..data").symlink_to("first")
    (mount / "registry.toml").symlink_to("..data/registry.toml")
    bench = Bench(models, registry=mount / "registry.toml")
    (mount / "..new").symlink_to("second")
    (mount / "..new").replace(mount / "..data")
    await bench.swapper.look()
    assert await decided(bench.scorer, "odd") == [("words@2", True)]
    bench.close()


async def test_many_changes_in_a_row_lose_no_comment(bench):
    found: list[tuple[str, bool]] = []
    for number in range(10):
        await asyncio.gather(
            bench.change(f'champion = "words@{2 - number % 2}"\n'),
            *(bench.scorer.transform(records("odd", "rude")) for _ in range(5)),
        )
        found += await decided(bench.scorer, "odd")
    assert found == [("words@2", True), ("words@1", False)] * 5
