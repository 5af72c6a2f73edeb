"""The invented comments of ``training/cases/more``: many, for training only. Called by trainers.

One TOML file a language and capability: ``toxic``, ``labels`` that hold for every line, and ``[phrasings]`` of one
comment a line. A line may hold slots such as ``{group}``; ``slots.toml`` of its language says what fits.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.invented import CASES, LANGUAGES, Case

MORE = CASES / "more"
SLOTS = "slots.toml"
SLOT = re.compile(r"\{(\w+)\}")
FIELDS = {"toxic", "labels", "phrasings"}


def read_more(folder: Path = MORE, fills: int = 3, seed: int = 1) -> list[Case]:
    """All comments, those with slots ``fills`` times, filled by lot; all of part ``train``.

    Raises ``ValueError`` naming the file for one that is not TOML, holds another field or names an unknown slot.
    """
    dice = random.Random(seed)
    return [case for language in LANGUAGES for case in _language(folder / language, language, fills, dice)]


def _language(folder: Path, language: str, fills: int, dice: random.Random) -> Iterator[Case]:
    slots = _read(folder / SLOTS) if (folder / SLOTS).exists() else {}
    for file in sorted(folder.glob("*.toml")):
        if file.name != SLOTS:
            yield from _capability(file, language, slots, fills, dice)


def _capability(
    file: Path, language: str, slots: Mapping[str, Sequence[str]], fills: int, dice: random.Random
) -> Iterator[Case]:
    told = _read(file)
    if set(told) != FIELDS:
        raise ValueError(f"{file}: holds {sorted(told)}, wants {sorted(FIELDS)}")
    for phrasing, block in told["phrasings"].items():
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        texts = [text for line in lines for text in _filled(file, line, slots, fills, dice)]
        for place, text in enumerate(texts, start=1):
            name = f"{language}-{file.stem}-{phrasing}-{place}"
            yield Case(name, text, language, file.stem, phrasing, told["toxic"], told["labels"], "train")


def _filled(
    file: Path, line: str, slots: Mapping[str, Sequence[str]], fills: int, dice: random.Random
) -> Iterator[str]:
    named = SLOT.findall(line)
    unknown = [name for name in named if name not in slots]
    if unknown:
        raise ValueError(f"{file}: slot {unknown[0]} is not in {SLOTS} of its language")
    for _ in range(fills if named else 1):
        yield SLOT.sub(lambda found: dice.choice(slots[found[1]]), line)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: {error}") from None
