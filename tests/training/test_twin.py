"""The numpy features that are trained on are the graph's, bucket by bucket and bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import load_from_string

from mahlan.scoring.onnx import Session, open_session
from training.doubts import served_weights
from training.graph import Weights, build_graph
from training.hashing import (
    MULTIPLIERS,
    PRIME,
    ROOT,
    Ints,
    Layout,
    character_features,
    largest_prime,
    layout,
    powers,
    word_features,
)

PLANS = [
    layout({2: 12, 3: 13, 5: 14}, {1: 10, 2: 11}, 200),
    layout({1: 8, 6: 14}, {}, 200),
    layout({4: 20}, {1: 12}, 200),
]
OUTPUTS = ("logits", "attributions", "buckets", "real", "sums")


def weights(plan: Layout) -> Weights:
    random = np.random.default_rng(1)
    scales = np.linspace(0.01, 0.03, len(plan.tables)).astype(np.float32)
    return Weights(random.integers(-127, 128, plan.size).astype(np.int8), scales, -0.25)


def some_texts() -> list[Ints]:
    random = np.random.default_rng(2)
    texts = [random.integers(0, 600, length) for length in (0, 1, 1, 2, 3, 6, 7, 40, 199)]
    for text in texts:
        text[random.random(len(text)) < 0.25] = 0
    return [*texts, np.zeros(5, dtype=np.int64)]


def feeds(texts: list[Ints]) -> dict[str, Ints]:
    width = max(1, *(len(text) for text in texts))
    ids = np.full((len(texts), width), 7, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def session(plan: Layout) -> Session:
    outputs = (*OUTPUTS, "word_sums") if plan.words else OUTPUTS
    return open_session(build_graph(plan, weights(plan), outputs).SerializeToString())


def test_tables_have_prime_sizes_and_do_not_overlap() -> None:
    plan = PLANS[0]
    assert largest_prime(1 << 20) == 1048573
    ends = [table.offset + table.modulus for table in plan.tables]
    starts = [table.offset for table in plan.tables]
    assert all(end <= start for end, start in zip(ends, [*starts[1:], plan.size], strict=True))


@pytest.mark.parametrize("plan", PLANS)
def test_the_graphs_character_buckets_are_numpys(plan: Layout) -> None:
    texts, graph = some_texts(), session(plan)
    buckets, real = (graph.run(name, feeds(texts)).astype(int) for name in ("buckets", "real"))
    found = character_features(texts, plan)
    for row in range(len(texts)):
        assert sorted(buckets[row][real[row] == 1]) == sorted(found.buckets[found.rows == row])


@pytest.mark.parametrize("plan", [plan for plan in PLANS if plan.words])
def test_the_graphs_word_sums_are_numpys(plan: Layout) -> None:
    texts = some_texts()
    found = word_features(texts, plan)
    sums = np.zeros(len(texts))
    np.add.at(sums, found.rows, weights(plan).values[found.buckets].astype(int))
    assert session(plan).run("word_sums", feeds(texts)).tolist() == sums.tolist()


@pytest.mark.parametrize("plan", PLANS)
def test_a_logit_is_the_same_to_the_bit_alone_and_padded(plan: Layout) -> None:
    texts, graph = some_texts(), session(plan)
    together = graph.run("logits", feeds(texts))[:, 0]
    alone = [graph.run("logits", feeds([text]))[0, 0] for text in texts]
    assert together.tolist() == [float(value) for value in alone]


def test_a_logit_is_what_the_features_say() -> None:
    plan, texts = PLANS[0], some_texts()
    held = weights(plan)
    real = held.values.astype(np.float64)
    characters = len(plan.characters)
    shared = [*held.scales[:characters].tolist(), *[float(held.scales[characters])] * len(plan.words)]
    for table, scale in zip(plan.tables, shared, strict=True):
        real[table.offset : table.offset + table.modulus] *= scale
    expected = np.full(len(texts), held.bias)
    for found in (character_features(texts, plan), word_features(texts, plan)):
        sums, counts = np.zeros(len(texts)), np.bincount(found.rows, minlength=len(texts))
        np.add.at(sums, found.rows, real[found.buckets])
        expected += sums / np.sqrt(np.maximum(counts, 1))
    assert session(plan).run("logits", feeds(texts))[:, 0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("plan", PLANS)
def test_shares_add_up_to_the_logit_but_for_the_spaces_around(plan: Layout) -> None:
    texts, graph, held = some_texts(), session(plan), weights(plan)
    logits, shares = graph.run_all(["logits", "attributions"], {**feeds(texts), "explain": np.array(True)})
    expected = np.zeros(shares.shape)
    for row, text in enumerate(texts):
        spread = np.zeros(len(text) + 2)
        for contribution, start, end in contributions(text, plan, held):
            spread[start:end] += contribution / (end - start)
        assert spread.sum() + held.bias == pytest.approx(logits[row, 0], abs=1e-4)
        expected[row, : len(text)] = spread[1:-1]
    assert shares == pytest.approx(expected, abs=1e-5)


def contributions(text: Ints, plan: Layout, held: Weights) -> list[tuple[float, int, int]]:
    """What each feature of ``text`` adds to the logit, and the places between spaces that it is spread over."""
    padded = np.array([0, *text, 0])
    spaces = np.flatnonzero(padded == 0)
    grams = [(table, at, at + table.order) for table in plan.characters for at in range(len(text) + 3 - table.order)]
    runs = [(table, first + 1, last) for table in plan.words
            for first, last in zip(spaces, spaces[table.order :], strict=False) if last > first + 1]  # fmt: skip
    found = []
    for features in (grams, runs):
        for table, start, end in features:
            factors = powers(ROOT, end - start + 1)[1:] if table.words else MULTIPLIERS[: table.order]
            whole = int((padded[start:end] * factors).sum()) % (PRIME if table.words else 2**62)
            number = len(plan.characters) if table.words else plan.characters.index(table)
            value = int(held.values[whole % table.modulus + table.offset]) * float(held.scales[number])
            found.append((value / np.sqrt(len(features)), start, end))
    return found


@pytest.mark.parametrize("plan", PLANS)
def test_a_second_column_leaves_the_first_as_it_is_and_is_its_own_model(plan: Layout) -> None:
    dice = np.random.default_rng(8)
    other = Weights(dice.integers(-127, 128, plan.size).astype(np.int8), weights(plan).scales * 2, 0.5)
    both = open_session(build_graph(plan, weights(plan), more=[other]).SerializeToString())
    alone = [open_session(build_graph(plan, own).SerializeToString()) for own in (weights(plan), other)]
    asked = {**feeds(some_texts()), "explain": np.array(True)}
    logits, shares = both.run_all(["logits", "attributions"], asked)
    assert logits.shape == (len(some_texts()), 2)
    for column, one in enumerate(alone):
        assert (logits[:, column] == one.run("logits", feeds(some_texts()))[:, 0]).all()
    assert (shares == alone[0].run("attributions", asked)).all(), "shares are the first column's"
    assert (served_weights(build_graph(plan, weights(plan)), plan).values == weights(plan).values).all()


@pytest.mark.parametrize("plan", PLANS)
def test_weights_come_back_from_a_graph(plan: Layout) -> None:
    held = weights(plan)
    if plan.words:  # the word tables share one scale
        held.scales[len(plan.characters) :] = held.scales[len(plan.characters)]
    found = served_weights(build_graph(plan, held), plan)
    assert found.scales == pytest.approx(held.scales)
    assert found.bias == held.bias
    with pytest.raises(ValueError, match="the config ask for"):
        served_weights(build_graph(plan, held), layout({2: 20}, {}, 200))
    with pytest.raises(ValueError, match="not one of python -m training"):
        served_weights(build_graph(plan, held, more=[held]), plan)


def test_shares_cost_nothing_where_nobody_asks() -> None:
    plan = PLANS[0]
    shares = session(plan).run("attributions", feeds(some_texts()))
    assert shares.size == 0


def test_the_same_weights_give_the_same_bytes() -> None:
    plan = PLANS[0]
    one, other = (build_graph(plan, weights(plan)).SerializeToString(deterministic=True) for _ in range(2))
    assert one == other
    assert [value.name for value in load_from_string(one).graph.output] == ["logits", "attributions"]
