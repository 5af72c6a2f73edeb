"""Execution providers: asked for by name, there or not, started or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mahlan.errors import ModelError
from mahlan.runtime.settings import Settings
from mahlan.scoring import onnx
from mahlan.scoring.loading import build_loader
from mahlan.scoring.model import Model
from mahlan.scoring.onnx import CPU, named_providers
from tests.scoring.folders import Export

CUDA = "CUDAExecutionProvider"


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
    with pytest.raises(ModelError, match=r"CUPExecutionProvider is not installed here \(did you mean 'CPUExec"):
        Model.load(folder, providers=named_providers("CUP"))


def test_one_that_does_not_start_is_an_error_not_a_slow_surprise(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half = HalfInstalled(onnx._runtime())
    monkeypatch.setattr(onnx, "_runtime", lambda: half)
    with pytest.raises(ModelError, match="CUDAExecutionProvider is installed but could not start"):
        Model.load(folder, providers=(CUDA, CPU))
    assert Model.load(folder, providers=(CPU,)).providers == (CPU,)
