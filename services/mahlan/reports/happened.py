"""What happened after questions: counts that are no effect, since nothing is compared with the holdout here."""

from __future__ import annotations

from dataclasses import fields
from html import escape
from typing import Any

from mahlan.reports.figures import Figures
from mahlan.reports.html import element, table, text
from mahlan.reports.words import NOT_KNOWN, Words, number


def happened(figures: Figures, words: Words) -> str:
    """Outcomes, how revisions read, and questions said to be a mistake; what was not counted is left out."""
    parts = [
        _counts("outcome", figures.nudges.outcomes, figures.nudges.outcomes.shown, words),
        _counts("revisions", figures.nudges.revisions, None, words),
        _budget(figures, words),
    ]
    if not any(parts):
        return ""
    return element("section", text("h2", words.say("happened", "heading")), *parts, class_="happened")


def _counts(caption: str, counted: Any, whole: int | None, words: Words) -> str:
    values = {field.name: getattr(counted, field.name) for field in fields(counted)}
    if all(value is None for value in values.values()):
        return ""
    head = [words.say("happened", caption), words.say("happened", "count")]
    rows = [[escape(words.say("happened", name)), _whole(value)] for name, value in values.items()]
    if whole:
        head.append(words.say("happened", "share"))
        rows = [[*row, _share(value, whole, words)] for row, value in zip(rows, values.values(), strict=True)]
    return table(words.say("happened", caption), head, rows)


def _budget(figures: Figures, words: Words) -> str:
    if not figures.budget:
        return ""
    head = [words.say("happened", name) for name in ("budget", "shown", "disputed", "rate", "allowed", "brake")]
    rows = [
        [
            escape(words.name("languages", one.language)),
            _whole(one.shown),
            _whole(one.disputed),
            _rate(one.rate, words),
            _rate(one.allowed, words),
            escape(words.say("happened", one.brake)),
        ]
        for one in figures.budget
    ]
    return table(words.say("happened", "budget"), head, rows, class_="stack")


def _whole(value: int | None) -> str:
    return NOT_KNOWN if value is None else number(value)


def _share(value: int | None, whole: int, words: Words) -> str:
    return NOT_KNOWN if value is None else _rate(value / whole, words)


def _rate(value: float | None, words: Words) -> str:
    return NOT_KNOWN if value is None else escape(words.percent(value))
