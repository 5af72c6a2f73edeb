"""A model folder, loaded and asked: any export by manifest alone, each comment by itself."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mahlan.errors import ModelError, ScoreError
from mahlan.scoring.model import Model, Scores
from tests.scoring.folders import Export, comment

SIGMOID = Export(
    labels=("toxic", "insult"),
    activation="sigmoid",
    rows={"kind": (-3.0, -3.0), "rude": (2.0, 4.0), "vile": (float("nan"), 0.0), "odd": (0.5, 0.0)},
)


def only(found: list[Scores | ScoreError]) -> Scores:
    (result,) = found
    assert isinstance(result, Scores)
    return result


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


@pytest.fixture
def softmax(tmp_path: Path) -> Model:
    return Model.load(Export().write(tmp_path / "words" / "1"))


@pytest.fixture
def sigmoid(tmp_path: Path) -> Model:
    return Model.load(SIGMOID.write(tmp_path / "words" / "1"))


def test_a_three_label_softmax_export_with_token_types_loads_by_manifest_alone(softmax: Model) -> None:
    assert softmax.name == "words@1"
    result = only(softmax.score([comment("rude")]))
    weights = [math.exp(value) for value in (0.0, 3.0, 0.0)]
    assert result.scores == {"toxic": pytest.approx(sum(weights[1:]) / sum(weights), abs=1e-6)}
    assert result.verdict.toxic
    assert result.verdict.band == "high"


def test_a_sigmoid_export_keeps_its_labels_apart(sigmoid: Model) -> None:
    result = only(sigmoid.score([comment("rude")]))
    assert result.scores["toxic"] == pytest.approx(1 / (1 + math.exp(-2.0)), abs=1e-6)
    assert result.scores["insult"] == pytest.approx(1 / (1 + math.exp(-4.0)), abs=1e-6)
    assert result.verdict.label == "insult"


def test_an_export_without_token_types_loads(tmp_path: Path) -> None:
    export = Export(inputs=("input_ids", "attention_mask"))
    model = Model.load(export.write(tmp_path / "words" / "1", types=""))
    assert only(model.score([comment("kind")])).scores["toxic"] < 0.5


def test_results_keep_order_and_number_whatever_the_lengths(softmax: Model) -> None:
    texts = ["rude", "kind kind kind kind", "", "kind rude vile vile", "vile", "kind"]
    together = softmax.score([comment(text) for text in texts])
    alone = [softmax.score([comment(text)])[0] for text in texts]
    assert together == alone
    assert [isinstance(result, Scores) and result.verdict.toxic for result in together] == [1, 0, 1, 1, 1, 0]


def test_a_text_longer_than_the_model_reads_is_cut(sigmoid: Model) -> None:
    assert only(sigmoid.score([comment("kind " * 6 + "rude rude rude rude")])).scores["toxic"] < 0.01


def test_nothing_to_score_is_nothing_scored(softmax: Model) -> None:
    assert softmax.score([]) == []


def test_a_number_that_is_none_costs_its_own_comment_only(sigmoid: Model) -> None:
    first, second, third = sigmoid.score([comment("rude"), comment("vile"), comment("kind")])
    assert isinstance(second, ScoreError)
    assert "vile" not in str(second)
    assert [first, third] == sigmoid.score([comment("rude"), comment("kind")])


def test_a_lone_surrogate_costs_its_own_comment_only(sigmoid: Model) -> None:
    first, second = sigmoid.score([comment("rude"), comment("ki\ud800nd")])
    assert isinstance(second, ScoreError)
    assert [first] == sigmoid.score([comment("rude")])


def test_an_id_beyond_the_embedding_costs_its_own_comment_only(tmp_path: Path) -> None:
    model = Model.load(Export(known=7).write(tmp_path / "words" / "1"))
    first, second = model.score([comment("rude"), comment("odd")])
    assert isinstance(first, Scores)
    assert isinstance(second, ScoreError)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ('{ combine = "max" }', 2.0),
        ('{ combine = "first" }', -3.0),
        ('{ combine = "mean" }', -0.5),
        ('{ combine = "mean", weights = { original = 0.25, arabic = 0.75 } }', 0.75),
        ('{ combine = "mean", weights = { original = 0.0 } }', 2.0),
    ],
)
def test_readings_combine_as_the_manifest_says(tmp_path: Path, how: str, expected: float) -> None:
    extra = f'[readings]\ndefault = {{ combine = "max" }}\n"arz-Latn" = {how}\n'
    model = Model.load(SIGMOID.write(tmp_path / "words" / "1", extra=extra))
    result = only(model.score([comment("kind", "rude", language="arz-Latn")]))
    assert logit(result.scores["toxic"]) == pytest.approx(expected, abs=1e-3)


def test_a_reading_of_weight_zero_is_not_even_tokenised(tmp_path: Path) -> None:
    extra = '[readings]\ndefault = { combine = "mean", weights = { arabic = 0.0 } }\n'
    model = Model.load(SIGMOID.write(tmp_path / "words" / "1", extra=extra))
    assert len(model.encode([comment("kind", "rude")]).kinds) == 1


def test_scores_are_calibrated_by_language(tmp_path: Path) -> None:
    extra = "[calibration.ar.toxic]\nlogits = [-10.0, 10.0]\nprobabilities = [0.0, 1.0]\n"
    model = Model.load(SIGMOID.write(tmp_path / "words" / "1", extra=extra))
    egyptian, english = model.score([comment("rude", language="arz"), comment("rude", language="en")])
    assert isinstance(egyptian, Scores)
    assert isinstance(english, Scores)
    assert egyptian.scores["toxic"] == pytest.approx(0.6, abs=1e-6)
    assert english.scores["toxic"] == pytest.approx(1 / (1 + math.exp(-2.0)), abs=1e-6)


def test_calibration_does_not_hide_a_number_that_is_none(tmp_path: Path) -> None:
    extra = "[calibration.default.toxic]\nlogits = [-10.0, 10.0]\nprobabilities = [0.0, 1.0]\n"
    model = Model.load(SIGMOID.write(tmp_path / "words" / "1", extra=extra))
    assert isinstance(model.score([comment("vile")])[0], ScoreError)


def test_both_halves_work_in_several_threads(softmax: Model) -> None:
    items = [comment(text) for text in ("rude", "kind", "vile kind", "odd") * 20]
    expected = softmax.score(items)
    with ThreadPoolExecutor(4) as pool:
        encoded = list(pool.map(softmax.encode, [items] * 12))
        assert all(found == expected for found in pool.map(softmax.run, encoded))


def test_a_changed_file_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    folder = Export().write(tmp_path / "words" / "1")
    (folder / "model.onnx").write_bytes(b"not a graph at all")
    with pytest.raises(ModelError, match=r"files\.model\.onnx: the sha256 does not match"):
        Model.load(folder)
    with pytest.raises(ModelError, match=r"model\.onnx cannot be loaded"):
        Model.load(folder, verify=False)


def test_a_file_without_a_sum_is_refused(tmp_path: Path) -> None:
    folder = Export().write(tmp_path / "words" / "1")
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('"tokenizer.json" =', '"other.json" ='))
    (folder / "other.json").write_bytes((folder / "tokenizer.json").read_bytes())
    with pytest.raises(ModelError, match=r"files: no sha256 of tokenizer\.json"):
        Model.load(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.toml"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = Export().write(tmp_path / "words" / "1")
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        Model.load(folder)


@pytest.mark.parametrize(
    ("export", "keys", "message"),
    [
        (Export(), {"types": ""}, r"also wants an input 'token_type_ids'"),
        (Export(), {"types": "segments"}, r"input\.types: the graph has no input 'segments'"),
        (Export(rows={}), {"labels": '[labels]\ntoxic = ["hate"]\n', "types": "token_type_ids"}, None),
    ],
)
def test_inputs_must_be_the_graphs(tmp_path: Path, export: Export, keys: dict[str, str], message: str | None) -> None:
    folder = export.write(tmp_path / "words" / "1", **keys)
    if message is None:
        Model.load(folder)
        return
    with pytest.raises(ModelError, match=message):
        Model.load(folder)


def test_the_number_of_labels_must_be_the_graphs(tmp_path: Path) -> None:
    folder = Export().write(tmp_path / "words" / "1")
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('"neutral", "offensive"', '"offensive"'))
    with pytest.raises(ModelError, match=r"output\.labels: names 2 labels.*shape \[1, 3\]"):
        Model.load(folder)


def test_a_provider_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    folder = Export().write(tmp_path / "words" / "1")
    with pytest.raises(ModelError, match=r"NoSuchExecutionProvider is not installed here.*CPUExecutionProvider"):
        Model.load(folder, providers=("NoSuchExecutionProvider",))
    assert Model.load(folder).providers == ("CPUExecutionProvider",)
