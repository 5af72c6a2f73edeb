"""``mahlan models status``: which models the registry names for what, since when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import emit, is_terminal, json_option, show_rows

if TYPE_CHECKING:
    from mahlan.scoring.changes import Place
    from mahlan.scoring.reference import Reference
    from mahlan.scoring.registry import Canary, Change, Registry, Shadow

ALL = "default"


@click.command("status", cls=Command, examples=("mahlan models status", "mahlan models status --json"))
@json_option
def status(as_json: bool) -> int:
    """Show the champion, canary and shadows that the registry names, and every change of them.

    What a scorer really serves is on its /readyz: it keeps the old model where the new one is unfit. The exit status
    is 1 when a model that is named has no folder that could be served.
    """
    from mahlan.cli.serving import registry_place
    from mahlan.scoring.registry import read_registry

    place = registry_place()
    registry = read_registry(place.models, place.file)
    roles, history = _roles(registry, place), history_lines(registry)
    if as_json or not is_terminal():
        emit({"registry": str(place.file), "models": roles, "history": history})
    else:
        show_rows(roles, as_json=False, title="models")
        show_rows(history, as_json=False, title="history")
    return 1 if any(role["problem"] for role in roles) else 0


def history_lines(registry: Registry) -> list[dict[str, Any]]:
    """Every line of the registry: the champion's, then the canary's, then the shadows', each oldest first."""
    rows = [change_line(change) for change in registry.changes]
    rows += [canary_line(line) for line in registry.canaries]
    return rows + [shadow_line(line) for line in registry.shadow_lines]


def change_line(change: Change) -> dict[str, Any]:
    """A line of the champion's history."""
    return _line(change, change.language, "rollback" if change.rollback else "promote", 1.0)


def canary_line(line: Canary) -> dict[str, Any]:
    """A line of the canary's history."""
    return _line(line, ", ".join(line.languages) or ALL, "canary" if line.share else "canary off", line.share)


def shadow_line(line: Shadow) -> dict[str, Any]:
    """A line of the shadows' history."""
    return _line(line, ALL, "shadow off" if line.off else "shadow", 0.0)


def _line(line: Change | Canary | Shadow, language: str, change: str, decides: float) -> dict[str, Any]:
    return {
        "model": line.model,
        "language": language,
        "at": line.at.isoformat() if line.at else None,
        "change": change,
        "decides": decides,
        "reason": line.reason,
    }


def _roles(registry: Registry, place: Place) -> list[dict[str, Any]]:
    routes = registry.routes
    roles = [("champion", name, language, 1.0) for language, name in routes.champions.items()]
    if (trial := routes.trial) is not None:
        roles.append(("canary", trial.model, ", ".join(trial.languages) or ALL, trial.share))
    roles += [("shadow", name, ALL, 0.0) for name in registry.shadows]
    return [
        {"role": role, "model": name, "language": language, "decides": share, **_state(place, registry, name)}
        for role, name, language, share in roles
    ]


def _state(place: Place, registry: Registry, name: str) -> dict[str, Any]:
    """Of what it is made, whether drift is measured for it (for a cascade's fast part), and what is wrong with it."""
    from mahlan.errors import ModelError
    from mahlan.scoring.manifest import read_manifest
    from mahlan.scoring.plan import disagreements
    from mahlan.scoring.registry import find_model

    plan = registry.cascade.get(name)
    band = ", ".join(f"{tag} {low:g} to {high:g}" for tag, (low, high) in plan.bands.items()) if plan else ""
    for key, doubt in plan.doubting.items() if plan else ():
        band += f"; {'below' if key == 'doubt' else 'above'} it {doubt.label} from {doubt.least:g}"
    row = {"parts": plan.parts if plan else (), "band": band, "drift": "not measured", "problem": ""}
    try:
        manifests = [read_manifest(find_model(place.models, part)) for part in (plan.parts if plan else (name,))]
    except ModelError as error:
        return {**row, "problem": str(error)}
    if plan is not None:
        row["problem"] = "; ".join(disagreements(plan, *manifests))
    return {**row, "drift": _drift(manifests[0].reference)}


def _drift(reference: Reference | None) -> str:
    """What is measured, and from where on operators are told."""
    if reference is None:
        return "not measured: no [reference]"
    languages = "" if reference.languages else "; of scores only: no reference.languages"
    return f"alerts over {reference.limit:g}{languages}"
