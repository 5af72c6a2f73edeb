"""Invented dev rows and what an invented model says to them, for the tests of the evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from mahlan.events.comment import Reading
from training.evaluation.dev_rows import Labelled
from training.evaluation.measures import Part
from training.rows import Row

RUDE = ("you are rude {}", "what a rude {}", "rude as ever {}", "that was vile {}")
KIND = ("you are kind {}", "what a kind {}", "kind as ever {}", "that was fine {}")


def row(toxic: int, source: str = "one", language: str = "en", spelled: bool = False, **labels: int) -> Labelled:
    """A row that says ``toxic`` and ``labels``."""
    readings = (Reading(kind="original", text="some words", offsets=()),)
    found = Row(source, language, toxic, False, language, readings, script="Latn", length=50)
    return Labelled(found, {"toxic": toxic, **labels}, spelled)


def rows(count: int, sources: tuple[str, ...] = ("one", "two")) -> list[Labelled]:
    """Half of them toxic, the sources in turns."""
    return [row(place % 2, sources[place // 2 % len(sources)]) for place in range(count)]


def said(labelled: list[Labelled], seed: int, wrong: float = 0.1) -> Part:
    """Answers of which a share is wrong, by lot; whatever is called toxic is nudged."""
    dice = np.random.default_rng(seed)
    truth = np.array([bool(one.labels["toxic"]) for one in labelled])
    flags = truth ^ (dice.random(len(truth)) < wrong)
    score = np.where(flags, 0.55, 0.05) + 0.4 * dice.random(len(truth))
    return Part(truth, score, flags, flags)


def write_data(folder: Path, count: int = 60) -> Path:
    """A data folder of two sources that say ``toxic`` and one label more, with words marked."""
    (folder / "dev").mkdir(parents=True)
    for source in ("one", "two"):
        lines = [
            {
                "text": text.format(number), "lang": "en", "toxic": toxic, "source": source,
                "labels": {"insult": toxic}, **({"toxic_words": ["rude"]} if "rude" in text else {}),
            }
            for number in range(count // 2)
            for toxic, texts in ((1, RUDE), (0, KIND))
            for text in texts
        ]  # fmt: skip
        (folder / "dev" / f"{source}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder
