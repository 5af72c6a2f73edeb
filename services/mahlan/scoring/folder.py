"""The files of a model folder, and whether they belong together. Called by ``model.py`` and ``check.py``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mahlan.errors import ModelError, UnfitError
from mahlan.scoring.manifest import Manifest
from mahlan.scoring.onnx import Session
from mahlan.scoring.signature import REASON

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
GOLDEN = "golden.jsonl"


def read_files(folder: Path, manifest: Manifest | None) -> dict[str, bytes]:
    """The bytes of graph, tokeniser and what else the manifest names; with a manifest each one's sha256 is compared."""
    found: dict[str, bytes] = {}
    for name in dict.fromkeys((GRAPH, TOKENIZER, *(manifest.files if manifest else ()))):
        try:
            found[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            raise ModelError(f"{folder / name} is missing") from None
        if manifest is not None:
            verify(name, found[name], manifest)
    return found


def weights(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of ``files`` in which a graph may keep its weights: ``model.onnx.data``, ``model.onnx_data``."""
    return {name: data for name, data in files.items() if name.startswith((f"{GRAPH}.", f"{GRAPH}_"))}


def agree(manifest: Manifest, session: Session) -> None:
    """Hold the manifest against the graph: inputs, output, and the columns one probe gives.

    Raises ``ModelError`` with the key and the fix.
    """
    names = manifest.input
    wanted = {key: name for key, name in (("ids", names.ids), ("mask", names.mask), ("types", names.types)) if name}
    for key, name in wanted.items():
        if name not in session.inputs:
            raise ModelError(f"input.{key}: the graph has no input {name!r}, only {', '.join(session.inputs)}")
    for name in session.inputs:
        if name not in wanted.values():
            raise ModelError(f"the graph also wants an input {name!r}: name it in [input] (ids, mask or types)")
    output = session.outputs.get(manifest.output.name)
    if output is None:
        raise ModelError(
            f"output.name: the graph has no output {manifest.output.name!r}, only {', '.join(session.outputs)}"
        )
    probe = np.ones((1, 1), dtype=np.int64)
    shape = session.run(manifest.output.name, dict.fromkeys(wanted.values(), probe)).shape
    if shape != (1, len(manifest.output.labels)):
        raise ModelError(
            f"output.labels: names {len(manifest.output.labels)} labels, but for one text the graph gives a tensor of "
            f"shape {list(shape)}; a text classifier gives [1, labels]"
        )
    _agree_on_shares(manifest, session)


def _agree_on_shares(manifest: Manifest, session: Session) -> None:
    explain, shares = manifest.input.explain, manifest.output.attributions
    if explain and explain not in session.switches:
        raise ModelError(f"input.explain: the graph has no input {explain!r} with a default")
    if shares and shares not in session.outputs:
        raise ModelError(
            f"output.attributions: the graph has no output {shares!r}, only {', '.join(session.outputs)}; without it, "
            "leave the key out"
        )


def cover(folder: Path, manifest: Manifest) -> None:
    """Raise ``UnfitError`` where a signature of the manifest leaves out a file that is used."""
    path = folder / GOLDEN
    if path.exists() and GOLDEN not in manifest.files:
        line = f'"{GOLDEN}" = "{hashlib.sha256(path.read_bytes()).hexdigest()}"'
        raise UnfitError(f"a signature does not cover {GOLDEN} yet: write {line} under [files], then sign", REASON)


def verify(name: str, data: bytes, manifest: Manifest) -> None:
    """Raise ``ModelError`` unless these bytes are the file that the manifest names."""
    stated = manifest.files.get(name)
    if stated is None:
        raise ModelError(f"files: no sha256 of {name}; add it, so that nobody serves another file by mistake")
    if hashlib.sha256(data).hexdigest() != stated:
        raise ModelError(f"files.{name}: the sha256 does not match; the file was changed or is not whole")
