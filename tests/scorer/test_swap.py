"""A change of the registry while comments flow: applied between two batches, or refused and said so."""

from __future__ import annotations

import asyncio
import shutil
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs

from mahlan.runtime.http import Health
from mahlan.runtime.logs import ALLOWED
from mahlan.runtime.metrics import build_metrics
from mahlan.scorer.swap import Swapper
from mahlan.scorer.worker import Scorer
from mahlan.scoring.loading import Loader
from tests.scorer.lineups import BROKEN, STRICT, build_scorer, decided, put_model, put_registry, records

SHIPPED = Path(__file__).resolve().parents[2] / "models"


class Bench:
    """A scorer with its swapper, on a folder with words@1 and a stricter words@2."""

    def __init__(self, models: Path, **loading: object) -> None:
        self.models = models
        self.metrics = build_metrics()
        self.health = Health()
        self.loader = Loader(models, **loading)
        self.scorer: Scorer = build_scorer(self.loader.first().lineup, self.metrics)
        self.swapper = Swapper(self.loader, self.scorer, self.metrics, self.health)
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


@pytest.fixture
def models(tmp_path: Path) -> Path:
    put_model(tmp_path, "words@1", golden={"rude": True, "odd": False})
    put_model(tmp_path, "words@2", STRICT, golden={"rude": True, "odd": True})
    put_registry(tmp_path, 'champion = "words@1"\n')
    return tmp_path


@pytest.fixture
def bench(models: Path) -> Iterator[Bench]:
    bench = Bench(models)
    yield bench
    bench.close()


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
    assert after[-1] - before < size, "eight more models have come and gone"


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


def spoil_sum(models: Path) -> None:
    with (models / "words" / "2" / "model.onnx").open("ab") as file:
        file.write(b"0")


def misname(models: Path) -> None:
    manifest = models / "words" / "2" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('version = "2"', 'version = "3"'))


SPOILT = [
    ("registry", lambda models: put_registry(models, "champion = \n")),
    ("registry", lambda models: put_registry(models, 'champion = "words@2"\nshadwo = []\n')),
    ("registry", lambda models: (models / "registry.toml").unlink()),
    ("folder", lambda models: shutil.rmtree(models / "words" / "2")),
    ("folder", misname),
    ("folder", spoil_sum),
    ("golden", lambda models: put_model(models, "words@2", STRICT, golden={"odd": False})),
    ("self_test", lambda models: put_model(models, "words@2", BROKEN)),
]


@pytest.mark.parametrize(("reason", "spoil"), SPOILT)
async def test_what_cannot_be_served_leaves_the_old_model_serving(bench, models, reason, spoil):
    await decided(bench.scorer, "rude", "odd")
    put_registry(models, 'champion = "words@2"\n')
    (models / "words" / "2" / "golden.jsonl").unlink()
    spoil(models)
    with capture_logs() as lines:
        await bench.swapper.look()
        await bench.swapper.look()
    assert await decided(bench.scorer, "odd") == [("words@1", False)]
    assert bench.refusals(reason) == 1
    assert bench.sample("mahlan_model_refused") == 1
    assert bench.health.detail["model"] == "words@1"
    assert bench.health.detail["refused"]
    [line] = [line for line in lines if line["event"] == "model_refused"]
    assert line["reason"] == reason
    assert set(line) - {"log_level"} <= ALLOWED


async def test_a_model_that_is_too_slow_is_refused(models):
    bench = Bench(models, slowest=1e-9, pinned="words@1")
    bench.loader = Loader(models, slowest=1e-9)
    swapper = Swapper(bench.loader, bench.scorer, bench.metrics, bench.health)
    put_registry(models, 'champion = "words@2"\n')
    await swapper.look()
    assert bench.refusals("slow") == 1
    assert "MAHLAN_SCORER_SLOWEST" in bench.health.detail["refused"]
    swapper.close()
    bench.close()


async def test_no_text_is_told_of_a_refusal(bench, models):
    await decided(bench.scorer, "rude canaryword")
    put_model(models, "words@2", BROKEN, golden={"rude canarygolden": True})
    with capture_logs() as lines:
        await bench.change('champion = "words@2"\n')
    assert bench.sample("mahlan_model_refused") == 1
    assert "canary" not in str(lines) + str(bench.health.detail)


async def test_a_repaired_folder_is_served_without_another_change(bench, models):
    put_model(models, "words@2", BROKEN, golden={"rude": True})
    await bench.change('champion = "words@2"\n')
    assert bench.scorer.lineup.champion.name == "words@1"
    put_model(models, "words@2", STRICT)
    await bench.swapper.look()
    assert bench.scorer.lineup.champion.name == "words@2"
    assert bench.sample("mahlan_model_refused") == 0
    assert "refused" not in bench.health.detail


async def test_taking_a_refused_change_back_clears_the_refusal(bench):
    await bench.change('champion = "wrods@2"\n')
    assert "did you mean words@2?" in bench.health.detail["refused"]
    await bench.change('champion = "words@1"\n')
    assert bench.sample("mahlan_model_refused") == 0
    assert bench.scorer.lineup.champion.name == "words@1"


async def test_a_fault_of_ours_leaves_the_old_model_serving(bench):
    def fail(*_: object) -> None:
        raise RuntimeError("canary of a fault")

    bench.swapper._prepared = fail
    await bench.change('champion = "words@2"\n')
    assert bench.refusals("internal_error") == 1
    assert await decided(bench.scorer, "odd") == [("words@1", False)]
    assert "canary" not in str(bench.health.detail)


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
