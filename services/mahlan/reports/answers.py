"""What the report says first: whether asking helps, whether people fall silent, whether the shares are as planned."""

from __future__ import annotations

from mahlan.core.experiment.effects import Effect
from mahlan.core.experiment.ratio import ALPHA
from mahlan.reports.figures import Figures
from mahlan.reports.words import Words, number

MOST_TOLD = 1_000_000
"""E-values beyond are not told apart."""


def answer(row: Effect, words: Words) -> list[str]:
    """The primary row in sentences."""
    said = [words.say("answer", _answer_key(row), **_amounts(row, words))]
    if row.authors_needed is not None:
        said.append(_until(row, words))
    if row.state != "not_enough":
        said.append(words.say("answer", "level", error=number(100 * (1 - row.level))))
    return said


def chilling(row: Effect, words: Words) -> str:
    """Whether those who were asked comment less."""
    return words.say("answer", f"chilling_{row.state}", **_amounts(row, words))


def ratio(figures: Figures, words: Words) -> list[str]:
    """Whether authors were shared out as planned; empty where nobody checked."""
    found = figures.sample_ratio
    if found is None:
        return []
    everybody = found.treated + found.holdout
    said = words.say(
        "ratio",
        "wrong" if found.alarm else "right",
        holdout=number(found.holdout),
        all=number(everybody),
        share=words.percent(found.expected_share),
    )
    return [said, words.say("ratio", "evidence", value=_evidence(found.e_value, words), alarm=number(1 / ALPHA))]


def _evidence(e_value: float, words: Words) -> str:
    if e_value > MOST_TOLD:
        return words.say("ratio", "more_than", value=number(MOST_TOLD))
    return number(e_value, 0 if e_value >= 10 else 2)


def _answer_key(row: Effect) -> str:
    return "undecided_over" if row.state == "undecided" and row.authors_needed is None else row.state


def _amounts(row: Effect, words: Words) -> dict[str, str]:
    """The amounts that sentences name."""
    if row.difference is None or row.low is None or row.high is None:
        return {}
    told = row.state in {"lower", "higher"}  # then the sentence says which, and sizes are enough
    low, high = sorted((abs(row.low), abs(row.high))) if told else (row.low, row.high)
    return {
        "size": words.amount(row.measure, abs(row.difference)),
        "range": words.span(row.measure, low, high, signed=not told),
    }


def _until(row: Effect, words: Words) -> str:
    there = number(row.treated.authors + row.control.authors)
    needed = number(row.authors_needed or 0)
    if row.days_needed is None:
        return words.say("answer", "until_authors", needed=needed, there=there)
    days = number(max(row.days_needed, 1))
    return words.say("answer", "until_days", needed=needed, there=there, days=days)
