"""A cascade behind others' formats: each label from the part that has it, the verdict from the one that decided."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mahlan.core.normalise import normalise
from mahlan.scoring.cascade import Cascade
from mahlan.scoring.model import Scores
from mahlan.scoring.served import find_served, load_served
from tests.gateway.perspective import analyze
from tests.gateway.stage import ROOT, Stage

ATTRIBUTES = ("TOXICITY", "INSULT", "THREAT")
CALM = "thank you so much"
#: Of these the fast model settles the first two; the third it is not sure of.
TEXTS = ("shut up you moron", CALM, "nobody would miss you if you left")


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    served = load_served(find_served(ROOT / "models", "cascade@6"))
    assert isinstance(served, Cascade)
    return served


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(tmp_path, {"scorer_model": "cascade@6"}).running() as stage:
        yield stage


def alone(cascade: Cascade, text: str) -> tuple[Scores, Scores]:
    """What the cascade says of a text, and its accurate part by itself."""
    (whole,), (accurate,) = cascade.score([normalise(text)]), cascade.accurate.score([normalise(text)])
    assert isinstance(whole, Scores)
    assert isinstance(accurate, Scores)
    return whole, accurate


async def test_perspective_gets_every_attribute_that_a_part_scores(stage: Stage, cascade: Cascade) -> None:
    for text, decider in zip(TEXTS, ("fast@5", "fast@5", "accurate@6"), strict=True):
        whole, accurate = alone(cascade, text)
        assert whole.model == decider
        found = (await analyze(stage, text, *ATTRIBUTES)).json["attributeScores"]
        told = {name: scores["summaryScore"]["value"] for name, scores in found.items()}
        expected = {"TOXICITY": whole.scores["toxic"], "INSULT": accurate.scores["insult"],
                    "THREAT": accurate.scores["threat"]}  # fmt: skip
        assert told == pytest.approx(expected, abs=0.001)


async def test_the_accurate_part_is_asked_only_for_what_only_it_knows(stage: Stage, cascade: Cascade) -> None:
    def runs() -> float:
        value: Any = stage.metrics.model_seconds.labels("gateway", *cascade.accurate.name.split("@"))._sum.get()
        return float(value)

    before = runs()
    await analyze(stage, CALM, "TOXICITY")
    assert runs() == before
    await analyze(stage, CALM, "TOXICITY", "INSULT")
    assert runs() > before


async def test_moderations_have_every_category_and_the_same_verdict(stage: Stage, cascade: Cascade) -> None:
    answer = (await stage.ask("POST", "/v1/moderations", json={"input": list(TEXTS)})).json
    for text, result in zip(TEXTS, answer["results"], strict=True):
        whole, accurate = alone(cascade, text)
        scores = result["category_scores"]
        assert (scores["violence"], scores["hate"]) == pytest.approx(
            (accurate.scores["threat"], accurate.scores["identity_attack"]), abs=0.001
        )
        assert result["flagged"] == whole.verdict.toxic == any(result["categories"].values())


async def test_a_check_has_the_same_scores_as_the_stream(stage: Stage, cascade: Cascade) -> None:
    for text in TEXTS:
        whole, _ = alone(cascade, text)
        assert (await stage.check(text=text, record=False)).json["labels"] == pytest.approx(whole.scores, abs=0.001)


def test_who_tells_of_an_insult_is_not_asked_to_think_again(cascade: Cascade) -> None:
    """The fast model calls most of these toxic, by their words; it says itself that they may be mentioned only."""
    texts = ("someone keeps calling me an idiot", "he called me an idiot and I cried", "stop calling them animals",
             "قال لي يا غبي وزعلت", "2aly ya ghaby w ze3elt")  # fmt: skip
    for text in texts:
        (found,) = cascade.score([normalise(text)])
        assert isinstance(found, Scores)
        assert (found.verdict.band, found.model) == ("none", "accurate@6"), text
    (meant,) = cascade.score([normalise("you idiot")])
    assert isinstance(meant, Scores)
    assert (meant.verdict.band, meant.model) == ("high", "fast@5")
