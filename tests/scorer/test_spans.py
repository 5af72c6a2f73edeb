"""The words a verdict rests on travel with it, and never cost it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mahlan.campaign_files import load_campaigns
from mahlan.core.campaign import least_band
from mahlan.runtime.settings import Settings
from mahlan.scoring.deciding import decide_scores
from mahlan.scoring.lineup import alone
from mahlan.scoring.model import Model, Scores
from mahlan.scoring.registry import find_model
from tests.scorer.lineups import comment

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(find_model(MODELS, "fast@1"))


def spans(model: Model, *texts: str, asked: str = "medium") -> list[tuple[tuple[int, int], ...]]:
    found = decide_scores(alone(model), [comment(n, text) for n, text in enumerate(texts)], asked)
    assert all(isinstance(one.outcome, Scores) for one in found)
    return [one.outcome.spans for one in found]


def test_what_decides_tells_its_words(model: Model) -> None:
    assert spans(model, "you stupid idiot", "what a lovely day") == [((4, 10), (11, 16)), ()]


def test_a_verdict_is_not_lost_for_its_words(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(model, "explain_ids", broken)
    assert spans(model, "you stupid idiot", "what a lovely day") == [(), ()]


def test_the_lowest_band_of_any_campaign_counts() -> None:
    campaigns = list(load_campaigns(Settings()).values())
    assert least_band(campaigns) == "medium"
    assert least_band([]) == "medium"
    eager = replace(campaigns[0], nudge=replace(campaigns[0].nudge, band="high", band_by_language={"en": "low"}))
    assert least_band([*campaigns, eager]) == "low"
    assert least_band([replace(eager, nudge=replace(eager.nudge, band_by_language={}))]) == "high"
