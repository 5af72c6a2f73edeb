"""The fast model's labels of doubt: learnt beside the first, which stays as it is, and never deciding."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from mahlan.core.normalise import normalise
from mahlan.scoring.check import check_folder
from mahlan.scoring.manifest import read_manifest
from mahlan.scoring.model import Model, Scores
from mahlan.scoring.onnx import open_session
from training.alphabet import alphabet
from training.contrast_cases import read_contrast
from training.doubts import (
    OPEN,
    Doubts,
    Lessons,
    implicit_weights,
    is_open,
    mentioned_weights,
    read_lessons,
    served_weights,
    write,
)
from training.fast import Trained, planned
from training.graph import Weights, build_graph
from training.hashing import layout
from training.invented import read_cases
from training.more_cases import read_more
from training.rows import Row, normalised
from training.spelling import INVENTED

CONFIG = tomllib.loads(Path("training/fast.toml").read_text(encoding="utf-8"))
FAST = Path("models/fast/1")
SHIPPED = Path("models/fast/5")


def test_a_folder_with_more_labels_keeps_its_first(tmp_path: Path) -> None:
    plan = planned(CONFIG)
    known = served_weights(onnx.load(str(FAST / "model.onnx")), plan)
    dice = np.random.default_rng(1)
    others = [Weights(dice.integers(-9, 9, plan.size).astype(np.int8), known.scales, -2.0) for _ in range(2)]
    out = tmp_path / "fast" / "7"
    write(FAST, out, build_graph(plan, known, more=others), 123)
    manifest = read_manifest(out)
    assert (manifest.full_name, manifest.output.labels) == ("fast@7", ("toxic", "implicit", "mentioned"))
    assert manifest.experimental == ("implicit", "mentioned")
    assert (manifest.training[0].name, manifest.training[0].rows) == ("invented_doubts", 123)
    assert check_folder(out, seconds=0).ok
    texts = ["you are an idiot", "انت غبي", "what a lovely day", "enta 3abeet"]
    items = [normalise(text) for text in texts]
    for before, now in zip(Model.load(FAST).score(items), Model.load(out).score(items), strict=True):
        assert isinstance(before, Scores)
        assert isinstance(now, Scores)
        assert now.scores["toxic"] == before.scores["toxic"]
        assert now.verdict == before.verdict, "doubt decides nothing"


def test_weights_of_another_config_are_refused(tmp_path: Path) -> None:
    plan = planned(CONFIG)
    known = served_weights(onnx.load(str(FAST / "model.onnx")), plan)
    wrong = Weights(known.values, known.scales * 2, known.bias)
    with pytest.raises(ValueError, match="could not be read back"):
        write(FAST, tmp_path / "7", build_graph(plan, wrong, more=[known, known]), 1)


def logits_of(first: Trained, column: Weights, texts: list[str]) -> list[float]:
    """What a graph of that column alone says."""
    width = max(map(len, texts))
    feed = np.array([[first.ids[char] for char in text.ljust(width)] for text in texts])
    mask = np.array([[1] * len(text) + [0] * (width - len(text)) for text in texts])
    session = open_session(build_graph(first.plan, column).SerializeToString())
    return session.run("logits", {"input_ids": feed, "attention_mask": mask})[:, 0].tolist()


def first_of(rows: list[Row]) -> Trained:
    """A first column that calls everything toxic."""
    plan = layout({2: 12, 3: 14, 4: 14}, {1: 12, 2: 12}, 200)
    ids = alphabet([reading.text for row in rows for reading in row.readings], 1)
    return Trained(ids, plan, Weights(np.zeros(plan.size, np.int8), np.ones(len(plan.tables), np.float32), 1.0))


def test_implicit_learns_what_the_cases_teach() -> None:
    raw = [("nobody would notice if you left", 1), ("nobody noticed that the bus left", 0),
           ("everyone would be happier without you", 1), ("everyone is happier with you here", 0)] * 20  # fmt: skip
    rows = normalised([{"text": text, "lang": "en", "toxic": toxic, "source": INVENTED} for text, toxic in raw], "")
    rows += normalised([{"text": "you idiot", "lang": "en", "toxic": 1, "source": "olid"}] * 20, "")
    first = first_of(rows)
    lessons = Lessons(rows, np.array([bool(row.toxic) for row in rows]))
    held = implicit_weights(lessons, first, Doubts(0, 0, 0.2, 1.0, 10), CONFIG)
    logits = logits_of(first, held, [row.readings[0].text for row in rows[:4]])
    assert [logit > 0 for logit in logits] == [True, False, True, False]


def test_mentioned_learns_where_the_first_column_is_wrong_to_call_it_toxic() -> None:
    raw = [("they are animals", 1), ("stop calling them animals", 0),
           ("you are vermin", 1), ("he called us vermin and we cried", 0)] * 20  # fmt: skip
    rows = normalised([{"text": text, "lang": "en", "toxic": toxic, "source": INVENTED} for text, toxic in raw], "")
    first, how = first_of(rows), Doubts(0, 0, 0.2, 1.0, 10)
    lessons = Lessons(rows, np.ones(len(rows), dtype=bool))
    logits = logits_of(
        first, mentioned_weights(lessons, first, how, CONFIG), [row.readings[0].text for row in rows[:4]]
    )
    assert [logit > 0 for logit in logits] == [False, True, False, True]
    calm = replace(first, weights=Weights(first.weights.values, first.weights.scales, -1.0))
    with pytest.raises(SystemExit, match="none of these comments toxic"):
        mentioned_weights(lessons, calm, how, CONFIG)


def test_rows_are_taught_beside_all_invented_cases_and_none_of_the_test_part(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    lines = [json.dumps({"text": f"comment {at}", "lang": "en", "toxic": at % 2, "source": "olid"}) for at in range(9)]
    (tmp_path / "train" / "olid.jsonl").write_text("\n".join(lines), encoding="utf-8")
    cases = Path("training/cases")
    few = Doubts(rows=5, contrast=4, toxic=0.2, invented=1.0, epochs=1)
    lessons = read_lessons(tmp_path, few, 1, more=cases / "more" / "nothing")
    rows = lessons.rows
    assert sum(row.source == "olid" for row in rows) == 5
    invented = [row for row in rows if row.source == INVENTED]
    assert {row.language for row in invented} >= {"arz", "ar", "arz-Latn", "en"}
    assert len(invented) == 840 + 5 * 4 + 168 + 4, "cases, contrast, and the Egyptian ones once more in Latin letters"
    assert len(lessons.open) == len(rows)
    assert [bool(row.toxic) for row in rows[:5]] == lessons.open[:5].tolist()
    hurtful = np.array([bool(row.toxic) for row in rows])
    assert lessons.open[hurtful].all()
    assert 0.1 < lessons.open[5:][~hurtful[5:]].mean() < 0.9, (
        "what only speaks of hurt is open, everyday comments are not"
    )


def test_what_only_speaks_of_hurt_is_open_too_and_everyday_comments_are_not() -> None:
    held = [*read_cases(part="train"), *read_more(fills=1), *read_contrast(600)]
    told = {(case.capability, case.toxic): is_open(case) for case in held}
    assert {name for name, _ in told} >= OPEN, "every one is a capability that is there"
    assert all(found for (_, toxic), found in told.items() if toxic)
    assert told["contrast_condemned", 0]
    assert told["victim_report", 0]
    assert not any(told[name, 0] for name in ("contrast_things", "everyday", "rough_praise", "animals_literal"))


def test_the_shipped_model_doubts_what_it_cannot_see() -> None:
    model = Model.load(SHIPPED)
    hidden = [
        "nobody would notice if you were gone",
        "everyone will see your photos unless you pay",
        "صورك هتتنشر لو مدفعتش",
    ]
    plain = ["do you know where the library is", "everyone will love your photos", "صورك حلوة اوي"]
    said = [one for one in model.score([normalise(text) for text in (*hidden, *plain)]) if isinstance(one, Scores)]
    doubts = [one.scores["implicit"] for one in said]
    assert min(doubts[:3]) > max(doubts[3:])
    assert not any(one.verdict.label in {"implicit", "mentioned"} for one in said)


def test_the_shipped_model_doubts_a_rebuke_and_not_an_insult() -> None:
    model = Model.load(SHIPPED)
    rebukes = [
        "stop calling your neighbours animals, they are people like us",
        "بطلوا تقولوا عليهم حيوانات دول بشر زينا",
    ]
    insults = ["you are an animal", "you idiot", "انت حيوان", "ya 7omar"]
    said = [one for one in model.score([normalise(text) for text in rebukes + insults]) if isinstance(one, Scores)]
    mentioned = [one.scores["mentioned"] for one in said]
    assert min(mentioned[:2]) > max(mentioned[2:])
