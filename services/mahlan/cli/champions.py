"""``mahlan models promote``, ``rollback``, ``status`` and ``reference``: who serves, since when and why."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import emit, is_terminal, json_option, note, show_rows
from mahlan.core.drift import SPOKEN

if TYPE_CHECKING:
    from mahlan.scoring.changes import Place
    from mahlan.scoring.registry import Change, Registry
    from mahlan.scoring.served import Found

ALL = "default"

language_option = click.option(
    "--language",
    type=click.Choice([ALL, *sorted(SPOKEN)]),
    default=ALL,
    help="Only for comments in this language and its varieties.",
)
reason_option = click.option("--reason", metavar="TEXT", required=True, help="Why, for whoever reads the history.")


@click.command(
    "promote",
    cls=Command,
    examples=(
        'mahlan models promote fast@2 --reason "fewer false nudges in Arabizi"',
        'mahlan models promote english@1 --language en --reason "knows English better"',
    ),
)
@click.argument("model", metavar="NAME@VERSION")
@reason_option
@language_option
@json_option
def promote(model: str, reason: str, language: str, as_json: bool) -> int:
    """Make the model NAME@VERSION the champion: it is checked first, then the registry gets one line more.

    Running scorers notice within a second, test it on comments of the moment and switch without a pause. What they
    refuse they say in their log, in mahlan_model_refused and on /readyz. The exit status is 1 when the check fails.
    """
    from mahlan.scoring.changes import promote as change
    from mahlan.scoring.served import find_served

    place = _place()
    found = find_served(place.models, model, place.file)
    if not _can_be_served(found, place):
        return 1
    _tell(change(place, found.name, reason=reason, at=datetime.now(UTC), language=language), as_json=as_json)
    return 0


@click.command("rollback", cls=Command, examples=('mahlan models rollback --reason "nudges quotations"',))
@reason_option
@language_option
@json_option
def rollback(reason: str, language: str, as_json: bool) -> None:
    """Make the champion before the present one serve again: one more line in the registry."""
    from mahlan.scoring.changes import rollback as change

    _tell(change(_place(), reason=reason, at=datetime.now(UTC), language=language), as_json=as_json)


@click.command("status", cls=Command, examples=("mahlan models status", "mahlan models status --json"))
@json_option
def status(as_json: bool) -> int:
    """Show the champion, canary and shadows that the registry names, and every change of the champion.

    What a scorer really serves is on its /readyz: it keeps the old model where the new one is unfit. The exit status
    is 1 when a model that is named has no folder that could be served.
    """
    from mahlan.scoring.registry import read_registry

    place = _place()
    registry = read_registry(place.models, place.file)
    roles, history = _roles(registry, place), [_line(change) for change in registry.changes]
    if as_json or not is_terminal():
        emit({"registry": str(place.file), "models": roles, "history": history})
    else:
        show_rows(roles, as_json=False, title="models")
        show_rows(history, as_json=False, title="history")
    return 1 if any(role["problem"] for role in roles) else 0


@click.command(
    "reference",
    cls=Command,
    examples=("mahlan score --model fast@2 < comments.jsonl | mahlan models reference --label toxic",),
)
@click.option("--label", default="toxic", show_default=True, help="The score to watch.")
@click.option(
    "--limit", type=click.FloatRange(0, min_open=True), default=0.25, show_default=True, help="Distance that alerts."
)
def reference(label: str, limit: float) -> None:
    """Turn lines of `mahlan score` into the [reference] of a manifest.toml, for the drift metrics.

    Use comments as they come in, a few thousand at least; a language with fewer than 500 gets no row of its own.
    """
    from mahlan.scoring.reference import make_reference, reference_toml

    found = list(_scored(label))
    if not found:
        raise click.UsageError(f"no line on standard input has a language and a score for {label}")
    click.echo(reference_toml(make_reference(label, found, limit)), nl=False)


def _scored(label: str) -> Any:
    """Language and score of each line that has both."""
    import orjson

    for line in sys.stdin.buffer:
        try:
            row = orjson.loads(line)
            yield str(row["language"]), float(row["scores"][label])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            continue


def _place() -> Place:
    from mahlan.cli.serving import models_folder, registry_file
    from mahlan.scoring.changes import Place

    return Place(models_folder(), registry_file())


def _can_be_served(found: Found, place: Place) -> bool:
    """The check of ``mahlan models check``, without its speed; what it found goes to standard error."""
    from mahlan.cli.serving import trusted_keys
    from mahlan.scoring.cascade_check import check_served
    from mahlan.scoring.manifest import read_manifest

    reports = check_served(found, place.file, seconds=0, trusted=trusted_keys())
    if found.plan is None and reports[0].name not in (None, found.name):
        note(f"the manifest in {found.folders[0]} says that it is {reports[0].name}")
        return False
    for report in reports:
        for line in report.lines():
            note(line)
    ok = all(report.ok for report in reports)
    if ok and read_manifest(found.folders[0]).reference is None:
        note("warning: the manifest has no [reference], so drift is not measured; see `mahlan models reference`")
    return ok


def _tell(change: Change, *, as_json: bool) -> None:
    show_rows([_line(change)], as_json=as_json, title="added to the registry")


def _line(change: Change) -> dict[str, Any]:
    return {
        "model": change.model,
        "language": change.language,
        "at": change.at.isoformat() if change.at else None,
        "change": "rollback" if change.rollback else "promote",
        "reason": change.reason,
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
    row = {"parts": plan.parts if plan else (), "band": band, "drift": "not measured", "problem": ""}
    try:
        manifests = [read_manifest(find_model(place.models, part)) for part in (plan.parts if plan else (name,))]
    except ModelError as error:
        return {**row, "problem": str(error)}
    if plan is not None:
        row["problem"] = "; ".join(disagreements(plan, *manifests))
    found = manifests[0].reference
    return {**row, "drift": f"alerts over {found.limit:g}" if found else "not measured: no [reference]"}
