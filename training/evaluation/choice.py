"""Which model is evaluated, and against which: by the registry's history. Called by ``command.py``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mahlan.core.verdict import DEFAULT
from mahlan.errors import ModelError
from mahlan.scoring.cascade import Served
from mahlan.scoring.registry import Registry, read_registry
from mahlan.scoring.served import find_served
from training.evaluation.report import FILE, SCHEMA
from training.evaluation.served import load

NONE = "none"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What to compare with: the model itself or, where its folder cannot be loaded, what it measured once."""

    name: str
    served: Served | None
    saved: dict[str, Any] | None = None


def model_name(models: Path, wanted: str | None) -> str:
    """``name@version`` of the model to evaluate, the champion where none is wanted. Raises ``ModelError``."""
    return find_served(models, wanted).name


def predecessor_name(registry: Registry, name: str) -> str | None:
    """The model that served before ``name``; for one that never served, the champion it would follow.

    None for the first of all champions. A champion of one language follows that language's earlier one, and the first
    of these the champion of all the others.
    """
    stacks = registry.stacks
    for language in (DEFAULT, *(language for language in stacks if language != DEFAULT)):
        stack = stacks[language]
        if name in stack:
            place = len(stack) - 1 - stack[::-1].index(name)
            if place:
                return stack[place - 1]
            return None if language == DEFAULT else stacks[DEFAULT][-1]
    return stacks[DEFAULT][-1]


def predecessor(models: Path, name: str, wanted: str | None) -> Predecessor | None:
    """What ``name`` is compared with; ``wanted`` is a name, a path of an ``eval.json``, or ``none``.

    Raises ``ModelError`` where it is neither to be loaded nor known by an ``eval.json``.
    """
    if wanted == NONE:
        return None
    if wanted is not None and wanted.endswith(".json"):
        return _saved(Path(wanted), None)
    other = wanted or predecessor_name(read_registry(models), name)
    if other is None:
        return None
    try:
        served = load(models, other)
    except ModelError as error:
        return _saved(models / other.replace("@", "/") / FILE, error)
    return Predecessor(served.name, served)


def _saved(file: Path, why: ModelError | None) -> Predecessor:
    """By what it measured. Raises ``ModelError``."""
    reason = f"the model to compare with cannot be loaded ({why}), and " if why else ""
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"{reason}{file} is not there or no JSON; --against none compares with nothing") from None
    if not isinstance(saved, dict) or saved.get("schema") != SCHEMA:
        raise ModelError(f"{reason}{file} is not an eval.json of schema {SCHEMA}")
    return Predecessor(str(saved["model"]), None, saved)
