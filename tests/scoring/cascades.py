"""A fast model that is sure of some words only, an accurate one that knows more labels, and cascades of the two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mahlan.scoring.cascade import Cascade
from mahlan.scoring.model import Model
from mahlan.scoring.plan import Plan
from tests.scoring.folders import Export

INPUTS = ("input_ids", "attention_mask")
#: Its score of "odd" is 0.5, of "kind" 0.05, of "rude" 0.95, of unknown words 0.18.
FAST = Export(
    labels=("toxic",),
    inputs=INPUTS,
    activation="sigmoid",
    rows={"kind": (-3.0,), "rude": (3.0,), "vile": (1.0,), "odd": (0.0,), "[UNK]": (-1.5,)},
)
#: Calls "odd" toxic and "rude" not: wherever the fast model is asked instead, it shows.
ACCURATE = Export(
    labels=("toxic", "insult"),
    inputs=INPUTS,
    activation="sigmoid",
    rows={
        "kind": (-4.0, -5.0),
        "rude": (-2.0, -1.0),
        "vile": (-3.0, -2.0),
        "odd": (4.0, 2.0),
        "[UNK]": (-2.0, -3.0),
    },
)
ENTRY = '[cascade."both@1"]\nfast = "fast@1"\naccurate = "accurate@1"\nband = [0.1, 0.9]\n'


def put_part(models: Path, name: str, export: Export, **keys: Any) -> Path:
    """Write ``models/NAME/VERSION``."""
    folder = export.write(models / name.replace("@", "/"), types="", **keys)
    word, _, version = name.partition("@")
    manifest = folder / "manifest.toml"
    text = manifest.read_text().replace('name = "words"', f'name = "{word}"', 1)
    manifest.write_text(text.replace('version = "1"', f'version = "{version}"', 1))
    return folder


def put_parts(models: Path) -> Path:
    """fast@1 and accurate@1."""
    put_part(models, "fast@1", FAST)
    put_part(models, "accurate@1", ACCURATE)
    return models


def plan(**keys: Any) -> Plan:
    return Plan(**{"fast": "fast@1", "accurate": "accurate@1", "band": (0.1, 0.9)} | keys)


def build_cascade(models: Path, **keys: Any) -> Cascade:
    """``both@1`` from the folders of ``put_parts``."""
    return Cascade("both@1", plan(**keys), Model.load(models / "fast" / "1"), Model.load(models / "accurate" / "1"))
