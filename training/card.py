"""The model card but for what ``make eval`` measures: what the model is for, what it learnt from. For trainers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from mahlan.scoring.folder import GOLDEN
from training.evaluation.model_card import BEGIN, CARD, END

TEMPLATE = Path(__file__).parent / "fast_card.md"


def write_card(out: Path, sources: Sequence[Mapping[str, Any]], rows: int) -> None:
    """Fill ``fast_card.md`` into ``out/MODEL_CARD.md``."""
    fill_card(TEMPLATE, out, sources, rows)


def fill_card(template: Path, out: Path, sources: Sequence[Mapping[str, Any]], rows: int, **own: str) -> None:
    """Fill what every card says, and ``own``, into ``template``; between its markers ``make eval`` writes later."""
    card = Template(template.read_text(encoding="utf-8")).substitute(
        own,
        model=f"{out.parent.name}@{out.name}",
        folder=f"models/{out.parent.name}/{out.name}",
        rows=f"{rows:,}",
        golden=golden_table(out / GOLDEN),
        sources=source_table(sources),
        begin=BEGIN,
        end=END,
    )
    (out / CARD).write_text(card, encoding="utf-8")


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


def source_table(sources: Sequence[Mapping[str, Any]]) -> str:
    """The sources as a Markdown table."""
    body = [
        f"| {source['name']} | {source['rows']:,} | {source['repository']} | {source['licence']} |"
        for source in sources
    ]
    return "\n".join(["| source | rows | repository | licence statement there |", "|---|---:|---|---|", *body])
