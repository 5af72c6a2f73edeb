"""What cannot be served is refused: the old model goes on, and log, metrics and readyz say why without any text."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mahlan.runtime.logs import ALLOWED
from mahlan.scorer.record import SERVICE
from mahlan.scoring.loading import Loader
from mahlan.scoring.swap import Swapper
from tests.scorer.bench import Bench
from tests.scorer.lineups import BROKEN, STRICT, decided, put_model, put_registry


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
    swapper = Swapper(bench.loader, bench.scorer, bench.metrics, bench.health, service=SERVICE)
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
