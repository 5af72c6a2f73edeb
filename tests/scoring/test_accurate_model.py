"""The accurate model that ships: whole, as its golden file says, and in any company what it is alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.core.normalise import normalise
from mahlan.scoring.cascade import parts_of
from mahlan.scoring.check import check_folder
from mahlan.scoring.golden import read_golden
from mahlan.scoring.model import Model
from mahlan.scoring.served import find_served, load_served

MODELS = Path(__file__).resolve().parents[2] / "models"
ALIKE = 0.001
"""What was promised of a score alone and in any batch; dynamic int8 moves by more."""
LARGEST = 45_000_000
"""Bytes of graph and tokenizer."""


@pytest.fixture(scope="module")
def model() -> Model:
    return parts_of(load_served(find_served(MODELS)))[-1]


@pytest.fixture(scope="module")
def folder(model: Model) -> Path:
    return MODELS / model.name.replace("@", "/")


@pytest.fixture(scope="module")
def texts(folder: Path) -> list[str]:
    """Of every language, and one that is as long as the window and over."""
    return [case.text for case in read_golden(folder)] + ["كلام عادي جدا " * 100, "x", ""]


def test_the_folder_passes_its_own_check(folder: Path) -> None:
    report = check_folder(folder, seconds=0)
    assert report.ok, report.lines()
    assert report.findings == []
    assert report.golden_cases >= 50


def test_it_is_as_small_as_was_promised(folder: Path) -> None:
    assert sum((folder / name).stat().st_size for name in ("model.onnx", "tokenizer.json")) <= LARGEST


@pytest.mark.timeout(120)
def test_a_score_does_not_depend_on_neighbours(model: Model, texts: list[str]) -> None:
    alone = [model.score([normalise(text)])[0].scores for text in texts]
    numbers = st.integers(0, len(texts) - 1)

    @settings(max_examples=10, deadline=None)
    @given(st.lists(numbers, min_size=2, max_size=40))
    def held(chosen: list[int]) -> None:
        together = model.score([normalise(texts[number]) for number in chosen])
        for number, found in zip(chosen, together, strict=True):
            assert found.scores == pytest.approx(alone[number], abs=ALIKE)

    held()
