"""Parts of a manifest that every trained model writes alike. Called by both writers of model folders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mahlan.scoring.folder import GRAPH, TOKENIZER
from mahlan.scoring.manifest import Combination


def readings_table(readings: Mapping[str, Combination]) -> Iterator[str]:
    """How each language's readings are combined."""
    yield "[readings]"
    for language, how in readings.items():
        weights = ", ".join(f"{kind} = {weight:g}" for kind, weight in how.weights.items())
        yield f'{toml_key(language)} = {{ combine = "{how.combine}", weights = {{ {weights} }} }}'
    yield ""


def files_table(out: Path) -> Iterator[str]:
    """The sha256 of graph and tokenizer, as they lie in ``out``."""
    yield "[files]"
    for name in (GRAPH, TOKENIZER):
        yield f'"{name}" = "{hashlib.sha256((out / name).read_bytes()).hexdigest()}"'
    yield ""


def source_tables(sources: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One table a training source: name, rows and licence statement."""
    for source in sources:
        yield (
            f"[[training]]\nname = {toml_text(source['name'])}\nrows = {source['rows']}\n"
            f"licence = {toml_text(source['licence'])}\n"
        )


def toml_key(name: str) -> str:
    """A TOML key, quoted where it must be."""
    return name if name.isalnum() else toml_text(name)


def toml_text(value: str) -> str:
    """A TOML basic string; JSON's escapes are valid there."""
    return json.dumps(value, ensure_ascii=False)
