"""What a name stands for, a model folder or a cascade of two, and how it is loaded. Called by the commands, the loader.

Finding and loading are apart, so that a command finds once and its worker processes load the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mahlan.errors import ModelError, UnfitError
from mahlan.scoring.cascade import Cascade, Served
from mahlan.scoring.keys import nearest
from mahlan.scoring.model import Model
from mahlan.scoring.onnx import CPU
from mahlan.scoring.plan import Plan
from mahlan.scoring.registry import REGISTRY, champion, find_model, read_registry
from mahlan.scoring.signature import REASON, Trusted


@dataclass(frozen=True, slots=True)
class Found:
    """The folder of a model, or a cascade's plan with its two folders, the fast one first."""

    name: str
    folders: tuple[Path, ...]
    plan: Plan | None = None


def find_served(models_dir: Path, wanted: str | None = None, registry: Path | None = None) -> Found:
    """``find_model`` for cascades too: ``wanted``, or the champion. Raises ``ModelError`` that names what there is."""
    asked = wanted if wanted is not None else champion(models_dir, registry)
    plans: dict[str, Plan] = {}
    try:
        folder = find_model(models_dir, asked)
    except ModelError:
        if (registry or models_dir / REGISTRY).exists():
            plans = read_registry(models_dir, registry).cascade
        if asked not in plans:
            if near := nearest(asked, plans):
                raise ModelError(f"there is no model {asked} in {models_dir}{near}") from None
            raise
    else:
        return Found(f"{folder.parent.name}@{folder.name}", (folder,))
    plan = plans[asked]
    return Found(asked, tuple(find_model(models_dir, part) for part in plan.parts), plan)


def load_served(found: Found, *, threads: int = 1, providers: Sequence[str] = (CPU,), trusted: Trusted = ()) -> Served:
    """Load it; each file's sha256 is checked first, and with ``trusted`` keys who signed it. Raises ``ModelError``."""
    models = [Model.load(folder, threads=threads, providers=providers, trusted=trusted) for folder in found.folders]
    for model, folder in zip(models, found.folders, strict=True):
        # A good signature of another version must not pass for this one's.
        if trusted and model.name != (name := f"{folder.parent.name}@{folder.name}"):
            raise UnfitError(f"what was signed in the folder of {name} is {model.name}", REASON)
    if found.plan is None:
        return models[0]
    return Cascade(found.name, found.plan, *models)
