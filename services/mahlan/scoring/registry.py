"""``models/registry.toml``: which model serves. Called by the scorer, the gateway and the CLI.

The file holds one key so far, ``champion = "name@version"``. A model lives at ``<models>/<name>/<version>/``.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mahlan.errors import ModelError
from mahlan.scoring.manifest import FILE

REGISTRY = "registry.toml"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model folder found under the models directory."""

    name: str
    path: Path
    champion: bool


def find_model(models_dir: Path, wanted: str | None = None) -> Path:
    """The folder of ``wanted`` (``name@version``, or ``name`` where it has one version), or of the champion.

    Raises ``ModelError`` that names what there is.
    """
    asked = wanted if wanted is not None else champion(models_dir)
    known = {entry.name: entry.path for entry in list_models(models_dir, mark=False)}
    if asked in known:
        return known[asked]
    versions = [name for name in known if name.partition("@")[0] == asked]
    if len(versions) == 1:
        return known[versions[0]]
    raise ModelError(f"there is no model {asked} in {models_dir}{_hint(asked, versions, known)}")


def list_models(models_dir: Path, *, mark: bool = True) -> list[ModelEntry]:
    """Every folder with a manifest, by name. ``mark`` reads the registry to say which one is the champion."""
    best = champion(models_dir) if mark and (models_dir / REGISTRY).exists() else None
    found = sorted(path.parent for path in models_dir.glob(f"*/*/{FILE}"))
    names = [(f"{path.parent.name}@{path.name}", path) for path in found]
    return [ModelEntry(name=name, path=path, champion=name == best) for name, path in names]


def champion(models_dir: Path) -> str:
    """The registry's champion, ``name@version``. Raises ``ModelError`` where the file is missing or wrong."""
    path = models_dir / REGISTRY
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f'{path} is missing: write one line, champion = "name@version"') from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not valid TOML: {error}") from None
    named: Any = table.get("champion")
    if not isinstance(named, str) or "@" not in named:
        raise ModelError(f'{path}: champion must be a text like "fast@1"')
    return named


def _hint(asked: str, versions: list[str], known: Mapping[str, Path]) -> str:
    if len(versions) > 1:
        return f"; say which version: {', '.join(versions)}"
    near = difflib.get_close_matches(asked, list(known), n=1)
    if near:
        return f" (did you mean {near[0]}?)"
    return f"; there are {', '.join(known)}" if known else "; the directory holds no model folder"
