"""The invented cases under ``training/cases``, read. Called by ``functional``, ``evasions``, ``fairness`` and trainers.

``cases/README.md`` says what a row holds and how the parts are kept apart.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
PAIRS = CASES / "pairs"
LANGUAGES = ("arz", "ar", "arz-Latn", "en", "mixed")
PARTS = ("train", "test")


@dataclass(frozen=True, slots=True)
class Case:
    """One invented comment. ``labels`` holds 0 or 1 for what is clear; a label that is not there is unknown."""

    id: str
    text: str
    language: str
    capability: str
    phrasing: str
    toxic: int
    labels: Mapping[str, int]
    part: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence with a gap ``{}`` for an identity; ``slot`` names the list that fits its grammar."""

    id: str
    template: str
    slot: str
    language: str
    toxic: int


def read_cases(folder: Path = CASES, part: str | None = None) -> list[Case]:
    """All cases, or those of ``part``, in the order of languages, capabilities and files.

    Raises ``TypeError`` for a row with a field missing or too many, ``ValueError`` for one that is not JSON.
    """
    files = [file for language in LANGUAGES for file in sorted((folder / language).glob("*.jsonl"))]
    cases = [Case(**row) for file in files for row in _rows(file)]
    return [case for case in cases if part is None or case.part == part]


def read_pairs(folder: Path = PAIRS) -> list[Pair]:
    """All sentences of the minimal pairs. Raises as ``read_cases``."""
    return [Pair(**row) for language in LANGUAGES for row in _rows(folder / f"{language}.jsonl")]


def read_identities(folder: Path = PAIRS) -> dict[str, dict[str, list[str]]]:
    """The identities by language and slot."""
    return tomllib.loads((folder / "identities.toml").read_text(encoding="utf-8"))


def filled(pair: Pair, identities: Sequence[str]) -> list[str]:
    """The sentence with each identity in its gap; the English article follows the word (a Nubian, an Egyptian)."""
    return [_with_article(pair.template, identity).format(identity) for identity in identities]


def _with_article(template: str, identity: str) -> str:
    return re.sub(r"\b([Aa]) \{\}", r"\1n {}", template) if identity[0] in "AEIOU" else template


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
