"""Drop-in proof: graphs that nobody here wrote serving code for load, check, decide and are swapped by manifest alone.

One is laid out as a public BERT export (three labels, ``token_type_ids`` that count, softmax in the graph, its own
tensor names), one is a linear model over hashed ids. Both have weights by lot: what counts is the layout.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from mahlan.errors import ModelError
from mahlan.scoring.check import check_folder
from mahlan.scoring.model import Model, Scores
from tests.scorer.bench import Bench
from tests.scorer.lineups import decided, put_registry
from tests.scoring.folders import WORDS, comment, tokenizer

BUCKETS = 16
THREE = """schema = 1
name = "bert"
version = "1"
licence = "Apache-2.0"

[input]
ids = "input_ids"
types = "token_type_ids"
max_length = 8

[output]
name = "probabilities"
labels = ["neutral", "offensive", "hate"]
activation = "none"
exclusive = true

[labels]
toxic = ["offensive", "hate"]

[thresholds.default]
toxic = { threshold = 0.5, medium = 0.8, high = 0.95 }
"""
HASHED = """schema = 1
name = "hashed"
version = "1"
licence = "Apache-2.0"

[input]
ids = "words"
mask = "there"
max_length = 64

[output]
name = "score"
labels = ["toxic"]
activation = "sigmoid"

[thresholds.default]
toxic = { threshold = 0.5, medium = 0.8, high = 0.95 }
"""


def put(folder: Path, manifest: str, nodes: list, tables: dict, inputs: tuple[str, ...], output: str, columns: int):
    """Write a folder from the nodes and constants of a graph."""
    folder.mkdir(parents=True)
    takes = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs]
    gives = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", columns])]
    constants = [numpy_helper.from_array(table, name) for name, table in tables.items()]
    graph = helper.make_graph(nodes, manifest.splitlines()[1], takes, gives, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer()))
    sums = [f'"{name}" = "{hashlib.sha256((folder / name).read_bytes()).hexdigest()}"'
            for name in ("model.onnx", "tokenizer.json")]  # fmt: skip
    (folder / "manifest.toml").write_text(manifest + "\n[files]\n" + "\n".join(sums) + "\n")


def put_bert(models: Path) -> None:
    """Words and types embedded, added, averaged over the mask, a dense layer, softmax."""
    words = np.zeros((len(WORDS), 3), dtype=np.float32)
    words[:, 0] = 1.0
    words[WORDS.index("rude")] = (0.0, 30.0, 0.0)
    words[WORDS.index("vile")] = (0.0, 0.0, 60.0)
    kinds = np.array([[0.5, 0.0, 0.0], [0.0, 90.0, 0.0]], dtype=np.float32)  # type 1 would be offensive: never fed
    node = helper.make_node
    nodes = [
        node("Gather", ["words", "input_ids"], ["read"]), node("Gather", ["kinds", "token_type_ids"], ["typed"]),
        node("Add", ["read", "typed"], ["both"]), node("Cast", ["attention_mask"], ["real"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["real", "two"], ["column"]), node("Mul", ["both", "column"], ["kept"]),
        node("ReduceSum", ["kept", "one"], ["sum"], keepdims=0),
        node("ReduceSum", ["column", "one"], ["count"], keepdims=0), node("Div", ["sum", "count"], ["mean"]),
        node("MatMul", ["mean", "dense"], ["logits"]), node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]  # fmt: skip
    tables = {"words": words, "kinds": kinds, "dense": np.eye(3, dtype=np.float32), "two": np.array([2]),
              "one": np.array([1])}  # fmt: skip
    put(models / "bert" / "1", THREE, nodes, tables, ("input_ids", "attention_mask", "token_type_ids"),
        "probabilities", 3)  # fmt: skip


def bucket(word: str) -> int:
    return (WORDS.index(word) * 7 + 3) % BUCKETS


def put_hashed(models: Path) -> None:
    """Each id hashed into a bucket, (7 id + 3) mod 16, the buckets' weights added up, one logit."""
    weights = np.full(BUCKETS, -0.5, dtype=np.float32)
    for word, weight in (("kind", -3.0), ("rude", 6.0), ("vile", 9.0)):
        weights[bucket(word)] = weight
    node = helper.make_node
    nodes = [
        node("Mul", ["words", "seven"], ["spread"]), node("Add", ["spread", "three"], ["moved"]),
        node("Mod", ["moved", "buckets"], ["bucket"]), node("Gather", ["weights", "bucket"], ["found"]),
        node("Cast", ["there"], ["real"], to=TensorProto.FLOAT), node("Mul", ["found", "real"], ["kept"]),
        node("ReduceSum", ["kept", "one"], ["score"], keepdims=1),
    ]  # fmt: skip
    tables = {"seven": np.array(7), "three": np.array(3), "buckets": np.array(BUCKETS), "weights": weights,
              "one": np.array([1])}  # fmt: skip
    put(models / "hashed" / "1", HASHED, nodes, tables, ("words", "there"), "score", 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tmp_path_factory.mktemp("models")
    put_bert(models)
    put_hashed(models)
    return models


@pytest.fixture
def models(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "models"))


