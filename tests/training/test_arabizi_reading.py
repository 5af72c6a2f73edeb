"""The measure of the Arabic reading of Arabizi, and the least it must reach on invented comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.arabizi.__main__ import rates, read_back, table
from training.arabizi.pairs import Pair, distance, read_pairs, read_words


def test_the_pairs_are_many_and_parted_by_writer() -> None:
    pairs = read_pairs()
    assert len(pairs) >= 300
    writers = [{pair.writer for pair in pairs if pair.part == part} for part in ("dev", "test")]
    assert all(len(some) >= 4 for some in writers)
    assert not writers[0] & writers[1]
    texts = [" ".join(pair.words) for pair in pairs]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("part", "right", "wrong_letters"), [("dev", 0.94, 0.03), ("test", 0.87, 0.06)])
def test_comments_are_mostly_read_right(part: str, right: float, wrong_letters: float) -> None:
    found = [read for pair in read_pairs() if pair.part == part for read in read_words(pair)]
    exact, errors, size = rates([read for read in found if not read.english])
    assert size > 400
    assert exact >= right
    assert errors <= wrong_letters


def test_most_english_words_stay_as_they_are() -> None:
    found = [read for pair in read_pairs() for read in read_words(pair) if read.english]
    assert len(found) >= 80
    assert rates(found)[0] >= 0.9


def test_a_word_is_right_in_any_accepted_spelling_and_the_article_is_free() -> None:
    pair = Pair("dev", "me", ("el", "kalam", "da", "cool"), (("ال",), ("كلام",), ("دا", "ده"), ("cool",)))
    assert [(read.found, read.errors, read.english) for read in read_words(pair)] == [
        ("كلام", 0, False),
        ("ده", 0, False),
        ("cool", 0, True),
    ]


def test_wrong_letters_are_counted_against_the_nearest_spelling() -> None:
    (read,) = read_words(Pair("dev", "me", ("kalamak",), (("سلامك", "غرابه"),)))
    assert (read.wanted, read.errors, read.letters) == ("سلامك", 1, 5)
    assert distance("كلام", "كلب") == 2


def test_a_line_that_is_not_word_by_word_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("dev\tme\tel beet\tالبيت\n", encoding="utf-8")
    with pytest.raises(ValueError, match="word by word"):
        read_pairs(path)


def test_reading_back_counts_what_comes_back() -> None:
    assert read_back(["كلب", "بنت"], seed=1, read=lambda latin: "كلب") == (0.5, pytest.approx(0.5))


def test_the_table_has_a_line_for_every_writer_and_part() -> None:
    pairs = [pair for pair in read_pairs() if pair.writer in ("french", "mixed")]
    assert [line.split("|")[2].strip() for line in table(pairs).splitlines()[2:]] == ["french", "all", "mixed", "all"]
