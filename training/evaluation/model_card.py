"""The measured part of a MODEL_CARD.md, between two markers; the rest is left to people. Called by ``command.py``."""

from __future__ import annotations

from pathlib import Path

from training.evaluation.report import Report
from training.evaluation.tables import gate_text, sections

CARD = "MODEL_CARD.md"
BEGIN = "<!-- what make eval wrote: begin -->"
END = "<!-- what make eval wrote: end -->"


class CardError(Exception):
    """The card's markers are not a pair; the message says what to do."""


def write_card(folder: Path, report: Report) -> Path:
    """Put the report's tables into the card of ``folder``, at its end where it has no markers. Raises ``CardError``."""
    file = folder / CARD
    before = file.read_text(encoding="utf-8") if file.exists() else f"# {report.model}\n"
    file.write_text(replaced(before, measured(report)), encoding="utf-8")
    return file


def check_card(folder: Path) -> None:
    """Raises ``CardError`` where the tables could not be put in, before they are measured at length."""
    file = folder / CARD
    if file.exists():
        replaced(file.read_text(encoding="utf-8"), "")


def replaced(card: str, text: str) -> str:
    """``card`` with ``text`` between its markers. Raises ``CardError`` where they are not one pair in order."""
    counts = card.count(BEGIN), card.count(END)
    if counts == (0, 0):
        return f"{card.rstrip()}\n\n## Measured\n\n{BEGIN}\n{text}\n{END}\n"
    if counts != (1, 1) or card.index(BEGIN) > card.index(END):
        raise CardError(f"{CARD} must hold the line {BEGIN} once and after it the line {END} once")
    head, tail = card.partition(BEGIN)[0], card.partition(END)[2]
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def measured(report: Report) -> str:
    """All tables, each under a heading."""
    where = "[docs/evaluation.md](../../../docs/evaluation.md)"
    made = f"Written by `make eval DATA=DIR MODEL={report.model}`; `eval.json` holds the same."
    parts = [f"{made}\n{where} says how to read it."]
    parts += [f"### {title}\n\n{text}" for _, title, text in sections(report)]
    parts.append(f"### Against its predecessor\n\n{gate_text(report)}")
    return "\n\n".join(parts)
