"""The report as Markdown tables, each with the command that prints it. Called by ``command.py``, ``model_card.py``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

from training import evasions, fairness, functional, groups, spans, speed
from training.evaluation import gate
from training.evaluation.cells import Cell, Estimate
from training.evaluation.label_scores import LabelLine
from training.evaluation.report import NEED_DATA, Report
from training.judging import markdown

SHOWN = {
    "macro_f1": "macro-F1",
    "auc": "AUC",
    "nudge_precision": "nudge precision",
    "nudge_recall": "nudge recall",
    "false_alarms": "false alarms",
    "ece": "calibration error",
}
FAR = 5
ABOUT = {
    "rows": "The labelled comments of dev, each number with its 95 % interval. A nudge is asked for from the band\n"
    "`medium` on; false alarms are the share of harmless comments that get one. A dash: no meaning, or fewer than ten\n"
    "comments of either class. `spelled_arabizi` is the Egyptian comments over again, in Latin letters by machine.",
    "labels": "Every label the model gives. An experimental one is scored and never decides.",
    "spans": "Character-F1 of the marked words against those people marked (SemEval-2021 task 5), beside marking all.",
    "functional": "Invented cases that no model learns from, by what they test: hurtful ones found, harmless ones\n"
    "left alone, at the nudge and at the threshold.",
    "groups": "Invented sentences, each with every group in it: contempt and calls for harm found; naming, denying,\n"
    "quoting and defending left alone. The interval is drawn by sentence.",
    "evasions": "Hurtful invented cases that the model finds, and again with half of their words disguised.",
    "fairness": "The same sentence about other people: the gap is the highest score less the lowest.",
    "speed": "Processor time on one thread, tokenise and score.",
}
TITLES = {
    "rows": "Labelled comments", "labels": "Labels", "spans": "Marked words", "functional": "What it can do",
    "groups": "What is said of groups",
    "evasions": "Disguised words", "fairness": "Same sentence, other people", "speed": "Speed",
}  # fmt: skip


def sections(report: Report) -> Iterator[tuple[str, str, str]]:
    """Part, heading and text of each part that was measured."""
    for name, title in TITLES.items():
        if getattr(report, name) is not None:
            yield name, title, f"{ABOUT[name]}\n{_command(report, name)}\n\n{table(report, name)}"


def table(report: Report, name: str) -> str:
    """The table of one part that was measured."""
    tables = {
        "rows": lambda: rows_table(report.rows or []),
        "labels": lambda: labels_table(report.labels or []),
        "spans": lambda: spans.report(report.spans or {}),
        "functional": lambda: suite_tables(report.functional or []),
        "groups": lambda: groups.as_text(report.groups or []),
        "evasions": lambda: evasions.as_table(report.evasions or []),
        "fairness": lambda: fairness_table(report),
        "speed": lambda: speed.as_table(report.speed) if report.speed else "",
    }
    return tables[name]()


def rows_table(cells: Sequence[Cell]) -> str:
    """A line a part of the rows."""
    return markdown(
        ["by", "", "rows", "toxic", "nudged", *(f"{name} (95 %)" for name in SHOWN.values())],
        [
            [cell.group, cell.name, f"{cell.rows:,}", f"{cell.toxic / cell.rows:.0%}", f"{cell.nudged:,}"]
            + [shown(cell.measures[name]) for name in SHOWN]
            for cell in cells
        ],
    )


def labels_table(lines: Sequence[LabelLine]) -> str:
    """A line a label."""
    return markdown(
        ["label", "rows that say", "of them have it", "AUC (95 %)", ""],
        [
            [
                line.label,
                f"{line.rows:,}",
                f"{line.having:,}",
                shown(line.auc),
                "experimental" if line.experimental else "",
            ]
            for line in lines
        ],
    )


def suite_tables(cells: Sequence[functional.Cell]) -> str:
    """The table at the nudge, then that at the threshold."""
    tables = [
        f"At the {at}:\n\n" + functional.as_table([cell for cell in cells if cell.at == at])
        for at in reversed(functional.AT)
    ]
    return "\n\n".join(tables)


def fairness_table(report: Report) -> str:
    """The gaps, then the identities whose harmless sentences score furthest from the others'."""
    lines = [fairness.as_table(report.fairness or []), ""]
    lines.append("Mean score less the sentence's mean, harmless sentences, the identities furthest from 0:\n")
    for language, values in (report.leanings or {}).items():
        far = sorted(values.items(), key=lambda one: -abs(one[1]))[:FAR]
        lines.append(f"- {language}: " + ", ".join(f"{identity} {lean:+.3f}" for identity, lean in far))
    return "\n".join(lines)


def gate_text(report: Report) -> str:
    """What the comparison with the predecessor found."""
    if report.gate is None or report.against is None:
        return "Compared with nothing: it has no predecessor."
    how = "on the same rows" if report.paired else "by its eval.json, unpaired"
    worse = sum(one.worse for one in report.gate)
    verdict = f"{worse} of {len(report.gate)} looks got worse" if worse else "nothing got worse"
    return (
        f"Against {report.against} {how}: {verdict} beyond what chance allows (docs/evaluation.md).\n\n"
        f"{gate.as_table(report.gate)}"
    )


def shown(estimate: Estimate) -> str:
    """A number with its interval; a dash where it has no meaning."""
    if isnan(estimate.value):
        return "–"
    return f"{estimate.value:.3f}" + ("" if isnan(estimate.low) else f" ({estimate.low:.3f}–{estimate.high:.3f})")


def _command(report: Report, name: str) -> str:
    data = "--data DIR " if name in NEED_DATA else ""
    return f"`python -m training.evaluate {data}--model {report.model} --only {name}` prints it."
