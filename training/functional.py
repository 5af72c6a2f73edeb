"""What the model can do, capability by capability: ``python -m training.functional --model fast@1 --part test``.

In the style of HateCheck (Röttger et al. 2021): invented cases, each testing one thing; a toxic one passes when it is
found, any other when it is left alone. Counted twice: at the model's threshold, and at the band a campaign nudges from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from training.invented import LANGUAGES, PARTS, Case, read_cases
from training.judging import Judged, Rate, counted, judge_texts, loaded, markdown, options

ALL = "all"
AT: dict[str, Callable[[Judged], bool]] = {
    "threshold": lambda judged: judged.toxic,
    "nudge": lambda judged: judged.nudged,
}
"""The two levels a case is judged at."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases of a capability in a language pass at a level; ``all`` stands for every one of them."""

    at: str
    toxic: int
    capability: str
    language: str
    passed: Rate

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        names = {"at": self.at, "toxic": self.toxic, "capability": self.capability, "language": self.language}
        return {**names, **self.passed.as_dict()}


def main() -> None:
    """The command."""
    parser = options("functional", __doc__)
    parser.add_argument("--part", choices=(*PARTS, ALL), default="test", help="which cases (default: test)")
    chosen = parser.parse_args()
    model = loaded(chosen)
    cases = read_cases(part=None if chosen.part == ALL else chosen.part)
    cells = list(suite(cases, judge_texts(model, [case.text for case in cases])))
    if chosen.json:
        print(json.dumps({"model": model.name, "part": chosen.part, "cells": [cell.as_dict() for cell in cells]}))
        return
    for at in AT:
        print(f"{model.name} on {len(cases)} invented cases ({chosen.part}), at the {at}: share that pass\n")
        print(as_table([cell for cell in cells if cell.at == at]) + "\n")


def suite(cases: Sequence[Case], judged: Sequence[Judged]) -> Iterator[Cell]:
    """Pass rates at both levels: capability by language, with totals over either and both, non-toxic ones first."""
    for at, found in AT.items():
        passes = [found(said) == bool(case.toxic) for case, said in zip(cases, judged, strict=True)]
        for toxic in (0, 1):
            names = sorted({case.capability for case in cases if case.toxic == toxic})
            for capability in (*names, ALL):
                for language in (*LANGUAGES, ALL):
                    own = chosen_cases(cases, toxic, capability, language)
                    yield Cell(at, toxic, capability, language, counted(passes[place] for place in own))


def chosen_cases(cases: Sequence[Case], toxic: int, capability: str, language: str) -> list[int]:
    """The places of one side's cases; ``all`` stands for every capability or language."""
    return [
        place
        for place, case in enumerate(cases)
        if case.toxic == toxic and capability in (case.capability, ALL) and language in (case.language, ALL)
    ]


def as_table(cells: Sequence[Cell]) -> str:
    """One level's cells as Markdown: a line for each capability, the last column with its interval."""
    rates = {(cell.toxic, cell.capability, cell.language): cell.passed for cell in cells}
    lines = list(dict.fromkeys((cell.toxic, cell.capability) for cell in cells))
    return markdown(
        ["capability", "toxic", *LANGUAGES, "all (95 %)"],
        [
            [
                capability,
                "yes" if toxic else "no",
                *(_short(rates[toxic, capability, language]) for language in LANGUAGES),
                _long(rates[toxic, capability, ALL]),
            ]
            for toxic, capability in lines
        ],
    )


def _short(rate: Rate) -> str:
    return f"{rate.hits}/{rate.total}" if rate.total else "–"


def _long(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rate.hits}/{rate.total} = {rate.share:.2f} ({low:.2f}–{high:.2f})"


if __name__ == "__main__":
    main()
