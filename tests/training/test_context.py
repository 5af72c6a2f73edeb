"""Making the table of which words follow which."""

from __future__ import annotations

import gzip
import json
import math
from array import array
from collections import Counter
from pathlib import Path

import pytest

from mahlan.core.arabic import STEPS_A_NAT
from mahlan.core.context import BORDER, key, word_cost
from training.context import SEEN, cost, main, rest, table, texts, words


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A licensed source, one without, Moroccan rows of a licensed one."""
    (tmp_path / "train").mkdir()
    told = {
        "mlma_ar": [("انت غبي جدا", "arz", None)] * 4 + [("زوين بزاف هاد", "ar", "mor")],
        "egy5way": [("كلام لا يعرفه احد", "arz", None)],
        "edos": [("you are rude", "en", None)] * 4,
    }
    for source, rows in told.items():
        lines = [json.dumps({"text": text, "lang": lang, "dialect": dialect}) for text, lang, dialect in rows]
        (tmp_path / "train" / f"{source}.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return tmp_path


def test_learnt_from_licensed_rows_and_invented_cases(data: Path) -> None:
    found = dict(texts(data))
    assert found["انت غبي جدا"] > found["you are rude"] == 1
    assert "كلام لا يعرفه احد" not in found
    assert "زوين بزاف هاد" not in found
    assert len(found) > 1_000


def test_words_are_those_the_step_sees() -> None:
    assert words("You're mad, go!") == [BORDER, "you", "re", "mad", BORDER, "go", BORDER, BORDER]
    assert words("yu hvae th bok")[1] == "yu", "the step itself has read nothing"


def test_costs_are_those_of_a_probability() -> None:
    pairs = Counter({("you", "are"): 60, ("you", "rude"): 40})
    begun = {"you": 100}
    said = cost(("you", "are"), pairs, begun)
    assert said < cost(("you", "rude"), pairs, begun) < word_cost("rude") + rest(100)
    assert math.exp(-said) + math.exp(-cost(("you", "rude"), pairs, begun)) < 1.0


def test_pairs_that_say_most_are_kept_and_rare_ones_never() -> None:
    pairs = Counter({("you", "are"): 60, ("you", "rude"): 4, ("you", "ladder"): SEEN - 1})
    costs = table(pairs, 1)
    assert set(costs) == {key("you", "are"), key("you", "")}
    assert key("you", "ladder") not in table(pairs, 10)


def test_the_command_writes_what_is_read(data: Path) -> None:
    main(["--data", str(data), "--out", str(data), "--pairs", "40000"])
    body = (data / "context.bin").read_bytes()
    size = len(body) // 5
    costs = dict(zip(array("I", body[: size * 4]), body[size * 4 :], strict=True))
    assert key("انت", "غبي") in costs
    assert costs[key("you", "are")] / STEPS_A_NAT < word_cost("are")
