"""The parts of an evaluation, each filling its place in the report; a text is scored once for all of them.

Called by ``command.py``.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mahlan.scoring.cascade import Served
from mahlan.scoring.model import Scores
from training import evasions, fairness, functional, groups, spans, speed
from training.evaluation.cells import answers, cells
from training.evaluation.choice import Predecessor
from training.evaluation.comparison import Difference, case_differences, row_differences, unpaired, unpaired_suite
from training.evaluation.dev_rows import SEED, DevRows
from training.evaluation.gate import rule
from training.evaluation.label_scores import label_lines
from training.evaluation.report import Report
from training.evaluation.served import Scorer, experimental
from training.invented import Case, read_cases, read_identities, read_pairs
from training.judging import judge_texts

CASES = "test"
"""The part of the invented cases that no model may learn from."""
SHARE = 0.5


class IncomparableError(Exception):
    """The predecessor's saved numbers are of other rows or cases."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked: the model, the parts, the rows where there are any, and how many threads may work."""

    served: Served
    scorer: Scorer
    parts: Collection[str]
    dev: DevRows | None
    marked: Sequence[dict[str, Any]]
    threads: int


def evaluate(task: Task, before: Predecessor | None) -> Report:
    """All parts of ``task``, and where there is a predecessor the gate. Raises ``IncomparableError``."""
    report = Report(task.scorer.name)
    cases = read_cases(part=CASES)
    report.cases = {"part": CASES, "cases": len(cases), "digest": case_digest(cases)}
    if task.dev is not None:
        _measure_rows(task, task.dev, report)
    if "spans" in task.parts and task.marked:
        report.spans = spans.measure(task.served, task.marked, task.threads)
    _measure_cases(task, cases, report)
    if before is not None:
        report.against, report.paired = before.name, before.served is not None
        report.gate = rule(list(_differences(task, cases, before, report)))
    if "speed" in task.parts:
        report.speed = speed.measure(task.served, speed.invented_items(), before.served if before else None)
    return report


def case_digest(cases: Sequence[Case]) -> str:
    """Tells whether two models were asked the same."""
    told = "\n".join(f"{case.id} {case.toxic} {case.text}" for case in cases)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def marked_sample(data: Path, most: int | None) -> list[dict[str, Any]]:
    """The dev rows whose words people marked, ``most`` of them by lot."""
    rows = spans.marked_rows(data, "dev")
    return rows if most is None or most >= len(rows) else random.Random(SEED).sample(rows, most)


def _measure_rows(task: Task, dev: DevRows, report: Report) -> None:
    results = task.scorer.score([one.row for one in dev.rows])
    part = answers(dev.rows, results)
    unscored = sum(not isinstance(result, Scores) for result in results)
    real = sum(not one.spelled for one in dev.rows)
    report.data = {
        "part": "dev", "rows": real, "of": dev.whole, "digest": dev.digest,
        "spelled": len(dev.rows) - real, "unscored": unscored,
    }  # fmt: skip
    if "rows" in task.parts:
        report.rows = list(cells(dev.rows, part))
    if "labels" in task.parts:
        names = experimental(task.served)
        report.labels = list(label_lines(dev.rows, results, task.scorer.labels, names))


def _measure_cases(task: Task, cases: Sequence[Case], report: Report) -> None:
    if "functional" in task.parts:
        judged = judge_texts(task.scorer, [case.text for case in cases])
        report.functional = list(functional.suite(cases, judged))
    if "groups" in task.parts:
        asked = groups.read_groups()
        report.groups = list(groups.lines(asked, judge_texts(task.scorer, [case.text for case in asked])))
    if "evasions" in task.parts:
        toxic = [case for case in cases if case.toxic]
        report.evasions = list(evasions.evasions(task.scorer, toxic, evasions.SEED, SHARE))
    if "fairness" in task.parts:
        found = fairness.sentences(task.scorer, read_pairs(), read_identities())
        report.fairness, report.leanings = list(fairness.by_language(found)), fairness.leanings(found)


def _differences(task: Task, cases: Sequence[Case], before: Predecessor, report: Report) -> list[Difference]:
    if before.served is None:
        return _saved_differences(before, report)
    old = Scorer(before.served, task.threads, quiet=task.scorer.quiet)
    found: list[Difference] = []
    if task.dev is not None:
        items, rows = [one.row for one in task.dev.rows], task.dev.rows
        parts = [answers(rows, scorer.score(items)) for scorer in (old, task.scorer)]
        found += row_differences(rows, *parts)
    texts = [case.text for case in cases]
    found += case_differences(cases, *(judge_texts(scorer, texts) for scorer in (old, task.scorer)))
    return found


def _saved_differences(before: Predecessor, report: Report) -> list[Difference]:
    saved, found = before.saved or {}, []
    told = report.as_dict()
    for what in ("data", "cases"):
        if what in told and saved.get(what, {}).get("digest") != told[what]["digest"]:
            raise IncomparableError(
                f"{before.name} is only known by its eval.json, which was measured on other "
                f"{'rows' if what == 'data' else 'invented cases'}: give back its model folder, or --against none"
            )
    if report.rows is not None:
        found += list(unpaired(saved, told["rows"]))
    if report.functional is not None:
        found += list(unpaired_suite(saved, report.functional))
    return found
