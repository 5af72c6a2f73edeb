"""Choosing a cascade's band: the narrowest that is as good, on rows whose answer is known; and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mahlan.scoring.cascade import stacked
from mahlan.scoring.plan import Doubt, Plan
from mahlan.scoring.registry import parse_registry
from tests.scoring.cascades import ACCURATE, INPUTS, put_part, put_parts
from tests.scoring.folders import Export
from training.cascading.bands import EDGES, Said, mix_weights, narrowest, quality, sized
from training.cascading.mix import drawn
from training.cascading.report import registry_lines
from training.cascading.stacking import scaled
from training.invented import read_cases
from training.rows import Row
from training.scores import macro_f1

ROOT = Path(__file__).resolve().parents[2]
DICE = np.random.default_rng(5)
TRUTH = DICE.integers(0, 2, 4000)
#: The fast model is right where it is sure and guesses between 0.3 and 0.7; the accurate one is always right.
SURE = DICE.random(4000) < 0.7
SCORES = np.where(SURE, np.where(TRUTH == 1, 0.95, 0.05), DICE.uniform(0.3, 0.7, 4000))
FAST = Said(SCORES >= 0.5, SCORES >= 0.6)
RIGHT = Said(TRUTH == 1, TRUTH == 1)


def narrow(loss: float, inside: Said = RIGHT, fast: Said = FAST, precision: float = 0.0):
    return narrowest(TRUTH, SCORES, fast, inside, quality(TRUTH, inside).less(loss, precision))


def lost(found, inside: Said = RIGHT) -> float:
    said = FAST.where(found.holds(SCORES), inside)
    return quality(TRUTH, inside).macro_f1 - quality(TRUTH, said).macro_f1


def test_the_band_is_where_the_fast_model_guesses_and_not_wider() -> None:
    found = narrow(0.0)
    assert 0.05 < found.low <= SCORES[~SURE].min() + 0.01
    assert SCORES[~SURE].max() - 0.01 <= found.high < 0.95
    assert found.of_dev == pytest.approx((~SURE).mean(), abs=0.001)
    assert lost(found) == 0.0


def test_what_may_be_lost_makes_it_narrower_and_is_kept_to() -> None:
    shares = [narrow(loss).of_mix for loss in (0.0, 0.005, 0.02, 0.1)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < shares[0] / 2
    for loss in (0.005, 0.02, 0.1):
        assert 0 < lost(narrow(loss)) <= loss


def test_a_precision_may_be_asked_for_beyond_what_may_be_lost() -> None:
    def precision(found) -> float:
        return quality(TRUTH, FAST.where(found.holds(SCORES), RIGHT)).precision

    assert precision(narrow(0.2)) < 0.97 <= precision(narrow(0.2, precision=0.97))
    assert narrow(0.2).of_mix < narrow(0.2, precision=0.97).of_mix
    assert narrow(0.2, precision=0.5) == narrow(0.2), "the loss allowed asks for more"


def test_no_other_pair_of_edges_is_cheaper_and_as_good() -> None:
    """Against the plain way: every pair, one after the other."""
    rows = np.arange(0, 4000, 20)
    truth, scores, fast, inside = TRUTH[rows], SCORES[rows], FAST.of(rows), RIGHT.of(rows)
    wanted = quality(truth, inside)
    found = narrowest(truth, scores, fast, inside, wanted.less(0.02))
    weights = mix_weights(truth)
    costs = []
    for place, low in enumerate(EDGES[::3]):
        for high in EDGES[::3][place:]:
            held = (scores >= low) & (scores <= high)
            now = quality(truth, fast.where(held, inside))
            if now.macro_f1 >= wanted.macro_f1 - 0.02 and now.precision >= wanted.precision - 0.02:
                costs.append(weights[held].sum())
    assert found.of_mix <= min(costs) + 1e-12
    now = quality(truth, fast.where(found.holds(scores), inside))
    assert now.macro_f1 >= wanted.macro_f1 - 0.02
    assert now.precision >= wanted.precision - 0.02


def test_precision_is_kept_where_macro_f1_would_not_mind() -> None:
    wrong = FAST.nudged | (SURE & (TRUTH == 0) & (DICE.random(4000) < 0.3))
    found = narrow(0.005, fast=Said(FAST.toxic, wrong))
    assert found.low <= 0.05, "the calm ones that the fast model nudges are asked about too"


def test_a_fast_model_that_is_no_use_settles_nothing() -> None:
    useless = Said(TRUTH == 0, TRUTH == 0)
    assert (narrow(0.005, fast=useless).of_dev, lost(narrow(0.0))) == (1.0, 0.0)


def test_quality_is_what_the_other_commands_measure() -> None:
    found = quality(TRUTH, FAST)
    assert found.macro_f1 == pytest.approx(macro_f1(TRUTH, FAST.toxic))
    assert found.precision == pytest.approx(TRUTH[FAST.nudged].mean())
    assert np.isnan(quality(TRUTH, Said(FAST.toxic, np.zeros(4000, dtype=bool))).precision)


def test_the_mix_is_one_tenth_toxic() -> None:
    weights = mix_weights(TRUTH)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[TRUTH == 1].sum() == pytest.approx(0.1)
    rows = [Row("a", "en", int(toxic), False, "en", ()) for toxic in TRUTH]
    mix = drawn(rows, 500)
    assert (len(mix), sum(row.toxic for row in mix)) == (500, 50)
    assert len(drawn(rows[:100], 500)) <= 100
    assert sized(narrow(0.005), TRUTH, SCORES) == narrow(0.005)


def test_stacked_scores_keep_the_scale_of_the_accurate_ones() -> None:
    fast, accurate = DICE.uniform(0.01, 0.99, 500), DICE.uniform(0.2, 0.9, 500)
    plan = scaled(Plan("fast@1", "accurate@1", (0.0, 1.0), weight_fast=0.4), fast, accurate)
    mixed, own = (np.log(p / (1 - p)) for p in (stacked(plan, fast, accurate), accurate))
    assert mixed.mean() == pytest.approx(own.mean(), abs=0.001)
    assert mixed.std() == pytest.approx(own.std(), abs=0.001)
    nothing = scaled(Plan("fast@1", "accurate@1", (0.0, 1.0), weight_fast=1e-9), fast, accurate)
    assert (nothing.scale, nothing.offset) == (1.0, 0.0)


@pytest.mark.parametrize(
    "plan",
    [
        Plan("fast@1", "accurate@1", (0.1, 0.9)),
        Plan("fast@1", "accurate@1", {"default": (0.1, 0.9), "arz-Latn": (0.0, 1.0)}),
        Plan("fast@1", "accurate@1", (0.1, 0.9), weight_fast=0.3, scale=1.25, offset=-0.5),
        Plan("fast@1", "accurate@1", (0.1, 0.9), doubt=Doubt("implicit", 0.25)),
        Plan("fast@1", "accurate@1", (0.1, 0.9), doubt=Doubt("implicit", 0.25), doubt_above=Doubt("mentioned", 0.5)),
    ],
)
def test_the_printed_lines_are_read_back_as_they_are_meant(plan: Plan) -> None:
    text = 'champion = "fast@1"\n\n' + registry_lines("both@1", plan)
    assert parse_registry(text.encode()).cascade == {"both@1": plan}


def put_rows(folder: Path) -> Path:
    """The fast test model is right on all of these but "odd"."""
    rows = [("kind", 0), ("rude", 1), ("vile", 1), ("odd", 0), ("kind kind", 0), ("rude rude", 1)]
    lines = [
        json.dumps({"text": text, "lang": "en", "toxic": toxic, "source": "made"})
        for number in range(60) for text, toxic in (rows if number % 3 else [*rows, ("hello kind", 0)])
    ]  # fmt: skip
    (folder / "dev").mkdir(parents=True)
    (folder / "dev" / "made.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As a process of its own: it forks to normalise, which a test run with its threads should not."""
    command = [sys.executable, "-m", "training.band", *arguments]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'services'}{os.pathsep}{ROOT}"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=100)


