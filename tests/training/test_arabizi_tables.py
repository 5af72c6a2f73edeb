"""The tables that rank spellings: forms made by rule, the letter model, what is left out, how they are written."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from array import array
from collections import Counter
from pathlib import Path

import pytest

from mahlan.core.arabic import END, LETTERS, ORDER, START, STEPS_A_NAT, advance, code_of, key
from training.arabizi.forms import egyptian_forms
from training.arabizi.pairs import folded
from training.arabizi.tables import grams, main, model, vocabulary


@pytest.mark.parametrize(
    "form",
    [
        "بيضحك",  # he laughs
        "هتشوفها",  # you will see her
        "مبيسمعش",  # he does not hear
        "مشيت",  # I walked, of a verb that ends in ya
        "صاحبتك",  # your friend: ta marbuta opens
        "زعلانين",  # sad (plural)
        "والله",  # as it is
    ],
)
def test_words_get_the_endings_and_prefixes_of_the_dialect(form: str) -> None:
    assert egyptian_forms()[form]


def test_forms_are_folded_and_weigh_less_than_the_word() -> None:
    forms = egyptian_forms()
    assert all(folded(form) == form for form in forms)
    assert forms["كلام"] > forms["الكلام"] > forms["وكلام"] > 0


def chance(costs: dict[int, float], behind: int, code: int) -> float:
    """The probability of a letter by unrounded costs, found as ``core.arabic`` finds it."""
    found = 1.0
    for size in range(ORDER - 1, -1, -1):
        context = behind & ((1 << 5 * size) - 1)
        if key(size, context, code) in costs:
            return found * math.exp(-costs[key(size, context, code)])
        found *= math.exp(-costs.get(key(size, context, 0), 0.0))
    return found / (len(LETTERS) + 1)


def test_the_letter_model_gives_probabilities_and_keeps_what_matters() -> None:
    found = grams(Counter({"كلب": 8, "كلام": 8, "قلب": 1}))
    whole = model(found, keep=10_000)
    behind = advance(START, code_of("ك"))
    assert chance(whole, behind, code_of("ل")) > 0.9
    assert sum(chance(whole, behind, code) for code in (END, *map(code_of, LETTERS))) == pytest.approx(1)
    small = model(found, keep=60)
    assert len(small) < len(whole)
    assert set(small) < set(whole)


def row(text: str, source: str) -> str:
    return json.dumps({"text": text, "lang": "arz", "source": source})


def write_rows(folder: Path, source: str, texts: list[str]) -> None:
    (folder / "train").mkdir(exist_ok=True)
    with gzip.open(folder / "train" / f"{source}.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(row(text, source) + "\n" for text in texts)


def test_rare_words_and_sources_without_a_licence_are_left_out(tmp_path: Path) -> None:
    write_rows(tmp_path, "mlma_ar", ["غثصظ طظذث", "غثصظ", "غثصظ"])
    write_rows(tmp_path, "unlicensed", ["ظثقغذ"] * 9)
    words = vocabulary(tmp_path)
    assert words["غثصظ"] == 15
    assert "طظذث" not in words
    assert "ظثقغذ" not in words


def test_tables_are_written_as_the_product_reads_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(tmp_path, "mlma_ar", ["غثصظ"] * 99)
    main(["--data", str(tmp_path), "--out", str(tmp_path), "--words", "100", "--grams", "2000"])
    ranks = array("I", (tmp_path / "egyptian_words.bin").read_bytes())
    assert len(ranks) == 100
    assert ranks[0] == zlib.crc32("غثصظ".encode())
    body = (tmp_path / "egyptian_grams.bin").read_bytes()
    keys = array("I", body[: len(body) // 5 * 4])
    assert list(keys) == sorted(set(keys))
    costs = dict(zip(keys, body[len(keys) * 4 :], strict=True))
    assert costs[key(0, 0, code_of("ا"))] / STEPS_A_NAT < 4
    assert "100 kept" in capsys.readouterr().out
