"""The golden texts: what a reader of the language expects, not what the code happened to print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mahlan.core.normalise import normalise

FOLDER = Path(__file__).parent.parent / "golden" / "normalise"
NAMES = ("arz", "ar", "arabizi", "en", "mixed", "evasion")


def cases(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


EVERY = [case for name in NAMES for case in cases(name)]
ALL = [pytest.param(case, id=case["id"]) for case in EVERY]
TAKEN_OUT = ("hashtags", "mentions", "urls")


@pytest.mark.parametrize("name", NAMES)
def test_each_language_has_sixty_cases_of_its_own(name: str) -> None:
    texts = {case["text"] for case in cases(name)}
    assert len(texts) == len(cases(name)) >= 60


@pytest.mark.parametrize("case", ALL)
def test_text_reads_as_expected(case: dict[str, Any]) -> None:
    found = normalise(case["text"])
    readings = {reading.kind: reading.text for reading in found.readings}
    assert readings.pop("original") == case["original"]
    assert readings.get("arabic") == case.get("arabic")
    assert found.language == case["language"]


@pytest.mark.parametrize("case", [case for case in EVERY if case.keys() & set(TAKEN_OUT)], ids=lambda case: case["id"])
def test_hashtags_mentions_and_links_are_taken_out(case: dict[str, Any]) -> None:
    found = normalise(case["text"])
    for name in TAKEN_OUT:
        if name in case:
            assert list(getattr(found, name)) == case[name]


@pytest.mark.parametrize("case", ALL)
def test_reading_twice_changes_nothing(case: dict[str, Any]) -> None:
    once = normalise(case["text"]).readings[0].text
    assert normalise(once).readings[0].text == once
