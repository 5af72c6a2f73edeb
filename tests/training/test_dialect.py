"""The table of letters that tells Egyptian from other Arabic: what is learnt from, what is kept, how it is written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from mahlan.core.dialect import LETTERS
from mahlan.languages import grams
from training.dialect import FEWEST_ROWS, MOST_ROWS, Row, common_runs, fit, main, training_rows, weights
from training.language_id import packed
from training.spelling import INVENTED

WORDS = {True: ("زقطه", "زقطي", "زقطك", "زقطو", "زقطنا"), False: ("مضغه", "مضغي", "مضغك", "مضغو", "مضغنا")}
"""Made up: of each side five words that share their first letters."""


def rows(number: int) -> list[Row]:
    return [
        Row(["ده" if side else "هذا", WORDS[side][at % 5]], side, "mlma_ar")
        for side in (True, False)
        for at in range(number)
    ]


def test_letters_beside_markers_are_learnt_and_not_the_markers() -> None:
    odds = fit(rows(FEWEST_ROWS), keep=50)
    assert odds["<زق"] > 0 > odds["<مض"]
    assert not any(run in odds for run in ("<ده", "ده>", "هذا"))


def test_runs_of_few_rows_or_few_words_are_left_out() -> None:
    assert common_runs(rows(FEWEST_ROWS - 1)) == {}
    found = common_runs(rows(FEWEST_ROWS))
    assert "زقط" in found
    assert "طنا" not in found  # many rows, one word


def test_too_few_rows_are_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match=f"{FEWEST_ROWS} rows"):
        fit(rows(2), keep=10)


def test_only_as_many_runs_are_kept_as_asked_for() -> None:
    assert len(fit(rows(FEWEST_ROWS), keep=4)) == 4


def test_both_sides_count_the_same() -> None:
    learnt = rows(40)[20:]
    counted = weights(learnt)
    sides = [
        sum(weight for row, weight in zip(learnt, counted, strict=True) if row.egyptian == side)
        for side in (True, False)
    ]
    assert sides[0] == pytest.approx(sides[1])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One source with a licence, one without, rows that the markers confirm and one that they do not."""
    told = [
        ("ده كلب", "arz", "mlma_ar"),
        ("كلب", "arz", "mlma_ar"),
        ("هذا كلب", "ar", "mlma_ar"),
        ("ده كلب", "ar", "mlma_ar"),
    ]
    told += [("هذا كلب", "ar", "mlma_ar")] * MOST_ROWS
    for split in ("train", "dev"):
        (tmp_path / split).mkdir()
        for source in ("mlma_ar", "egy5way"):
            lines = [json.dumps({"text": text, "lang": lang, "source": source}) for text, lang, _ in told]
            (tmp_path / split / f"{source}.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return tmp_path


def test_rows_that_the_markers_confirm_are_learnt_from_up_to_a_limit(data: Path) -> None:
    learnt = training_rows(data, without=None)
    assert {row.source for row in learnt} == {"mlma_ar", INVENTED}
    given = [row for row in learnt if row.source == "mlma_ar"]
    assert [row.words for row in given if row.egyptian] == [["ده", "كلب"]]
    assert sum(not row.egyptian for row in given) == MOST_ROWS
    assert {row.source for row in training_rows(data, without="mlma_ar")} == {INVENTED}


def test_what_is_written_is_what_is_read() -> None:
    odds = {"<ده": 0.5, "ايه>": -1.25}
    assert grams(packed(odds, 64, LETTERS) + b"rest", LETTERS) == (odds, b"rest")


def test_the_command_writes_and_tells_shares_by_source(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--data", str(data), "--out", str(data), "--grams", "300"])
    told = capsys.readouterr().out
    assert 200 < len(grams((data / "dialect.bin").read_bytes(), LETTERS)[0]) <= 300
    assert any(line.startswith("arz egy5way") for line in told.splitlines())
    (data / "dialect.bin").unlink()
    main(["--data", str(data), "--out", str(data), "--without", "mlma_ar"])
    assert not (data / "dialect.bin").exists()
