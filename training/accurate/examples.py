"""Labelled comments for the accurate model: read, normalised, capped. Called by ``__main__.py`` and ``augment.py``.

Beside ``toxic`` a row may say other labels; one it does not say is unknown, never 0. ``DATA/aux/*.train.jsonl*`` may
hold rows without ``toxic``.
"""

from __future__ import annotations

import gzip
import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from training import invented
from training.accurate.config import Config
from training.contrast_cases import read_contrast
from training.evaluate import SEED
from training.more_cases import read_more
from training.rows import Row, normalised, read_lines
from training.spelling import CONTRAST, INVENTED, spelled_rows

CASE_DEV = 10
"""One phrasing in so many of the invented train cases is dev: choices are made on what is not learnt."""
LEAST_TOXIC = 200
TELLING = 0.9


@dataclass(frozen=True, slots=True)
class Example:
    """A normalised comment and what is known of it: label to 0 or 1.

    ``twin``: the first reading of the comment that this one is a disguise of; empty where it is none.
    """

    row: Row
    labels: dict[str, int]
    smoothing: float = 0.0
    weight: float = 1.0
    twin: str = ""


def read_examples(data: Path, split: str, config: Config, licences: str, most: int = 0) -> list[Example]:
    """The rows of ``data/split`` and ``data/aux`` whose sources the licence choice allows, without repeats.

    ``most`` of them by lot, for a trial run; 0: all.
    """
    folder = data / split
    files = [*sorted(folder.glob("*.jsonl*")), *sorted((data / "aux").glob(f"*.{split}.jsonl*"))]
    if not any(file.parent == folder for file in files):
        raise SystemExit(f"{folder}: no *.jsonl or *.jsonl.gz there; --data takes a folder as training/README.md says")
    raw = [row for file in files for row in read_lines(file) if allowed(row["source"], config, licences)]
    if 0 < most < len(raw):
        raw = random.Random(config.seed).sample(raw, most)
    return without_repeats(made(raw, config, f"normalising {split}"))


def allowed(source: str, config: Config, licences: str) -> bool:
    """Whether rows of ``source`` may be used; one the config does not name stops the run."""
    if source not in config.sources:
        raise SystemExit(f"source {source} is not in training/accurate.toml: add [sources.{source}] there first")
    return licences == "all" or config.sources[source].stated


def made(raw: Sequence[dict[str, Any]], config: Config, title: str) -> list[Example]:
    """Examples of rows as the data folder has them."""
    rows = normalised([{**row, "toxic": row.get("toxic") or 0} for row in raw], title)
    return [
        Example(
            row=row,
            labels=_labels(one, config.labels),
            smoothing=max(config.sources[row.source].smoothing, config.rows.weak_smoothing if row.weak else 0.0),
            weight=config.sources[row.source].weight,
        )
        for row, one in zip(rows, raw, strict=True)
    ]


def read_cases(config: Config, folder: Path) -> tuple[list[Example], list[Example]]:
    """The invented cases of part ``train``, as train and dev, parted by phrasing; part ``test`` is left alone.

    A frame for contrast is in one part with all that stands in it, good or bad, in every language.
    """
    rows = config.rows
    written = [*invented.read_cases(folder, "train"), *read_more(folder / "more", rows.slot_fills, config.seed)]
    composed = read_contrast(rows.contrast, folder / "contrast", config.seed)
    named = [(case, INVENTED, f"{case.capability} {case.phrasing}") for case in written]
    named += [(case, CONTRAST, case.phrasing) for case in composed]
    raw = [{**asdict(case), "lang": case.language, "source": source} for case, source, _ in named]
    parts: tuple[list[Example], list[Example]] = ([], [])
    for (_, _, name), example in zip(named, made(raw, config, "normalising invented cases"), strict=True):
        parts[int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(), 16) % CASE_DEV == 0].append(example)
    return parts


def with_spelled(examples: Sequence[Example]) -> list[Example]:
    """``examples`` and their Egyptian ones in Latin letters, as ``training/evaluate.py`` adds them to dev rows."""
    egyptian = [example for example in examples if example.row.language == "arz"]
    return [*examples, *with_labels_of(spelled_rows([example.row for example in egyptian], SEED), egyptian)]


def without_repeats(examples: Iterable[Example], besides: Iterable[Example] = ()) -> list[Example]:
    """One example per normalised text, and none whose text is in ``besides``."""
    seen = {example.row.readings[0].text for example in besides}
    kept: list[Example] = []
    for example in examples:
        text = example.row.readings[0].text
        if text and text not in seen:
            seen.add(text)
            kept.append(example)
    return kept


def without_shortcuts(examples: Sequence[Example], most: float, seed: int) -> list[Example]:
    """No word alone gives away more than ``most`` of a source's toxic rows of one language.

    A word that toxic rows hold and others hardly do teaches that word and nothing else; surplus rows with it go.
    """
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, example in enumerate(examples):
        groups[example.row.source, example.row.language].append(place)
    dice, dropped = random.Random(seed), set[int]()
    for places in groups.values():
        dropped |= _surplus(examples, places, most, dice)
    return [example for place, example in enumerate(examples) if place not in dropped]


def _surplus(examples: Sequence[Example], places: Sequence[int], most: float, dice: random.Random) -> set[int]:
    toxic = [place for place in places if examples[place].labels.get("toxic") == 1]
    if len(toxic) < LEAST_TOXIC or len(toxic) == len(places):
        return set()
    words = {place: set(examples[place].row.readings[0].text.split()) for place in places}
    in_toxic = Counter(word for place in toxic for word in words[place])
    in_all = Counter(word for place in places for word in words[place])
    dropped: set[int] = set()
    for word, count in in_toxic.items():
        if count > most * len(toxic) and count > TELLING * in_all[word]:
            holders = [place for place in toxic if word in words[place]]
            others = len(toxic) - count
            keep = int(most * others / (1 - most))
            dropped |= set(dice.sample(holders, len(holders) - keep))
    return dropped


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """JSON lines, gzip."""
    with gzip.open(path, "wb", compresslevel=4) as out:
        out.writelines(msgspec.json.encode(example) + b"\n" for example in examples)


def load_examples(path: Path) -> list[Example]:
    """What ``write_examples`` wrote."""
    with gzip.open(path, "rb") as lines:
        return [msgspec.json.decode(line, type=Example) for line in lines]


def _labels(raw: dict[str, Any], names: Sequence[str]) -> dict[str, int]:
    said = {**(raw.get("labels") or {}), "toxic": raw.get("toxic")}
    return {name: int(said[name]) for name in names if said.get(name) is not None}


def with_labels_of(rows: Sequence[Row], examples: Sequence[Example]) -> list[Example]:
    """``examples`` with other rows, one for each."""
    return [replace(example, row=row) for row, example in zip(rows, examples, strict=True)]
