"""Ways to int8 on a small invented graph: what they do to scores, to neighbours, to size, and which is chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import helper, numpy_helper

from mahlan.scoring.onnx import open_session
from training.accurate import choice, int8
from training.accurate.choice import FLOAT, Measured, all_ways, choose, measure, read_ways, write_ways
from training.accurate.config import Int8, read_config
from training.accurate.ranges import activation_ranges, channel_reaches
from training.accurate.tokens import Tokens

WORDS, WIDTH, LABELS = 2000, 64, 2
WAYS = ("static", "static_cut", "weights", "rows", "smooth", "blocks", "dynamic")


def graph() -> onnx.ModelProto:
    """Table, one hidden product, Gelu, masked mean, head: as an encoder has them."""
    dice = np.random.default_rng(5)
    arrays = {
        "table": dice.normal(0, 1, (WORDS, WIDTH)), "first": dice.normal(0, 0.2, (WIDTH, 4 * WIDTH)),
        "second": dice.normal(0, 0.1, (4 * WIDTH, WIDTH)), "head": dice.normal(0, 0.6, (WIDTH, LABELS)),
    }  # fmt: skip
    constants = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in arrays.items()]
    constants.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "along"))
    constants.append(numpy_helper.from_array(np.array([2], dtype=np.int64), "last"))
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("MatMul", ["words", "first"], ["wide"]),
        helper.make_node("Gelu", ["wide"], ["gelu"]),
        helper.make_node("MatMul", ["gelu", "second"], ["narrow"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["inside"]),
        helper.make_node("Mul", ["narrow", "inside"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "along"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["inside", "along"], ["count"], keepdims=0),
        helper.make_node("Div", ["sum", "count"], ["mean"]),
        helper.make_node("MatMul", ["mean", "head"], ["logits"]),
    ]
    inputs = [helper.make_tensor_value_info(name, onnx.TensorProto.INT64, ["batch", "length"])
              for name in ("input_ids", "attention_mask")]  # fmt: skip
    output = helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["batch", LABELS])
    whole = helper.make_graph(nodes, "small", inputs, [output], constants)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    return graph()


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    dice = np.random.default_rng(6)
    lengths = dice.integers(3, 30, 64)
    return Tokens(
        ids=dice.integers(0, WORDS, int(lengths.sum())).astype(np.uint32),
        starts=np.concatenate([[0], np.cumsum(lengths)]),
        labels=dice.integers(0, 2, (64, LABELS)).astype(np.int8),
        weights=np.ones(64, dtype=np.float32),
        smoothing=np.zeros(64, dtype=np.float32),
        source=np.zeros(64, dtype=np.int64),
        comment=np.arange(64),
        twin=np.arange(64),
        names=("invented",),
    )


@pytest.fixture(scope="module")
def rules() -> Int8:
    return replace(read_config(Path("training/accurate.toml")).int8, ways=list(WAYS), most_loss=1.0, most_shift=1.0)


@pytest.fixture(scope="module")
def made(model: onnx.ModelProto, tokens: Tokens, rules: Int8) -> dict[str, bytes]:
    texts = [tokens.ids[tokens.starts[at] : tokens.starts[at + 1]].astype(np.int64) for at in range(64)]
    return {name: one.SerializeToString() for name, one in all_ways(model, texts, rules).items()}


def scores(graph: bytes, tokens: Tokens, batch: int) -> npt.NDArray[np.float64]:
    return choice.logits(open_session(graph), tokens, 0, batch)


@pytest.mark.parametrize("way", WAYS)
def test_scores_stay_near_and_the_file_is_a_quarter(
    way: str, model: onnx.ModelProto, made: dict[str, bytes], tokens: Tokens
) -> None:
    plain = model.SerializeToString()
    before = scores(plain, tokens, 1)
    apart = np.abs(before - scores(made[way], tokens, 1))
    assert 0 < apart.mean() < 0.05 * before.std()
    assert len(made[way]) < 0.35 * len(plain)


@pytest.mark.parametrize("way", ["static", "static_cut", "weights", "rows", "smooth"])
def test_a_text_scores_the_same_alone_and_in_any_batch(way: str, made: dict[str, bytes], tokens: Tokens) -> None:
    alone = scores(made[way], tokens, 1)
    for batch in (2, 7, 16, 64):
        assert np.abs(alone - scores(made[way], tokens, batch)).max() < 1e-5


def test_a_few_far_channels_are_smoothed_away(tokens: Tokens, rules: Int8) -> None:
    """Behind the Gelu some channels reach fifty times as far and count as little, as in trained encoders."""
    far = graph()
    for one in far.graph.initializer:
        value = numpy_helper.to_array(one).copy()
        if one.name == "first":
            value[:, :2] *= 50
        elif one.name == "second":
            value[:2] /= 50
        one.CopyFrom(numpy_helper.from_array(value, one.name))
    texts = [tokens.ids[tokens.starts[at] : tokens.starts[at + 1]].astype(np.int64) for at in range(64)]
    made = all_ways(far, texts, replace(rules, ways=["rows", "smooth"]))
    before = scores(far.SerializeToString(), tokens, 1)
    apart = {name: np.abs(before - scores(one.SerializeToString(), tokens, 1)).mean() for name, one in made.items()}
    assert apart["smooth"] < 0.3 * apart["rows"]


def test_the_usual_dynamic_int8_is_seen_to_depend_on_neighbours(made: dict[str, bytes], tokens: Tokens) -> None:
    assert np.abs(scores(made["dynamic"], tokens, 1) - scores(made["dynamic"], tokens, 16)).max() > 1e-4


def test_weights_are_within_half_a_step(model: onnx.ModelProto) -> None:
    made = int8.rewritten(model, int8.weights)
    held = {one.name: numpy_helper.to_array(one) for one in made.graph.initializer}
    first = next(numpy_helper.to_array(one) for one in model.graph.initializer if one.name == "first")
    apart = np.abs(held["first.int8"] * held["first.scale"] - first)
    assert (apart <= held["first.scale"] / 2 + 1e-7).all()
    assert "first" not in held


def test_ranges_are_those_of_the_texts_and_a_percentile_cuts_them(model: onnx.ModelProto) -> None:
    texts = [np.arange(10), np.arange(50, 90)]
    whole, cut = (activation_ranges(model, texts, percentile) for percentile in (100.0, 99.0))
    table = next(numpy_helper.to_array(one) for one in model.graph.initializer if one.name == "table")
    seen = table[np.concatenate(texts)]
    assert whole["words"] == pytest.approx((seen.min(), seen.max()))
    assert whole["words"][0] < cut["words"][0] < 0 < cut["words"][1] < whole["words"][1]


def test_channels_are_told_apart_and_weights_of_all_that_read_them_count(model: onnx.ModelProto) -> None:
    texts = [np.arange(10), np.arange(50, 90)]
    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    reaches = channel_reaches(model, texts)
    assert reaches["words"] == pytest.approx(np.abs(held["table"][np.concatenate(texts)]).max(axis=0))
    assert {name: len(reach) for name, reach in reaches.items()} == {"words": 64, "gelu": 256, "mean": 64}
    assert int8.weight_reaches(model)["gelu"] == pytest.approx(np.abs(held["second"]).max(axis=1))


def test_measuring_finds_what_the_ways_do(
    model: onnx.ModelProto, made: dict[str, bytes], tokens: Tokens, rules: Int8
) -> None:
    found = {one.way: one for one in measure({FLOAT: model.SerializeToString(), **made}, tokens, 0, 0)}
    assert found[FLOAT].loss == found[FLOAT].shift == 0.0
    assert found["rows"].difference < 1e-5 < found["dynamic"].difference
    assert all(one.alone > 0 and one.batched > 0 for one in found.values())


def line(way: str, batched: float, difference: float = 0.0, loss: float = 0.0, megabytes: float = 40.0) -> Measured:
    return Measured(way, megabytes, difference, loss, 0.0, 1.0, batched)


def test_the_fastest_that_breaks_no_rule_is_chosen(tmp_path: Path) -> None:
    rules = read_config(Path("training/accurate.toml")).int8
    lines = [line(FLOAT, 999.0), line("static", 9.0, loss=0.006), line("dynamic", 20.0, difference=0.002),
             line("rows", 5.0), line("weights", 4.0), line("blocks", 30.0, megabytes=46.0)]  # fmt: skip
    assert choose(lines, rules).way == "rows"
    write_ways(tmp_path / "ways.json", lines, lines[3])
    assert read_ways(tmp_path / "ways.json") == (lines, "rows")
    with pytest.raises(SystemExit, match=r"static: macro-F1; dynamic: neighbours; blocks: size"):
        choose([one for one in lines if one.way not in {"rows", "weights"}], rules)
