"""The evaluation's numbers: against scikit-learn, against counts done by hand, and honest where rows are few."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from mahlan.core.verdict import Limits, judge
from mahlan.errors import ScoreError
from mahlan.scoring.model import Scores
from tests.scoring.folders import comment
from tests.training.labelled import row, rows, said
from training.evaluation import measures
from training.evaluation.cells import answers, cells, measured
from training.evaluation.label_scores import label_lines
from training.evaluation.measures import Part, ones
from training.evaluation.resampling import draws, interval, mean_interval, spread
from training.evaluation.served import CHUNK, Scorer
from training.scores import calibration_error


@pytest.fixture(scope="module")
def part() -> Part:
    found = said(rows(300), seed=3, wrong=0.2)
    return Part(found.truth, found.score.round(1), found.said, found.score > 0.8)


@pytest.mark.parametrize("repeated", [False, True])
def test_measures_are_those_of_scikit_learn(part: Part, repeated: bool) -> None:
    counts = np.random.default_rng(1).integers(0, 3, len(part)) if repeated else np.ones(len(part), dtype=int)
    weights, drawn = counts[None, :].astype(float), part.at(np.repeat(np.arange(len(part)), counts))
    found = {name: float(getattr(measures, name)(part, weights)[0]) for name in
             ("macro_f1", "auc", "nudge_precision", "nudge_recall", "calibration_error", "right")}  # fmt: skip
    assert found == pytest.approx({
        "macro_f1": f1_score(drawn.truth, drawn.said, average="macro"),
        "auc": roc_auc_score(drawn.truth, drawn.score),
        "nudge_precision": precision_score(drawn.truth, drawn.nudged),
        "nudge_recall": recall_score(drawn.truth, drawn.nudged),
        "calibration_error": calibration_error(drawn.truth.astype(np.int64), drawn.score),
        "right": (drawn.truth == drawn.said).mean(),
    })  # fmt: skip


def test_precision_of_no_nudge_has_no_meaning(part: Part) -> None:
    silent = Part(part.truth, part.score, part.said, np.zeros(len(part), dtype=bool))
    assert isnan(measures.nudge_precision(silent, ones(silent))[0])
    assert measures.nudge_recall(silent, ones(silent))[0] == 0.0


def test_draws_are_seeded_and_keep_units_together() -> None:
    units = np.array([0, 0, 1, 2, 2, 2])
    found = np.concatenate(list(draws(units, "some", count=50)))
    again = np.concatenate(list(draws(units, "some", count=50)))
    assert np.array_equal(found, again)
    assert not np.array_equal(found, np.concatenate(list(draws(units, "other", count=50))))
    assert (found[:, 0] == found[:, 1]).all()
    assert (found[:, 3] == found[:, 5]).all()
    assert (found[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_the_interval_of_a_share_is_what_theory_says() -> None:
    values = np.array([1.0] * 160 + [0.0] * 40)
    low, high = mean_interval(values.tolist(), "share")
    assert (low, high) == pytest.approx((0.8 - 0.0554, 0.8 + 0.0554), abs=0.01)
    assert all(isnan(number) for number in mean_interval([1.0] * 4, "few"))


def test_draws_without_a_meaning_do_not_make_an_interval() -> None:
    assert all(isnan(number) for number in interval(np.array([np.nan] * 6 + [1.0] * 4)))
    assert interval(np.array([np.nan, *np.linspace(0, 1, 101)])) == pytest.approx((0.025, 0.975))


def test_the_bootstrap_agrees_with_itself_on_what_it_covers(part: Part) -> None:
    found = measured(part, "some")
    for name in ("macro_f1", "auc", "nudge_precision", "nudge_recall", "false_alarms", "right", "ece"):
        assert found[name].low <= found[name].value <= found[name].high, name
        assert found[name].high - found[name].low > 0.01, name


def test_ten_of_ten_is_not_certain() -> None:
    truth = np.array([True] * 10 + [False] * 10)
    found = measured(Part(truth, truth * 0.9, truth, truth), "perfect")
    assert found["nudge_precision"].value == pytest.approx(found["nudge_precision"].high) == 1.0
    assert found["nudge_precision"].low == pytest.approx(0.722, abs=0.001)


def test_a_part_with_few_of_a_class_has_no_f1() -> None:
    labelled = [row(1)] * 30 + [row(0)] * 9
    (whole,) = [cell for cell in cells(labelled, said(labelled, 1)) if cell.group == "all"]
    assert isnan(whole.measures["macro_f1"].value)
    assert isnan(whole.measures["auc"].value)
    assert whole.measures["right"].value > 0.7
    assert whole.as_dict()["macro_f1"] == [None, None, None]


def test_rows_spelled_by_machine_stand_by_their_source_alone() -> None:
    labelled = [*rows(40), row(1, "spelled", "arz-Latn", spelled=True)]
    found = {(cell.group, cell.name): cell.rows for cell in cells(labelled, said(labelled, 1))}
    assert found["source", "spelled"] == 1
    assert found["all", "all"] == found["language", "en"] == found["script", "Latn"] == 40
    assert found["length", "41 to 100"] == 40
    assert ("language", "arz-Latn") not in found


def test_a_row_that_cannot_be_scored_counts_as_let_through() -> None:
    limits = {"default": {"toxic": Limits(0.4, 0.6, 0.9)}}
    fine = Scores({"toxic": 0.7}, judge({"toxic": 0.7}, "en", limits))
    found = answers([row(1), row(1)], [ScoreError("no number", "$.readings"), fine])
    assert found.score.tolist() == [0.0, 0.7]
    assert found.said.tolist() == found.nudged.tolist() == [False, True]


def test_labels_count_only_rows_that_say_them() -> None:
    labelled = [row(place % 2, insult=place % 2) for place in range(40)] + [row(1)] * 5
    results = [
        Scores({"toxic": 0.1, "insult": 0.2 + 0.6 * (place % 2)}, judge({}, "en", {})) for place in range(len(labelled))
    ]
    results[0] = ScoreError("no number", "$.readings")
    toxic, insult, threat = label_lines(labelled, results, ("toxic", "insult", "threat"), ("insult",))
    assert (toxic.rows, toxic.auc.value, toxic.experimental) == (44, 0.5, False)
    assert (insult.rows, insult.having, insult.auc.value, insult.experimental) == (39, 20, 1.0, True)
    assert (threat.rows, isnan(threat.auc.value)) == (0, True)


def test_spread_measures_the_same_draws_for_all() -> None:
    first, second = spread({"a": lambda w: w[:, 0], "b": lambda w: w[:, 0]}, np.arange(7), "x").values()
    assert np.array_equal(first, second)


class Counting:
    """Says how long a text is, and remembers what it was asked."""

    name = "counting@1"
    labels = ("toxic",)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, items):
        self.asked += [item.readings[0].text for item in items]
        scores = [min(1.0, len(item.readings[0].text) / 1000) for item in items]
        return [Scores({"toxic": score}, judge({}, "en", {})) for score in scores]


def test_a_text_is_scored_once_and_answers_keep_their_order() -> None:
    model = Counting()
    scorer = Scorer(model, threads=2, quiet=True)
    texts = ["a" * (1 + number % 300) for number in range(2 * CHUNK + 10)]
    items = [comment(text) for text in texts]
    for _ in range(2):
        found = scorer.score(items)
        assert [round(one.scores["toxic"] * 1000) for one in found] == [len(text) for text in texts]
    assert sorted(model.asked) == sorted(set(texts))


def test_the_same_words_in_another_language_are_another_text() -> None:
    model = Counting()
    Scorer(model, quiet=True).score([comment("same"), comment("same", language="ar")])
    assert model.asked == ["same", "same"]
