"""Parts of a manifest that every trained model writes alike. Called by both writers of model folders."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mahlan.scoring.folder import GRAPH, TOKENIZER
from mahlan.scoring.manifest import FILE, Combination


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


def with_shares(folder: Path, explain: str, shares: str) -> None:
    """Write into the manifest in ``folder`` that its graph, which has changed, has a switch and an output of shares."""
    path = folder / FILE
    text = re.sub(r"^(explain|attributions) = .*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = text.replace("[input]\n", f'[input]\nexplain = "{explain}"\n', 1)
    text = text.replace("[output]\n", f'[output]\nattributions = "{shares}"\n', 1)
    path.write_text(text, encoding="utf-8")
    name_file(folder, GRAPH)


def name_file(folder: Path, name: str) -> None:
    """Put the sha256 of a file in ``folder``, as it lies there, into the manifest's ``[files]``."""
    line = f'"{name}" = "{hashlib.sha256((folder / name).read_bytes()).hexdigest()}"'
    text = (folder / FILE).read_text(encoding="utf-8")
    text, named = re.subn(rf'^"{re.escape(name)}" = .*$', line, text, flags=re.MULTILINE)
    if not named:
        text = text.replace("[files]\n", f"[files]\n{line}\n", 1)
    (folder / FILE).write_text(text, encoding="utf-8")


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


def toml_array(values: Iterable[str]) -> str:
    """An array of strings."""
    return f"[{', '.join(map(toml_text, values))}]"


def toml_text(value: str) -> str:
    """A TOML basic string; JSON's escapes are valid there."""
    return json.dumps(value, ensure_ascii=False)
