"""A first manifest.toml for a folder without one, read off its graph. Called by ``check.py``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from mahlan.scoring.folder import GRAPH, TOKENIZER
from mahlan.scoring.onnx import Session

TEMPLATE = """\
schema = 1
name = {name}
version = {version}
licence = "…"

[input]
pad_id = {pad_id}
max_length = 128
{types}
[output]
name = {output}
activation = "{activation}"  # softmax, sigmoid or none: ask who trained it
labels = {columns}

[labels]  # what mahlan shall call them, and which columns each is made of
toxic = {toxic}

[thresholds.default]
toxic = {{ threshold = 0.5, medium = 0.8, high = 0.95 }}

[files]
{sums}
"""
PADS = ("[PAD]", "<pad>", "<PAD>")


def suggest_manifest(folder: Path, session: Session) -> str:
    """TOML that loads once the labels have their real names and the thresholds real numbers."""
    columns = _labels(folder, session)
    sums = [
        f"{_text(name)} = {_text(_sha256(folder / name))}" for name in (GRAPH, TOKENIZER) if (folder / name).exists()
    ]
    return TEMPLATE.format(
        name=_text(folder.parent.name.lower() or "model"),
        version=_text(folder.name),
        pad_id=_pad_id(folder),
        types='types = "token_type_ids"\n' if "token_type_ids" in session.inputs else "",
        output=_text(next(iter(session.outputs))),
        activation="softmax" if len(columns) > 1 else "sigmoid",
        columns=json.dumps(columns, ensure_ascii=False),
        toxic=json.dumps(columns[1:] or columns, ensure_ascii=False),
        sums="\n".join(sums),
    )


def _labels(folder: Path, session: Session) -> list[str]:
    """Column names from a Hugging Face config.json where there is one, else made up."""
    try:
        named = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
        return [str(named[key]) for key in sorted(named, key=int)]
    except (OSError, ValueError, KeyError, TypeError):
        shape = next(iter(session.outputs.values())).shape
        count = (shape[-1] if shape else None) or 1
        return [f"label_{place}" for place in range(count)] if count > 1 else ["toxic"]


def _pad_id(folder: Path) -> int:
    try:
        spec = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))
        added = {entry["content"]: entry["id"] for entry in spec.get("added_tokens") or []}
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    return next((int(added[name]) for name in PADS if name in added), 0)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
