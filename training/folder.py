"""Write a model folder: graph, tokenizer, manifest with sha256 of each file. Called by ``fast.py``.

A version that is there is never written over (``hold_free``, called by all that train): it may serve, and what replaced
it would bear its name.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from math import isnan
from pathlib import Path
from typing import Any

from mahlan.scoring.folder import GRAPH, TOKENIZER
from mahlan.scoring.manifest import FILE
from mahlan.scoring.reference import make_reference, reference_toml
from training.calibrate import Judged
from training.rows import Row
from training.scores import LABEL, Line
from training.shares import SHARES, SWITCH
from training.toml import files_table, readings_table, source_tables, toml_key, toml_text

TOXIC_SHARE = 0.1
HEAD = """\
# Written by `python -m training.fast`; docs/models.md explains every key.

schema = 1
name = {name}
version = {version}
description = "Hashed character n-grams and words, linear, int8; one label."
licence = "Apache-2.0 for the weights' format and code; trained on the sources below, each under its own terms"

[input]
ids = "input_ids"
mask = "attention_mask"
max_length = {max_length}
batch = {batch}
pad_id = 0
explain = "{explain}"

[output]
name = "logits"
attributions = "{attributions}"
activation = "sigmoid"
labels = ["{label}"]
"""


def hold_free(out: Path) -> None:
    """Stop, before hours of work, where ``out`` is a model already. Raises ``SystemExit`` that names the fix."""
    if (out / FILE).exists():
        raise SystemExit(f"--out {out} is a model already, made elsewhere: name a version that is free")


def write_folder(
    out: Path,
    config: Mapping[str, Any],
    graph: bytes,
    tokenizer: str,
    judged: Judged,
    sources: Sequence[Mapping[str, Any]],
) -> None:
    """Write graph, tokenizer and manifest into ``out`` (``NAME/VERSION``), which is made where it is missing."""
    out.mkdir(parents=True, exist_ok=True)
    (out / GRAPH).write_bytes(graph)
    (out / TOKENIZER).write_text(tokenizer, encoding="utf-8")
    head = HEAD.format(
        name=toml_text(out.parent.name),
        version=toml_text(out.name),
        max_length=config["text"]["max_length"],
        batch=config["text"]["batch"],
        label=LABEL,
        explain=SWITCH,
        attributions=SHARES,
    )
    body = [head, *readings_table(judged.readings), *_judged(judged), *files_table(out), *source_tables(sources)]
    (out / FILE).write_text("\n".join(body) + "\n", encoding="utf-8")


def add_measured(out: Path, lines: Iterable[Line]) -> None:
    """Append macro-F1 on dev, by source and by language as served, to the manifest in ``out``."""
    with (out / FILE).open("a", encoding="utf-8") as manifest:
        groups = {"source": "macro_f1_by_source", "language as served": "macro_f1_by_language"}
        for group, table in groups.items():
            numbers = [line for line in lines if line.group == group and not isnan(line.macro_f1)]
            manifest.write(f"\n[measured.{table}]\n")
            manifest.writelines(f"{toml_key(line.name)} = {line.macro_f1:.4f}\n" for line in numbers)


def add_reference(out: Path, rows: Sequence[Row], scores: Sequence[float], seed: int) -> None:
    """Append what scores look like where one comment in ten hurts, for the drift gauges, to the manifest in ``out``.

    The rows are far more toxic than a platform, so toxic ones are drawn by lot. Their mix of languages says nothing
    about anybody's and is left out.
    """
    dice = random.Random(seed)
    toxic = sum(row.toxic for row in rows)
    kept = (len(rows) - toxic) * TOXIC_SHARE / (1.0 - TOXIC_SHARE) / max(toxic, 1)
    found = [(row.language, float(score)) for row, score in zip(rows, scores, strict=True)
             if not row.toxic or dice.random() < kept]  # fmt: skip
    reference = replace(make_reference(LABEL, found), languages={})
    with (out / FILE).open("a", encoding="utf-8") as manifest:
        manifest.write("\n" + reference_toml(reference))


def _judged(judged: Judged) -> Iterator[str]:
    for language, limits in judged.limits.items():
        numbers = ", ".join(f"{key} = {value:g}" for key, value in asdict(limits).items())
        yield f"[thresholds.{toml_key(language)}]\n{LABEL} = {{ {numbers} }}\n"
    for language, points in judged.calibration.items():
        lines = [f"{key} = [{', '.join(f'{value:g}' for value in values)}]" for key, values in asdict(points).items()]
        yield "\n".join([f"[calibration.{toml_key(language)}.{LABEL}]", *lines, ""])
