"""Write the accurate model's folder: graph, tokenizer, manifest. Called by ``finish.py``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mahlan.scoring.folder import GRAPH, TOKENIZER
from mahlan.scoring.manifest import FILE
from training.accurate.choice import Measured
from training.accurate.config import Config
from training.accurate.judge import Judgement
from training.accurate.tokens import INPUTS, OUTPUT
from training.toml import files_table, readings_table, source_tables, toml_array, toml_key, toml_text


def write_folder(
    out: Path, config: Config, files: tuple[Path, Path], pad_id: int, judgement: Judgement,
    sources: Sequence[Mapping[str, Any]], chosen: Measured,
) -> None:  # fmt: skip
    """``files`` are the chosen graph and the tokenizer; ``out`` is made where it is missing."""
    out.mkdir(parents=True, exist_ok=True)
    for source, name in zip(files, (GRAPH, TOKENIZER), strict=True):
        shutil.copyfile(source, out / name)
    lines = [
        *_head(config, out, pad_id, judgement, chosen),
        *readings_table(judgement.readings),
        *_limits(judgement),
        *_curves(judgement),
        *files_table(out),
        *source_tables(sources),
        *_measured(judgement, chosen),
    ]
    (out / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(config: Config, out: Path, pad_id: int, judgement: Judgement, chosen: Measured) -> Iterator[str]:
    yield from (
        "# Written by `python -m training.accurate`; docs/models.md explains every key.",
        "",
        "schema = 1",
        f"name = {toml_text(out.parent.name)}",
        f"version = {toml_text(out.name)}",
        f'description = "A multilingual encoder, fine-tuned; int8 weights ({chosen.way})."',
        'licence = "Apache-2.0 for the format and code; encoder and sources each under their own terms"',
        f"experimental = {toml_array(judgement.experimental)}",
        "",
        "[input]",
        f'ids = "{INPUTS[0]}"',
        f'mask = "{INPUTS[1]}"',
        f"max_length = {config.text.max_length}",
        f"batch = {config.text.batch}",
        f"pad_id = {pad_id}",
        "",
        "[output]",
        f'name = "{OUTPUT}"',
        'activation = "sigmoid"',
        f"labels = {toml_array(config.labels)}",
        "",
    )


def _limits(judgement: Judgement) -> Iterator[str]:
    for language, table in judgement.limits.items():
        yield f"[thresholds.{toml_key(language)}]"
        for label, limits in table.items():
            yield f"{label} = {{ {', '.join(f'{key} = {value:g}' for key, value in asdict(limits).items())} }}"
        yield ""


def _curves(judgement: Judgement) -> Iterator[str]:
    for language, table in judgement.calibration.items():
        for label, points in table.items():
            yield f"[calibration.{toml_key(language)}.{label}]"
            for key, values in asdict(points).items():
                yield f"{key} = [{', '.join(f'{value:g}' for value in values)}]"
            yield ""


def _measured(judgement: Judgement, chosen: Measured) -> Iterator[str]:
    yield "[measured.auc]"
    yield from (f"{label} = {value:.4f}" for label, value in judgement.auc.items() if value == value)  # noqa: PLR0124
    yield ""
    yield "[measured.int8]"
    yield from (f"{key} = {value:.6g}" for key, value in asdict(chosen).items() if key != "way")
