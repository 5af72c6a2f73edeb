"""Which texts are learnt from in which order: drawn by source, readings and disguises beside what they belong to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from training.accurate.augment import augmented
from training.accurate.config import read_config
from training.accurate.examples import made
from training.accurate.plan import rate_at, whole_plan
from training.accurate.tokens import Tokens, tokenised


def texts(lengths, source, comment, names, twin) -> Tokens:
    """Texts of these lengths; what is in them does not matter to a plan."""
    nothing = np.zeros(len(lengths), dtype=np.float32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    labels = np.zeros((len(lengths), 1), dtype=np.int8)
    return Tokens(np.zeros(starts[-1], dtype=np.uint32), starts, labels, nothing, nothing, source, comment, twin, names)


def test_a_plan_is_seeded_capped_and_keeps_readings_together() -> None:
    comment = np.repeat(np.arange(100), 2)
    source = (comment >= 80).astype(np.int64)
    lengths = np.random.default_rng(0).integers(3, 90, 200)
    rules = {"big": (30, 1), "small": (100, 3)}
    tokens = texts(lengths, source, comment, ("big", "small"), np.arange(200))
    plan, again, other = (whole_plan(tokens, rules, 2, 8, seed) for seed in (1, 1, 2))
    flat = np.concatenate(plan)
    assert all((a == b).all() for a, b in zip(plan, again, strict=True))
    assert len(flat) == len(np.concatenate(other)) == 2 * (30 * 2 + 20 * 2 * 3)
    assert any((a != b).any() for a, b in zip(plan, other, strict=False) if len(a) == len(b))
    counts = np.bincount(flat, minlength=200).reshape(100, 2)
    assert (counts[:, 0] == counts[:, 1]).all()
    assert sum(np.ptp(lengths[batch]) for batch in plan) < 0.5 * len(plan) * np.ptp(lengths)


def test_a_disguised_copy_is_drawn_beside_what_it_disguises() -> None:
    twin = np.concatenate([np.arange(300), np.arange(300)])
    lengths = np.random.default_rng(0).integers(3, 90, 600)
    plan = whole_plan(texts(lengths, twin * 0, np.arange(600), ("any",), twin), {"any": (600, 1)}, 1, 16, 1)
    together = sum(len(np.intersect1d(batch, batch + 300)) for batch in plan)
    assert together > 250, "all but those at the edges of a batch"
    assert sorted(np.concatenate(plan).tolist()) == list(range(600))


def test_a_disguised_copy_knows_its_twin_reading_by_reading() -> None:
    config = read_config(Path("training/accurate.toml"))
    given = made([{"text": "عامل ايه يا صاحبي النهارده", "lang": "arz", "toxic": 0, "source": "egy5way"},
                  {"text": "el film da 7elw awy awy", "lang": "arabizi", "toxic": 0, "source": "egy5way"}],
                 config, "test")  # fmt: skip
    only_hidden = replace(config.augment, spellings=0, other_arabic=0.0, switched=0.0, attacked=1.0)
    found = augmented(given, only_hidden, seed=1)
    assert [one.twin for one in found] == [one.row.readings[0].text for one in given][: len(found)]
    tokens = tokenised([*given, *found], Path("models/accurate/6/tokenizer.json"), config)
    pairs = [(at, twin) for at, twin in enumerate(tokens.twin.tolist()) if at != twin]
    assert len(pairs) == sum(len(one.row.readings) for one in found)
    first = sum(len(one.row.readings) for one in given)
    assert all(twin < first <= at for at, twin in pairs)


def test_the_learning_rate_rises_then_falls() -> None:
    rates = [rate_at(step, 100, 0.1) for step in range(100)]
    assert rates[9] == max(rates) == 1.0
    assert rates[-1] < 0.02
