"""Train the table of letters that tells Egyptian from other Arabic: ``services/mahlan/languages/dialect.bin``.

    python -m training.dialect --data DIR                    # train, write, measure on DIR/dev and the invented cases
    python -m training.dialect --data DIR --check            # measure what is committed
    python -m training.dialect --data DIR --without SOURCE   # train without a source, measure, write nothing

Logistic regression over runs of 3 and 4 letters. What it learns from are rows whose dialect the markers of
``languages/*.toml`` confirm, without the words that are markers: so it learns what stands beside them. Rows are of
sources with a stated licence (``SOURCES``), and this project's own comments; the other sources of ``DIR`` only measure.
Each source counts at most ``MOST_ROWS`` rows, since sources differ in topic as much as in dialect. Runs that stand in
fewer than ``FEWEST_ROWS`` rows or ``FEWEST_WORDS`` words are left out, then all but the ``--grams`` that move most.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from mahlan.core.dialect import EGYPTIAN, LETTERS, letter_odds, letters_weight, marked_weight, markers, runs
from training.arabizi.tables import folded_words
from training.invented import read_cases
from training.language_id import LICENSED, TABLE, packed, rows
from training.more_cases import read_more
from training.spelling import INVENTED

SOURCES = frozenset(LICENSED) | {"saudi_hate"}
"""``saudi_hate`` lies on Mendeley Data as ``mdold_moroccan`` does, where CC BY 4.0 is usual."""
MOST_ROWS = 1500
FEWEST_ROWS, FEWEST_WORDS = 30, 4
PENALTY = 30.0
SHARE = 0.5
"""What a nat of the regression counts in the unit of the markers (chosen on dev: 1 is no better)."""
STEPS = 64


@dataclass(frozen=True, slots=True)
class Row:
    """The folded words of a text and where it is from."""

    words: Sequence[str]
    egyptian: bool
    source: str

    @property
    def marked(self) -> float:
        """What the lists say."""
        return sum(map(marked_weight, self.words))


def read_rows(data: Path, split: str) -> Iterator[Row]:
    """The rows in Arabic letters of a split."""
    for row in rows(data, split):
        if row["lang"] in ("ar", "arz"):
            yield Row(folded_words(row["text"]), row["lang"] == "arz", row["source"])


def training_rows(data: Path, without: str | None) -> list[Row]:
    """What is learnt from: rows the markers confirm, at most ``MOST_ROWS`` a source and language, by lot."""
    own = [case for case in (*read_more(), *read_cases(part="train")) if case.language in ("ar", "arz")]
    found = [Row(folded_words(case.text), case.language == "arz", INVENTED) for case in own]
    found += (row for row in read_rows(data, "train") if row.source in SOURCES)
    dice = random.Random(1)
    dice.shuffle(found)
    taken: Counter[tuple[str, bool]] = Counter()
    kept = []
    for row in found:
        if row.source == without or taken[row.source, row.egyptian] >= MOST_ROWS:
            continue
        if row.source == INVENTED or (row.marked >= EGYPTIAN) == row.egyptian:
            taken[row.source, row.egyptian] += 1
            kept.append(row)
    return kept


def weights(learnt: Sequence[Row]) -> list[float]:
    """Larger sources count more, but less than by their size; Egyptian and other rows count the same in sum."""
    sizes = Counter((row.source, row.egyptian) for row in learnt)
    sums = {side: sum(size**0.75 for (_, of), size in sizes.items() if of == side) for side in (True, False)}
    return [5000 / sums[row.egyptian] * sizes[row.source, row.egyptian] ** -0.25 for row in learnt]


def common_runs(learnt: Sequence[Row]) -> dict[str, int]:
    """The runs that stand in enough rows and words, numbered; words that are markers left out."""
    in_rows: Counter[str] = Counter()
    spelled: dict[str, frozenset[str]] = {}
    for row in learnt:
        words = set(row.words) - markers().keys()
        spelled.update((word, frozenset(runs(word))) for word in words - spelled.keys())
        in_rows.update(frozenset().union(*map(spelled.__getitem__, words)))
    in_words = Counter(run for found in spelled.values() for run in found)
    kept = sorted(run for run in in_rows if in_rows[run] >= FEWEST_ROWS and in_words[run] >= FEWEST_WORDS)
    return {run: number for number, run in enumerate(kept)}


def matrix(learnt: Sequence[Row], numbers: Mapping[str, int]) -> Any:
    """Sparse ``[rows, runs]``: how often a run stands in a row, outside of markers."""
    of_word: dict[str, list[int]] = {word: [] for word in markers()}
    found: list[int] = []
    ends = [0]
    for row in learnt:
        for word in row.words:
            if word not in of_word:
                of_word[word] = [numbers[run] for run in runs(word) if run in numbers]
            found += of_word[word]
        ends.append(len(found))
    return sparse.csr_matrix((np.ones(len(found)), found, ends), shape=(len(learnt), len(numbers)))


def fit(learnt: Sequence[Row], keep: int) -> dict[str, float]:
    """The ``keep`` runs that move scores most, with their weights in the unit of the markers.

    Raises ``ValueError`` where the rows are too few to learn anything from.
    """
    numbers = common_runs(learnt)
    if not numbers:
        raise ValueError(f"no run of letters stands in {FEWEST_ROWS} rows and {FEWEST_WORDS} words: give more rows")
    features = matrix(learnt, numbers)
    learner = LogisticRegression(C=1 / PENALTY, max_iter=300)
    learner.fit(features, [row.egyptian for row in learnt], sample_weight=weights(learnt))
    found = learner.coef_[0] * SHARE
    moved = np.abs(found) * np.sqrt(np.asarray((features > 0).sum(axis=0)).ravel())
    best = set(np.argsort(-moved)[:keep].tolist())
    return {run: float(found[at]) for run, at in numbers.items() if at in best and round(found[at] * STEPS)}


def measure(data: Path, odds: Mapping[str, float]) -> None:
    """The share taken for Egyptian, with the letters and by the lists alone, by source of dev and in the test cases."""
    cases = [case for case in read_cases(part="test") if case.language in ("ar", "arz")]
    found = [*read_rows(data, "dev")]
    found += (Row(folded_words(case.text), case.language == "arz", "(invented, test)") for case in cases)
    told = [(row.egyptian, row.source, *taken(row, odds)) for row in found]
    told += ((egyptian, "(all of dev)", *both) for egyptian, source, *both in told if source[0] != "(")
    print(f"{'':28}   rows  taken for Egyptian  by the lists alone")
    for (egyptian, source), group in groupby(sorted(told), key=lambda row: row[:2]):
        both = np.array([row[2:] for row in group])
        shares = both.mean(axis=0)
        print(f"{'arz' if egyptian else 'ar':4}{source:24} {len(both):6} {shares[0]:19.3f} {shares[1]:19.3f}")


def taken(row: Row, odds: Mapping[str, float]) -> tuple[bool, bool]:
    """Whether a row counts as Egyptian: with the letters, and without."""
    marked = row.marked
    return marked + sum(letters_weight(word, odds) for word in row.words) >= EGYPTIAN, marked >= EGYPTIAN


def main(argv: list[str]) -> None:
    """Train and write the table, then measure it; or only measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and dev/ (gzip JSON lines)")
    parser.add_argument("--check", action="store_true", help="measure the committed table only")
    parser.add_argument("--without", metavar="SOURCE", help="leave this source out, and write nothing")
    parser.add_argument("--grams", type=int, default=4000, help="runs of letters to keep")
    parser.add_argument("--out", type=Path, default=TABLE, help="folder to write to (default: the product's tables)")
    options = parser.parse_args(argv)
    if options.check:
        odds = letter_odds()
    else:
        learnt = training_rows(options.data, options.without)
        odds = fit(learnt, options.grams)
        print(f"learnt from {len(learnt)} rows, {len(odds)} runs of letters kept")
        if not options.without:
            (options.out / "dialect.bin").write_bytes(packed(odds, STEPS, LETTERS))
    measure(options.data, odds)


if __name__ == "__main__":
    main(sys.argv[1:])