@pytest.mark.parametrize("name", ["bert", "hashed"])
def test_it_passes_the_check_and_judges(models: Path, name: str) -> None:
    report = check_folder(models / name / "1", seconds=0)
    assert report.ok, report.lines()
    model = Model.load(models / name / "1")
    found = model.score([comment(text) for text in ("rude", "kind", "kind vile odd kind", "")])
    assert [isinstance(one, Scores) and one.verdict.toxic for one in found] == [True, False, True, False]
    assert model.score([comment("kind vile odd kind")]) == found[2:3], "whatever it is batched with"


def test_probabilities_of_the_graphs_own_softmax_are_added_not_squashed_again(models: Path) -> None:
    (found,) = Model.load(models / "bert" / "1").score([comment("rude vile")])
    # [CLS] rude vile [SEP]: the mean of (1, 0, 0), (0, 30, 0), (0, 0, 60), (1, 0, 0), and half for type 0.
    logits = np.array([2.0, 30.0, 60.0]) / 4 + np.array([0.5, 0.0, 0.0])
    shares = np.exp(logits) / np.exp(logits).sum()
    assert isinstance(found, Scores)
    assert found.scores == {"toxic": pytest.approx(shares[1:].sum(), abs=1e-6)}


def test_a_softmax_in_the_graph_that_the_manifest_does_not_tell_of_is_named(models: Path) -> None:
    manifest = models / "bert" / "1" / "manifest.toml"
    text = manifest.read_text()
    assert "exclusive" not in " ".join(check_folder(manifest.parent, seconds=0).lines())
    manifest.write_text(text.replace("exclusive = true", ""))
    report = check_folder(manifest.parent, seconds=0)
    assert "write output.exclusive = true, or toxic takes only the highest of its columns" in " ".join(report.lines())
    manifest.write_text(text.replace('activation = "none"', 'activation = "softmax"'))
    with pytest.raises(ModelError, match=r"output\.exclusive: only with activation"):
        Model.load(manifest.parent)


def test_hashed_weights_add_up_to_the_logit(models: Path) -> None:
    (found,) = Model.load(models / "hashed" / "1").score([comment("kind kind rude")])
    assert isinstance(found, Scores)
    # [CLS] and [SEP] have buckets of their own, at -0.5.
    assert found.scores["toxic"] == pytest.approx(1 / (1 + np.exp(1.0)), abs=1e-6)


async def test_they_follow_each_other_and_make_a_cascade(models: Path) -> None:
    entry = '[cascade."both@1"]\nfast = "hashed@1"\naccurate = "bert@1"\nband = [0.2, 0.9]\n'
    put_registry(models, f'champion = "hashed@1"\n{entry}')
    bench = Bench(models)
    for name in ("bert@1", "hashed@1"):
        await bench.change(f'champion = "{name}"\n{entry}')
        assert bench.sample("mahlan_model_refused") == 0, bench.health.detail
        assert await decided(bench.scorer, "rude", "kind") == [(name, True), (name, False)]
    await bench.change(f'champion = "both@1"\n{entry}')
    assert await decided(bench.scorer, "vile", "kind kind rude") == [("hashed@1", True), ("bert@1", True)]
    bench.close()