def test_the_command_from_rows_to_lines_for_the_registry(tmp_path) -> None:
    models = put_parts(tmp_path / "models")
    right = {"kind": (-4.0, -5.0), "rude": (3.0, -1.0), "vile": (3.0, -2.0), "odd": (-3.0, -2.0), "[UNK]": (0.0, 0.0)}
    put_part(models, "accurate@1", Export(ACCURATE.labels, "sigmoid", right, INPUTS))
    arguments = (
        "--data", str(put_rows(tmp_path / "data")), "--models", str(models), "--fast", "fast@1",
        "--accurate", "accurate@1", "--name", "both@1", "--mix", "60",
    )  # fmt: skip
    told = json.loads(run(*arguments, "--json").stdout)
    low, high = told["bands"]["default"]
    assert 0.05 < low <= 0.5 <= high, "the fast model is wrong about odd"
    assert high < 0.73, "and right, though not sure, about vile"
    assert told["quality"]["cascade"] == told["quality"]["accurate"] == {"macro_f1": 1.0, "precision": 1.0}
    assert told["quality"]["fast"]["macro_f1"] < 1.0
    assert told["escalated"]["dev"] == pytest.approx(60 / 380, abs=0.001)
    assert told["stacking"]["weight_fast"] == 0.0
    assert set(told["throughput"]) == {"comments", "accurate", "cascade", "times"}
    assert told["cases"] == len(read_cases(part="test"))
    assert told["suite"]["fast"]["left alone"] == 1.0, "no case has a word these models know"
    text = run(*arguments, "--weight", "0.2", "--by-language", "--part", "none").stdout
    assert "weight_fast = 0.2" in text
    assert "| 0.2 | " in text.partition("weight of the fast model")[2].partition("what the suite costs")[0]
    assert "| the accurate model alone | 1.0000 | 1.0000 | – | – | – |" in text
    assert "380 rows of dev and 0 cases" in text


def test_models_that_do_not_go_together_are_refused_before_anything_is_scored(tmp_path) -> None:
    models = put_parts(tmp_path)
    put_part(models, "accurate@1", Export(("toxicity",), "sigmoid", {}, INPUTS))
    done = run("--data", "none", "--models", str(models), "--fast", "fast@1", "--accurate", "accurate@1")
    assert done.returncode == 1
    assert "accurate@1 has no label toxic (did you mean 'toxicity'?)" in done.stderr
