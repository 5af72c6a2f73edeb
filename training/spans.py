"""How well the marked words are those people marked: ``python -m training.spans --data DIR --model fast@1``.

Rows with ``toxic_words`` (the words annotators marked, in order) count; the measure is that of SemEval-2021 task 5
(Pavlopoulos et al. 2021): F1 over characters, averaged over rows. ``make eval`` writes the same lines into the card.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from statistics import fmean
from typing import Any

from mahlan.core.highlight import Span
from mahlan.core.normalise import normalise
from mahlan.errors import ModelError
from mahlan.scoring.cascade import Served
from mahlan.scoring.model import Scores
from mahlan.scoring.served import find_served, load_served
from mahlan.scoring.spans import with_spans
from training.evaluation.resampling import mean_interval
from training.judging import spanned
from training.progress import shown
from training.rows import raw_rows

BANDS = ("medium", "high")
ROUNDS = 15
ENOUGH = 60.0
"""Seconds after which no further round begins."""
CHUNK = 32


@dataclass(frozen=True, slots=True)
class Measured:
    """Mean character-F1 of ``rows`` rows: of the spans, with its 95 % interval, and of marking the whole text."""

    rows: int
    spans: float
    interval: tuple[float, float]
    whole: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        numbers = (self.spans, *self.interval, self.whole)
        spans, low, high, whole = (None if isnan(number) else round(number, 4) for number in numbers)
        return {"rows": self.rows, "character_f1": [spans, low, high], "whole_text": whole}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.spans", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/*.jsonl.gz")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--model", default=None, help="name@version, a cascade's too; the champion by default")
    parser.add_argument("--models", type=Path, default=Path("models"), help="where the model folders are")
    options = parser.parse_args()
    rows = marked_rows(options.data, options.split)
    if not rows:
        raise SystemExit(f"{options.data}/{options.split}: no row there has toxic_words")
    try:
        model = load_served(find_served(options.models, options.model))
    except ModelError as error:
        raise SystemExit(str(error)) from None
    print(f"{model.name} on {len(rows):,} rows with marked words\n\n{report(measure(model, rows))}\n")
    print(f"words of nudged comments: {cost(model, rows):.2f} times the time of scoring them")


def measure(model: Served, rows: Sequence[dict[str, Any]], threads: int = 1) -> dict[str, Measured]:
    """Of every row as served, so without spans where nobody is asked, and of the rows in the nudge band alone."""
    chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(lambda chunk: _served(model, chunk), chunks)
        served = [one for found in shown(done, "marking words", len(chunks)) for one in found]
    golds = [marked(row["text"], row["toxic_words"]) for row in rows]
    wholes = [f1(set(range(len(row["text"]))), gold) for row, gold in zip(rows, golds, strict=True)]
    found = [f1(_characters(_spans(one)), gold) for one, gold in zip(served, golds, strict=True)]
    nudged = [place for place, one in enumerate(served) if isinstance(one, Scores) and one.verdict.band in BANDS]
    return {
        "every row": _measured("every row", found, wholes),
        "rows in the nudge band": _measured("nudged", [found[at] for at in nudged], [wholes[at] for at in nudged]),
    }


def _served(model: Served, rows: Sequence[dict[str, Any]]) -> Sequence[object]:
    items = [normalise(row["text"]) for row in rows]
    return with_spans(model, items, model.score(items), "medium")


def _measured(key: str, found: Sequence[float], wholes: Sequence[float]) -> Measured:
    return Measured(len(found), _mean(found), mean_interval(found, f"spans {key}"), _mean(wholes))


def marked_rows(data: Path, split: str) -> list[dict[str, Any]]:
    """The rows whose words annotators marked."""
    return [row for row in raw_rows(data, split) if "toxic_words" in row]


def report(measured: dict[str, Measured]) -> str:
    """A Markdown table."""
    body = [
        f"| {name} | {one.rows:,} | {one.spans:.3f}{spanned(*one.interval)} | {one.whole:.3f} |"
        for name, one in measured.items()
    ]
    return "\n".join(["| | rows | character-F1 (95 %) | the whole text marked |", "|---|---:|---:|---:|", *body])


def marked(text: str, toxic_words: Iterable[str]) -> set[int]:
    """The characters that annotators marked: each word at its next place in the text, else at its first."""
    found: set[int] = set()
    at = 0
    for word in toxic_words:
        start = text.find(word, at)
        start = text.find(word) if start < 0 else start
        if start >= 0:
            at = start + len(word)
            found.update(range(start, at))
    return found


def f1(found: set[int], gold: set[int]) -> float:
    """F1 of two sets of characters; 1 where both are empty."""
    if not gold or not found:
        return float(found == gold)
    return 2 * len(found & gold) / (len(found) + len(gold))


def cost(model: Served, rows: Sequence[dict[str, Any]]) -> float:
    """Time for the spans of nudged rows, in times of scoring them; the least of several rounds of each."""
    items = [normalise(row["text"]) for row in rows]
    nudged = [item for item, one in zip(items, model.score(items), strict=True)
              if isinstance(one, Scores) and one.verdict.band in BANDS]  # fmt: skip
    results = model.score(nudged)
    return _least(lambda: with_spans(model, nudged, results, "medium")) / _least(lambda: model.score(nudged))


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0


def _least(work: Callable[[], object]) -> float:
    took: list[float] = []
    while len(took) < ROUNDS and sum(took) < ENOUGH:
        begun = time.thread_time()
        work()
        took.append(time.thread_time() - begun)
    return min(took)


def _spans(result: object) -> tuple[Span, ...]:
    return result.spans if isinstance(result, Scores) else ()


def _characters(spans: Iterable[Span]) -> set[int]:
    return {place for start, end in spans for place in range(start, end)}


if __name__ == "__main__":
    main()
