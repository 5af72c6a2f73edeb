"""How the table of common words is made: what counts, what is kept, what is taken for a slip."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from mahlan.core.lexicon import ARABIC, ENGLISH
from training.lexicon import commonest, dictionary, halves_of, is_slip, mixed, to_keep


def test_a_dictionary_is_folded(tmp_path: Path) -> None:
    file = tmp_path / "ar.json.gz"
    file.write_bytes(gzip.compress(json.dumps({"أَنا": 2, "انا": 3, "Hi": 1}).encode()))
    assert dictionary(file) == Counter({"انا": 5, "hi": 1})


@pytest.mark.parametrize("content", [None, b"no gzip", gzip.compress(b"no JSON")], ids=["absent", "plain", "no JSON"])
def test_what_is_no_dictionary_is_told_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "en.json.gz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SystemExit, match=r"en\.json\.gz: no gzip JSON"):
        dictionary(file)


def test_rates_are_weighed_by_part_not_by_size() -> None:
    rates = mixed((Counter({"a": 1, "b": 1}), 0.5), (Counter({"a": 1000}), 0.5))
    assert rates == {"a": 750_000.0, "b": 250_000.0}


def test_the_commonest_come_first_without_signs_and_single_letters() -> None:
    assert commonest({"the": 9.0, "a": 99.0, "don't": 50.0, "cat": 9.0, "dog": 1.0}, 2) == ["cat", "the"]


def test_halves_have_four_letters() -> None:
    assert halves_of(["another"]) == {"anot", "anoth", "anothe", "nother", "other", "ther"}


@pytest.mark.parametrize(
    ("word", "listed", "slip"),
    [("fiends", {"fiends": 1}, False), ("friedns", {}, True), ("friendd", {"friendd": 1}, False), ("fren", {}, True)],
)
def test_a_word_of_the_dictionary_is_kept_a_rare_slip_is_not(word: str, listed: dict[str, int], slip: bool) -> None:
    rates = {"friends": 500.0, "fiends": 0.9, "friedns": 0.9, "friendd": 0.9, "fren": 0.9}
    assert is_slip(word, "friends", rates, Counter(listed), ENGLISH) is slip


def test_a_doubled_letter_in_the_arabic_dictionary_is_a_slip() -> None:
    rates = {"حيوان": 100.0, "حيووان": 0.5}
    for count, slip in ((1, True), (10, False)):
        assert is_slip("حيووان", "حيوان", rates, Counter({"حيوان": 100, "حيووان": count}), ARABIC) is slip


def test_only_words_that_would_be_changed_are_kept() -> None:
    rates = {"idoit": 5.0, "zqxvwk": 5.0, "idiot": 60.0}
    assert list(to_keep(rates, Counter(), set(), ENGLISH)) == ["idoit"]
