"""Execution providers: asked for by name, there or not, started or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mahlan.errors import ModelError
from mahlan.runtime.settings import Settings
from mahlan.scoring import onnx
from mahlan.scoring.loading import Loader, build_loader
from mahlan.scoring.model import Model
from mahlan.scoring.onnx import CPU, named_providers
from tests.scorer.bench import Bench
from tests.scorer.lineups import decided, put_model, put_registry
from tests.scoring.cascades import ENTRY, FAST, put_part, put_parts
from tests.scoring.folders import Export

CUDA = "CUDAExecutionProvider"


OPENVINO = "OpenVINOExecutionProvider"


class HalfInstalled:
    """An onnxruntime built with CUDA, on a machine without a device: it warns and takes the CPU."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def get_available_providers(self) -> list[str]:
        return [CUDA, CPU]

    def InferenceSession(self, model: bytes, options: object, providers: list[str]) -> object:
        return self.real.InferenceSession(model, options, providers=[CPU])


class Other(HalfInstalled):
    """An onnxruntime with OpenVINO, which cannot read a graph that has ``unread`` in its bytes."""

    def __init__(self, real: Any, unread: bytes = b"nothing of the kind") -> None:
        super().__init__(real)
        self.unread = unread

    def get_available_providers(self) -> list[str]:
        return [OPENVINO, CPU]

    def InferenceSession(self, model: bytes, options: object, providers: list[str]) -> object:
        if OPENVINO in providers and self.unread in model:
            raise RuntimeError("OpenVINO cannot translate ScatterND")
        return Running(self.real.InferenceSession(model, options, providers=[CPU]), providers)


class Running:
    """A session that tells other providers than it has."""

    def __init__(self, session: Any, providers: list[str]) -> None:
        self.session = session
        self.get_providers = lambda: providers

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)


def installed(monkeypatch: pytest.MonkeyPatch, kind: type[HalfInstalled], *given: bytes) -> None:
    runtime = kind(onnx._runtime(), *given)
    monkeypatch.setattr(onnx, "_runtime", lambda: runtime)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Export().write(tmp_path / "words" / "1")


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        (CPU, (CPU,)),
        ("CUDA,CPU", (CUDA, CPU)),
        (f" {CUDA} , {CPU} ", (CUDA, CPU)),
        (" , ", (CPU,)),
    ],
)
def test_the_setting_names_them_in_order(setting: str, names: tuple[str, ...]) -> None:
    assert named_providers(setting) == names
    assert build_loader(Settings(scorer_providers=setting)).providers == names


def test_one_that_is_not_installed_is_named_with_the_nearest(folder: Path) -> None:
    with pytest.raises(
        ModelError, match=r"CUPExecutionProvider is not installed here \(did you mean 'CPU'\?\); there are "
    ):
        Model.load(folder, providers=named_providers("CUP"))


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("CUDA,CPU", f"{CUDA} is not installed here: install an onnxruntime built with it; there are "),
        ("CUDDA", r"CUDDAExecutionProvider is not installed here \(did you mean 'CUDA'\?\); there are "),
        ("Frob", "FrobExecutionProvider is not installed here; there are "),
    ],
)
def test_one_that_there_is_elsewhere_is_no_misspelling(folder: Path, setting: str, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        Model.load(folder, providers=named_providers(setting))


def test_one_that_does_not_start_is_an_error_not_a_slow_surprise(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, HalfInstalled)
    with pytest.raises(ModelError, match="CUDAExecutionProvider is installed but could not start"):
        Model.load(folder, providers=(CUDA, CPU))
    assert Model.load(folder, providers=(CPU,)).providers == (CPU,)


@pytest.mark.parametrize("setting", ["CUDA,CPU", "OpenVINO,CPU", "OpenVINO"])
def test_a_scorer_does_not_start_without_one_that_was_asked_for(folder: Path, setting: str) -> None:
    (folder.parents[1] / "registry.toml").write_text('champion = "words@1"\n')
    loader = build_loader(Settings(models_dir=str(folder.parents[1]), scorer_providers=setting))
    absent = named_providers(setting)[0]
    with pytest.raises(
        ModelError, match=f"words@1 cannot be served: .*{absent} is not installed here.*there are .*{CPU}"
    ):
        loader.first()


async def test_one_that_went_missing_refuses_the_change_and_is_counted(tmp_path: Path) -> None:
    for version in ("1", "2"):
        put_model(tmp_path, f"words@{version}")
    put_registry(tmp_path, 'champion = "words@1"\n')
    bench = Bench(tmp_path)
    bench.swapper._loader = Loader(tmp_path, providers=(CUDA, CPU))
    await bench.change('champion = "words@2"\n')
    assert bench.refusals("folder") == bench.sample("mahlan_model_refused") == 1
    assert f"words@2: execution provider {CUDA} is not installed here" in bench.health.detail["refused"]
    assert await decided(bench.scorer, "rude") == [("words@1", True)]
    bench.close()


def test_a_graph_that_one_cannot_read_runs_on_the_next_or_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, Other, b"Gather")
    assert Model.load(folder, providers=(OPENVINO, CPU)).providers == (CPU,)
    with pytest.raises(
        ModelError, match=r"by OpenVINOExecutionProvider \(name CPU after it.*cannot translate ScatterND"
    ):
        Model.load(folder, providers=(OPENVINO,))


async def test_the_metric_tells_where_each_part_really_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a cascade the accurate part may run where the fast part cannot."""
    put_parts(tmp_path)
    put_part(tmp_path, "fast@1", replace(FAST, name="a graph it cannot read"))
    put_registry(tmp_path, f'champion = "both@1"\n{ENTRY}')
    installed(monkeypatch, Other, b"a graph it cannot read")
    bench = Bench(tmp_path, providers=(OPENVINO, CPU))
    for part, provider in (("fast", CPU), ("accurate", OPENVINO)):
        labels = {"model": part, "version": "1", "role": "part", "provider": provider}
        assert bench.sample("mahlan_model_info", **labels) == 1
    bench.close()
