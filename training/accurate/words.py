"""Teach a served encoder to tell which words its verdict rests on: one more run of the graph, not one for each word.

    python -m training.accurate.words --model models/accurate/6 --data DIR

Leaving out word after word says it, and takes as many more texts as there are words. So that is done once, on comments
of train, and a small head on the states that the graph has anyway (``heads.py``) learns what came out; amortised, as
FastSHAP does it (Jethwani et al. 2022). Rows with ``toxic_words`` teach it what people mark. The head stands under an
``If``, so that nobody pays for it who does not ask (docs/models.md). Also a part of ``python -m training.accurate``.
"""

from __future__ import annotations

import argparse
import os
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from mahlan.core.draft import all_to_original
from mahlan.core.highlight import words
from mahlan.core.normalise import normalise
from mahlan.errors import ModelError
from mahlan.events.comment import Reading
from mahlan.scoring.folder import GRAPH
from mahlan.scoring.model import Model, Scores
from mahlan.scoring.spans import left_out
from training.accurate.config import Words, read_config
from training.accurate.heads import Lesson, fitted, states_of, with_head, with_states
from training.progress import shown
from training.rows import raw_rows
from training.shares import SHARES, SWITCH
from training.spans import marked
from training.toml import with_shares

CONFIG = Path(__file__).parent.parent / "accurate.toml"
CHUNK = 64


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.accurate.words", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--model", type=Path, required=True, help="a model folder, e.g. models/accurate/6; rewritten")
    parser.add_argument("--data", type=Path, required=True, help="folder with train/*.jsonl.gz")
    parser.add_argument("--config", type=Path, default=CONFIG)
    options = parser.parse_args()
    config = read_config(options.config)
    try:
        teach(options.model, list(raw_rows(options.data, "train")), config.words, config.seed)
    except (ModelError, ValueError) as error:
        raise SystemExit(f"{options.model}: {error}") from None


def teach(folder: Path, rows: Sequence[dict[str, Any]], how: Words, seed: int) -> None:
    """Give the graph in ``folder`` its second output and name it in the manifest.

    Raises ``ModelError`` for a folder that does not load, ``ValueError`` for a graph without layers of normalisation.
    """
    model = Model.load(folder)
    graph = onnx.load(str(folder / GRAPH))
    told = [*told_by_leaving_out(model, drawn(rows, how.comments, seed)), *told_by_people(model, rows)]
    lessons = sorted((lesson for lesson in told if lesson.shares), key=lambda lesson: len(lesson.text))
    states = list(states_of(with_states(graph), model, lessons))
    head = fitted(states, [lesson.human for lesson in lessons], how, seed)
    made = with_head(graph, head)
    (folder / GRAPH).write_bytes(made.SerializeToString(deterministic=True))
    with_shares(folder, SWITCH, SHARES)


def drawn(rows: Sequence[dict[str, Any]], most: int, seed: int) -> list[str]:
    """Texts of toxic rows, as many of each language as there are, ``most`` at most."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.get("toxic") == 1:
            by_language[row["lang"]].append(row["text"])
    dice, each = random.Random(seed), most // max(len(by_language), 1)
    return [text for _, own in sorted(by_language.items()) for text in dice.sample(own, min(each, len(own)))]


def told_by_leaving_out(model: Model, texts: Sequence[str]) -> Iterator[Lesson]:
    """What the logit of the first label falls by without each word, of those comments that the model finds toxic."""
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(lambda chunk: list(_left_out(model, chunk)), chunks)
        for lessons in shown(done, "leaving words out", len(chunks)):
            yield from lessons


def _left_out(model: Model, texts: Sequence[str]) -> Iterator[Lesson]:
    items = [normalise(text) for text in texts]
    found = [item for item, said in zip(items, model.score(items), strict=True)
             if isinstance(said, Scores) and said.verdict.toxic]  # fmt: skip
    readings = [reading.text for item in found for reading in model.wanted(item)]
    for text, (_, weighed) in zip(readings, left_out(model, readings, [0] * len(readings)), strict=True):
        falls = np.maximum([fall for _, _, fall in weighed], 0.0)
        whole = float(falls.sum())
        shares = [(first, end, float(fall) / whole) for (first, end, _), fall in zip(weighed, falls, strict=True)
                  if whole > 0.0]  # fmt: skip
        yield Lesson(text, tuple(shares), human=False)


def told_by_people(model: Model, rows: Iterable[dict[str, Any]]) -> Iterator[Lesson]:
    """The words that annotators marked, each worth the same."""
    for row in rows:
        if row.get("toxic_words"):
            gold = marked(row["text"], row["toxic_words"])
            for reading in model.wanted(normalise(row["text"])):
                yield Lesson(reading.text, _shares(reading, gold), human=True)


def _shares(reading: Reading, gold: set[int]) -> tuple[tuple[int, int, float], ...]:
    own = words(reading.text)
    inside = [bool(gold.intersection(range(*span))) for span in all_to_original(reading.offsets, own)]
    count = sum(inside)
    return tuple((start, end, held / count) for (start, end), held in zip(own, inside, strict=True)) if count else ()


if __name__ == "__main__":
    main()
