"""A cascade gives what one of its parts gives: the fast one outside the band, the accurate one inside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.core.normalise import normalise
from mahlan.errors import ModelError, ScoreError
from mahlan.scoring.cascade import UNSEEN, Cascade
from mahlan.scoring.model import Model, Scores
from mahlan.scoring.plan import Doubt
from mahlan.scoring.probabilities import logit, sigmoid
from mahlan.scoring.spans import with_spans
from tests.scoring.cascades import ACCURATE, FAST, INPUTS, build_cascade, plan, put_part, put_parts
from tests.scoring.folders import Export, comment
from tests.scoring.test_spans import SHARES, Telling

WORDS = ("kind", "rude", "vile", "odd", "hello")
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
COMMENTS = st.builds(
    lambda texts, language: comment(*texts, language=language),
    st.lists(TEXTS, min_size=1, max_size=2),
    st.sampled_from(["en", "arz", "arz-Latn"]),
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put_parts(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def parts(models: Path) -> tuple[Model, Model]:
    return Model.load(models / "fast" / "1"), Model.load(models / "accurate" / "1")


def bare(found: object) -> object:
    """The result without what the fast model had said before."""
    return replace(found, first=None) if isinstance(found, Scores) else found


@settings(max_examples=60, deadline=None)
@given(
    items=st.lists(COMMENTS, min_size=1, max_size=12),
    band=st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted).map(tuple),
)
def test_outside_the_band_it_is_the_fast_model_and_inside_the_accurate_one(parts, items, band) -> None:
    fast, accurate = parts
    cascade = Cascade("both@1", plan(band=band), fast, accurate)
    together = cascade.score(items)
    for item, found in zip(items, together, strict=True):
        (first,), (second,) = fast.score([item]), accurate.score([item])
        inside = band[0] <= first.scores["toxic"] <= band[1]
        assert bare(found) == (second if inside else first)
        assert found.first == (first if inside else None)
        assert cascade.score([item]) == [found], "whatever it is batched with"


def test_each_part_is_asked_once_and_the_accurate_one_only_for_what_is_open(models) -> None:
    cascade = build_cascade(models)
    asked: list[tuple[str, int]] = []

    def run(model, items):
        asked.append((model.name, len(items)))
        return model.score(items)

    texts = ["kind", "odd", "rude", "odd odd", "kind kind", "hello"]
    found = cascade.score([comment(text) for text in texts], run)
    assert asked == [("fast@1", 6), ("accurate@1", 3)]
    assert [one.model for one in found] == [
        "fast@1", "accurate@1", "fast@1", "accurate@1", "fast@1", "accurate@1",
    ]  # fmt: skip
    asked.clear()
    cascade.score([comment("kind")], run)
    assert asked == [("fast@1", 1)], "and not at all for nothing"
    assert cascade.score([]) == []


def test_a_label_that_the_fast_model_lacks_is_absent_where_it_settles(models) -> None:
    settled, asked = build_cascade(models).score([comment("rude"), comment("odd")])
    assert settled.scores.keys() == {"toxic"}
    assert asked.scores.keys() == {"toxic", "insult"}


def test_outside_the_band_the_accurate_model_decides_on_what_the_fast_one_doubts(tmp_path) -> None:
    put_parts(tmp_path)
    rows = {"kind": (-3.0, -3.0), "rude": (3.0, 3.0), "vile": (-3.0, 1.0), "[UNK]": (-1.5, -3.0)}
    folder = put_part(tmp_path, "fast@1", replace(FAST, labels=("toxic", "implicit"), rows=rows))
    text = (folder / "manifest.toml").read_text().replace("schema = 1\n", 'schema = 1\nexperimental = ["implicit"]\n')
    (folder / "manifest.toml").write_text(text)
    items = [comment(text) for text in ("kind", "vile", "rude", "hello")]
    cascade = build_cascade(tmp_path, band=(0.1, 0.9), doubt=Doubt("implicit", 0.5))
    assert [one.model for one in cascade.score(items)] == ["fast@1", "accurate@1", "fast@1", "accurate@1"]
    assert [cascade.stage(item, one) for item, one in zip(items, cascade.score(items), strict=True)][1] == "escalated"
    hidden = cascade.score([comment("kind", disguises=1), replace(comment("kind"), slips=2)])
    assert [one.model for one in hidden] == ["accurate@1"] * 2, "who hides words is looked at twice"
    without = build_cascade(tmp_path, band=(0.1, 0.9))
    assert without.score([comment("kind", disguises=1)])[0].model == "fast@1"
    assert [one.model for one in without.score(items)] == ["fast@1", "fast@1", "fast@1", "accurate@1"]
    above = build_cascade(tmp_path, band=(0.1, 0.9), doubt_above=Doubt("implicit", 0.95))
    assert [one.model for one in above.score(items)] == ["fast@1", "fast@1", "accurate@1", "accurate@1"]
    surer = build_cascade(tmp_path, band=(0.1, 0.9), doubt=Doubt("implicit", 0.5), doubt_above=Doubt("implicit", 0.96))
    rude = surer.score([comment("rude"), comment("rude", disguises=1)])
    assert [one.model for one in rude] == ["fast@1"] * 2, "who hides words it calls toxic is not looked at twice"
    with pytest.raises(
        ModelError, match=r"doubt_above\.label: fast@1 has no label implict \(did you mean 'implicit'\?\)"
    ):
        build_cascade(tmp_path, doubt_above=Doubt("implict", 0.5))
    with pytest.raises(ModelError, match=r"doubt\.label: fast@1 has no label implict \(did you mean 'implicit'\?\)"):
        build_cascade(tmp_path, doubt=Doubt("implict", 0.5))


def test_both_ends_of_the_band_are_inside(models) -> None:
    (said,) = Model.load(models / "fast" / "1").score([comment("odd")])
    score = said.scores["toxic"]
    for band, inside in (((score, 1.0), True), ((0.0, score), True), ((score + 1e-6, 1.0), False)):
        (found,) = build_cascade(models, band=band).score([comment("odd")])
        assert (found.model == "accurate@1") is inside


def test_a_language_has_its_own_band_or_that_of_its_fallback(models) -> None:
    cascade = build_cascade(models, band={"default": (0.9, 1.0), "ar": (0.4, 0.6)})
    items = [comment("odd", language=language) for language in ("en", "mixed", "ar", "arz", "arz-Latn")]
    assert [found.model for found in cascade.score(items)] == ["fast@1"] * 2 + ["accurate@1"] * 3


def test_stacking_averages_log_odds_inside_the_band_only(models, parts) -> None:
    cascade = build_cascade(models, weight_fast=0.25, scale=2.0, offset=-0.5)
    items = [comment("odd hello"), comment("rude")]
    inside, outside = cascade.score(items)
    fast, accurate = (part.score(items)[0].scores for part in parts)
    mixed = 0.25 * logit(np.array([fast["toxic"]])) + 0.75 * logit(np.array([accurate["toxic"]]))
    assert inside.scores["toxic"] == pytest.approx(float(sigmoid(2.0 * mixed - 0.5)[0]), abs=1e-6)
    assert inside.scores["insult"] == accurate["insult"]
    assert inside.model == "both@1", "neither part alone says this number"
    assert outside == parts[0].score(items)[1]


def test_in_doubt_outside_the_band_the_accurate_model_decides_alone(models, parts) -> None:
    cascade = build_cascade(
        models, band=(0.4, 0.9), doubt=Doubt("toxic", 0.0), doubt_above=Doubt("toxic", 0.0), weight_fast=0.25
    )
    below, inside, over = comment("kind"), comment("odd"), comment("rude")
    found = cascade.score([below, inside, over])
    assert [one.model for one in found] == ["accurate@1", "both@1", "accurate@1"]
    for item, one in ((below, found[0]), (over, found[2])):
        assert replace(one, first=None) == parts[1].score([item])[0]


def test_the_verdict_of_stacked_scores_is_by_the_accurate_models_limits(models) -> None:
    (high,) = build_cascade(models, weight_fast=0.1, offset=5.0).score([comment("odd")])
    (low,) = build_cascade(models, weight_fast=0.1, offset=-9.0).score([comment("odd")])
    assert (high.verdict.toxic, high.verdict.label, high.verdict.band) == (True, "toxic", "high")
    assert low.verdict.label != "toxic"


def test_where_one_part_has_no_score_the_other_decides(models, tmp_path) -> None:
    nan = float("nan")
    put_part(tmp_path, "fast@1", FAST)
    put_part(tmp_path, "accurate@1", replace(ACCURATE, rows={**ACCURATE.rows, "odd": (nan, nan)}))
    cascade = build_cascade(tmp_path)
    (found,) = cascade.score([comment("odd")])
    assert (found.model, found.first) == ("fast@1", None)
    assert cascade.stage(comment("odd"), found) == "fell_back"
    put_part(tmp_path, "fast@1", replace(FAST, rows={**FAST.rows, "odd": (nan,), "kind": (nan,)}))
    cascade = build_cascade(tmp_path)
    kind, odd = cascade.score([comment("kind"), comment("odd")])
    assert kind.model == "accurate@1"
    assert cascade.stage(comment("kind"), kind) == "escalated"
    assert isinstance(odd, ScoreError)


def test_the_stages_are_told(models) -> None:
    cascade = build_cascade(models)
    items = [comment("rude"), comment("odd")]
    told = [cascade.stage(item, one) for item, one in zip(items, cascade.score(items), strict=True)]
    assert told == ["settled", "escalated"]


def test_a_comment_has_the_words_of_the_model_that_decided(models) -> None:
    cascade = build_cascade(models)
    items = [normalise("rude odd"), normalise("odd hello rude")]
    found = with_spans(cascade, items, cascade.score(items), "low")
    assert [one.model for one in found] == ["fast@1", "accurate@1"]
    assert [one.spans for one in found] == [((0, 4),), ((0, 3),)]
    assert found[1].first is not None


def test_where_the_fast_models_graph_tells_words_they_are_marked_unless_it_saw_next_to_nothing(tmp_path) -> None:
    put_parts(tmp_path)
    rows = {**FAST.rows, "odd": (-3.0,)}
    telling = Telling(labels=("toxic",), inputs=INPUTS, activation="sigmoid", rows=rows)
    manifest = put_part(tmp_path, "fast@1", telling) / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('activation = "sigmoid"', SHARES))
    cascade = build_cascade(tmp_path, band=(0.0, 1.0))
    items = [normalise("rude odd"), normalise("odd hello")]
    found = with_spans(cascade, items, cascade.score(items), "low")
    assert [one.model for one in found] == ["accurate@1"] * 2
    assert [one.first.scores["toxic"] < UNSEEN for one in found] == [False, True]
    assert [one.spans for one in found] == [((0, 4),), ()]


@pytest.mark.parametrize(
    ("fast", "accurate", "message"),
    [
        ({"labels": ("rudeness",)}, {}, r"fast@1 has no label toxic; the band lies on its score"),
        ({}, {"labels": ("toxicity", "insult")}, r"accurate@1 has no label toxic \(did you mean 'toxicity'\?\)"),
        ({"labels": ("toxic", "threat")}, {}, r"fast@1 decides on threat, which accurate@1 does not have"),
    ],
)
def test_parts_whose_labels_differ_are_refused(tmp_path, fast, accurate, message) -> None:
    put_part(tmp_path, "fast@1", Export(activation="sigmoid", rows={}, inputs=INPUTS, **{"labels": FAST.labels} | fast))
    put_part(tmp_path, "accurate@1", replace(ACCURATE, **accurate))
    with pytest.raises(ModelError, match=message):
        build_cascade(tmp_path)
