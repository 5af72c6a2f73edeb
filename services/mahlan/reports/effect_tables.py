"""The tables of effects, each family in one, with a bar for every interval."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from mahlan.core.experiment.effects import Effect
from mahlan.core.experiment.observation import HOLDOUT
from mahlan.reports.chart import bar, reach, tone
from mahlan.reports.figures import Figures
from mahlan.reports.html import element, paragraphs, table, text
from mahlan.reports.words import NOT_KNOWN, Words, number


def effect_tables(figures: Figures, words: Words) -> str:
    """All of them; a family without rows is left out."""
    primary = [row for row in figures.effect if row.role == "primary"]
    secondary = [row for row in figures.effect if row.role == "secondary"]
    others = [row for row in figures.effect if row.role == "exploratory"]
    by_language = [row for row in others if row.language is not None]
    by_arm = [row for row in others if row.language is None and row.against == HOLDOUT]
    between = [row for row in others if row.language is None and row.against != HOLDOUT]
    return "".join(
        (
            _section("primary", primary, words, note=None),
            _section("secondary", secondary, words, note="secondary_note"),
            _section("by_language", by_language, words, note="exploratory_note"),
            _section("by_arm", by_arm, words, note="exploratory_note"),
            _section("between_arms", between, words, note="exploratory_note"),
        )
    )


def _section(key: str, rows: Sequence[Effect], words: Words, *, note: str | None) -> str:
    if not rows:
        return ""
    overall = rows[0].role != "exploratory"
    parts = [list(rows)] if overall else [list(same) for _, same in groupby(rows, key=_measure)]
    return element(
        "section",
        text("h2", words.say("tables", key)),
        paragraphs([words.say("tables", note)] if note else []),
        *(_table(key, part, words) for part in parts),
        class_="effects",
    )


def _measure(row: Effect) -> str:
    return row.measure


def _table(key: str, rows: Sequence[Effect], words: Words) -> str:
    sides = ("first", "second") if key == "between_arms" else ("asked", "not_asked")
    names = ("comparison", *sides, "difference", "interval", "state")
    overall = rows[0].role != "exploratory"
    caption = words.say("tables", key) if overall else words.name("measures", rows[0].measure)
    # Overall rows are of different measures, each on a scale of its own.
    scales = [reach([row] if overall else rows) for row in rows]
    head = [words.say("tables", "measure" if overall and name == "comparison" else name) for name in names]
    return table(
        caption,
        head,
        [_row(row, words, widest) for row, widest in zip(rows, scales, strict=True)],
        class_="stack overall" if overall else "stack",
    )


def _row(row: Effect, words: Words, widest: float) -> list[str]:
    return [
        escape(_compared(row, words)),
        _arm(row.treated.mean, row.treated.authors, row, words),
        _arm(row.control.mean, row.control.authors, row, words),
        escape(_difference(row, words)),
        element("div", bar(row, widest), escape(interval(row, words))),
        element("span", escape(_state(row, words)), class_=f"state {tone(row)}"),
    ]


def _compared(row: Effect, words: Words) -> str:
    if row.role != "exploratory":
        return words.name("measures", row.measure)
    if row.language is not None:
        return words.name("languages", row.language)
    if row.against == HOLDOUT:
        return words.name("arms", row.arm)
    return words.say("tables", "against", arm=words.name("arms", row.arm), against=words.name("arms", row.against))


def _arm(mean: float | None, authors: int, row: Effect, words: Words) -> str:
    counted = text("small", f"({number(authors)})")
    return element("div", escape(words.mean(row.measure, mean)), " ", counted)


def _difference(row: Effect, words: Words) -> str:
    return NOT_KNOWN if row.difference is None else words.amount(row.measure, row.difference, signed=True)


def interval(row: Effect, words: Words) -> str:
    """Its two ends in words; a dash while there is not enough."""
    return NOT_KNOWN if row.low is None or row.high is None else words.span(row.measure, row.low, row.high)


def _state(row: Effect, words: Words) -> str:
    if row.days_needed is None or row.state in {"lower", "higher"}:
        return words.name("states", row.state)
    return words.say("tables", f"until_{row.state}", days=number(max(row.days_needed, 1)))
