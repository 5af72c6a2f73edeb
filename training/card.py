"""The model card: what the model is for, what it was trained on, how well it does. Called by ``fast.py``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from mahlan.scoring.folder import GOLDEN
from mahlan.scoring.model import Model
from training.evaluate import as_table
from training.functional import ALL, AT, suite
from training.invented import LANGUAGES, read_cases
from training.judging import judge_texts
from training.scores import Line

TEMPLATE = Path(__file__).parent / "fast_card.md"


def write_card(
    out: Path, lines: Sequence[Line], sources: Sequence[Mapping[str, Any]], rows: int, tables: Mapping[str, str]
) -> None:
    """Fill ``fast_card.md`` with what was measured, ``tables`` by their names there, into ``out/MODEL_CARD.md``."""
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    card = template.substitute(
        model=f"{out.parent.name}@{out.name}",
        rows=f"{rows:,}",
        table=as_table(lines),
        golden=golden_table(out / GOLDEN),
        sources=source_table(sources),
        **tables,
    )
    (out / "MODEL_CARD.md").write_text(card, encoding="utf-8")


def golden_table(golden: Path) -> str:
    """How many invented cases the model gets right, by language and side."""
    right: dict[str, list[bool]] = defaultdict(list)
    wrong: dict[str, list[bool]] = defaultdict(list)
    for case in map(json.loads, golden.read_text(encoding="utf-8").splitlines()):
        (right if case["right"] else wrong)[case["language"]].append(case["toxic"] == case["right"])
    body = [
        f"| {name} | {sum(right[name])} of {len(right[name])} | {sum(wrong[name])} of {len(wrong[name])} |"
        for name in right
    ]
    return "\n".join(["| language | hurtful, found | harmless, left alone |", "|---|---:|---:|", *body])


def functional_table(model: Model) -> str:
    """Pass rates on the invented cases of the test part, all capabilities together, by language."""
    cases = read_cases(part="test")
    cells = suite(cases, judge_texts(model, [case.text for case in cases]))
    whole = [cell for cell in cells if cell.capability == ALL]
    names = {1: "hurtful, found", 0: "harmless, left alone"}
    body = [
        f"| {names[toxic]} | {at} | "
        + " | ".join(f"{cell.passed.share:.2f}" for cell in whole if (cell.at, cell.toxic) == (at, toxic))
        + " |"
        for toxic in names
        for at in AT
    ]
    return "\n".join([f"| cases | at the | {' | '.join(LANGUAGES)} | all |", "|---|---|" + "---:|" * 6, *body])


def source_table(sources: Sequence[Mapping[str, Any]]) -> str:
    """The sources as a Markdown table."""
    body = [
        f"| {source['name']} | {source['rows']:,} | {source['repository']} | {source['licence']} |"
        for source in sources
    ]
    return "\n".join(["| source | rows | repository | licence statement there |", "|---|---:|---|---|", *body])
