"""The model that ships: whole, as its golden file says, and alone what it is in company."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mahlan.core.normalise import normalise
from mahlan.scoring.check import check_folder
from mahlan.scoring.golden import read_golden
from mahlan.scoring.model import Model, Scores
from mahlan.scoring.registry import find_model

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(find_model(MODELS, "fast@1"))


def test_the_folder_passes_its_own_check() -> None:
    report = check_folder(find_model(MODELS, "fast@1"), seconds=0)
    assert report.ok, report.lines()
    assert report.findings == []
    assert report.golden_cases >= 50


def test_its_golden_file_has_every_language_and_both_sides() -> None:
    found = {(normalise(case.text).language, case.toxic) for case in read_golden(find_model(MODELS, "fast@1"))}
    assert found >= {(language, toxic) for language in ("arz", "ar", "arz-Latn", "en") for toxic in (True, False)}


def test_it_stays_small_and_names_what_it_learnt_from(model: Model) -> None:
    folder = find_model(MODELS, "fast@1")
    assert (folder / "model.onnx").stat().st_size < 5_000_000
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert all(source.licence and source.name in card for source in model.manifest.training)
    assert "python -m training.evaluate" in card


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60) | st.sampled_from(["يا حمار", "you idiot", "enta 7omar"]), max_size=12))
def test_a_score_does_not_depend_on_neighbours(model: Model, texts: list[str]) -> None:
    items = [normalise(text) for text in texts]
    assert model.score(items) == [model.score([item])[0] for item in items]


def test_a_text_as_long_as_the_window_is_scored(model: Model) -> None:
    (result,) = model.score([normalise("كلام " * 8_000)])
    assert isinstance(result, Scores)
