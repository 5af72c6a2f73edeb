"""Did the champion get worse? The differences to its predecessor, each with a limit. Called by ``gate.py``.

Paired: both models judged the same rows, and a draw of the bootstrap takes the same rows for both, so that what is hard
for both cancels out. The predecessor's numbers are kept in its ``eval.json`` too; by those alone a difference is
unpaired and its limit wider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan, sqrt
from typing import Any

import numpy as np

from training.evaluation import measures
from training.evaluation.cells import LEAST, places
from training.evaluation.dev_rows import Labelled
from training.evaluation.measures import Floats, Part, ones
from training.evaluation.resampling import Ints, spread, standard_error
from training.functional import AT, Cell, chosen_cases
from training.invented import LANGUAGES, Case
from training.judging import Judged

ENOUGH = 200
"""Rows that a language or source needs to be looked at on its own."""
NUDGES = 30
"""Nudges that the predecessor must give for its precision to be compared."""
MEASURES = {
    "macro_f1": measures.macro_f1,
    "right": measures.right,
    "nudge_precision": measures.nudge_precision,
}
ALL = "all"


@dataclass(frozen=True, slots=True)
class Difference:
    """One look: a measure of one part, before and now. ``error`` is the standard error of ``after - before``.

    ``main`` looks share half of the allowed false alarms, however many others there are.
    """

    what: str
    part: str
    rows: int
    before: float
    after: float
    error: float
    main: bool

    @property
    def change(self) -> float:
        """What the champion gained, or lost where it is negative."""
        return self.after - self.before

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        numbers = {"before": self.before, "after": self.after, "error": self.error}
        told = {name: None if isnan(number) else round(number, 4) for name, number in numbers.items()}
        return {"what": self.what, "part": self.part, "rows": self.rows, **told, "main": self.main}


def wanted(group: str, rows: int, toxic: int, nudged_before: int) -> Iterator[str]:
    """What is compared of a part: macro-F1, or where it has one class only the share of right verdicts; precision."""
    if group not in (ALL, "language", "source") or (group != ALL and rows < ENOUGH):
        return
    yield "macro_f1" if min(toxic, rows - toxic) >= LEAST else "right"
    if group != "source" and nudged_before >= NUDGES and toxic:
        yield "nudge_precision"


def row_differences(rows: Sequence[Labelled], before: Part, after: Part) -> Iterator[Difference]:
    """By all rows, by language as served, by source; both models on the same rows."""
    for group, name, own in places(rows):
        old, new = before.at(own), after.at(own)
        found = list(wanted(group, len(old), int(old.truth.sum()), int(old.nudged.sum())))
        change = {what: partial(_change, MEASURES[what], old, new) for what in found}
        drawn = spread(change, np.arange(len(old)), f"gate {group} {name}")
        for what in found:
            then, now = (float(MEASURES[what](part, ones(part))[0]) for part in (old, new))
            now = _if_measurable(what, now, int(new.nudged.sum()))
            error = standard_error(drawn[what])
            yield Difference(what, _part(group, name), len(old), then, now, error, main=group == ALL)


def case_differences(cases: Sequence[Case], before: Sequence[Judged], after: Sequence[Judged]) -> Iterator[Difference]:
    """Pass rates of the functional suite; cases of one phrasing are drawn together."""
    for at, toxic, language in suite_looks():
        own = chosen_cases(cases, toxic, ALL, language)
        if not own or (language != ALL and len(own) < LEAST):
            continue
        old, new = (_passes(cases, judged, own, at) for judged in (before, after))
        change = partial(_mean, new - old)
        drawn = spread({"passed": change}, _phrasings(cases, own), f"gate {at} {toxic} {language}")["passed"]
        values = (float(old.mean()), float(new.mean()))
        yield Difference(_suite(at), _side(toxic, language), len(own), *values, standard_error(drawn), language == ALL)


def unpaired(saved: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """The same looks at rows, by the numbers in the predecessor's ``eval.json`` and in the champion's."""
    now = {(cell["by"], cell["name"]): cell for cell in cells}
    for old in saved.get("rows", ()):
        new = now.get((old["by"], old["name"]))
        if new is None:
            continue
        for what in wanted(old["by"], old["rows"], old["toxic"], old["nudged"]):
            numbers = [_number(cell[what]) for cell in (old, new)]
            error = sqrt(sum(error**2 for _, error in numbers))
            after = _if_measurable(what, numbers[1][0], new["nudged"])
            part = _part(old["by"], old["name"])
            yield Difference(what, part, old["rows"], numbers[0][0], after, error, main=old["by"] == ALL)


def unpaired_suite(saved: Mapping[str, Any], cells: Sequence[Cell]) -> Iterator[Difference]:
    """The same looks at the functional suite."""
    keys = ("at", "toxic", "capability", "language")
    then = {tuple(cell[key] for key in keys): cell for cell in saved.get("functional", ())}
    now = {(cell.at, cell.toxic, cell.capability, cell.language): cell.passed for cell in cells}
    for at, toxic, language in suite_looks():
        old, new = then.get((at, toxic, ALL, language)), now.get((at, toxic, ALL, language))
        if old is None or new is None or not new.total:
            continue
        errors = [(one * (1 - one) / total) for one, total in ((old["share"], old["total"]), (new.share, new.total))]
        values = (old["share"], new.share)
        yield Difference(_suite(at), _side(toxic, language), new.total, *values, sqrt(sum(errors)), language == ALL)


def suite_looks() -> Iterator[tuple[str, int, str]]:
    """Level, side and language: over all languages at both levels, by language at the nudge."""
    for at in AT:
        for toxic in (1, 0):
            yield at, toxic, ALL
            if at == "nudge":
                yield from ((at, toxic, language) for language in LANGUAGES)


def _part(group: str, name: str) -> str:
    return ALL if group == ALL else f"{group} {name}"


def _if_measurable(what: str, value: float, nudged: int) -> float:
    """NaN for the precision of hardly any nudges: a champion must not become precise by nudging nobody."""
    return float("nan") if what == "nudge_precision" and nudged < LEAST else value


def _suite(at: str) -> str:
    return f"suite at the {at}"


def _side(toxic: int, language: str) -> str:
    side = "hurtful, found" if toxic else "harmless, left alone"
    return side if language == ALL else f"{side}, {language}"


def _change(measure: Any, old: Part, new: Part, weights: Floats) -> Floats:
    found: Floats = measure(new, weights) - measure(old, weights)
    return found


def _mean(values: Floats, weights: Floats) -> Floats:
    found: Floats = weights @ values / weights.sum(axis=1)
    return found


def _passes(cases: Sequence[Case], judged: Sequence[Judged], own: Sequence[int], at: str) -> Floats:
    return np.array([float(AT[at](judged[place]) == bool(cases[place].toxic)) for place in own])


def _phrasings(cases: Sequence[Case], own: Sequence[int]) -> Ints:
    names = sorted({cases[place].phrasing for place in own})
    return np.array([names.index(cases[place].phrasing) for place in own])


def _number(estimate: Sequence[float | None]) -> tuple[float, float]:
    """Value and standard error of a saved estimate; NaN for one without meaning."""
    value, low, high = (float("nan") if one is None else one for one in estimate)
    return value, (high - low) / (2 * 1.959964)
