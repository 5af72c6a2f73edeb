"""``mahlan models``: which models there are, and whether a folder can be served."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli import champions, signatures, standing, trials
from mahlan.cli.examples import Group
from mahlan.cli.output import emit, is_terminal, json_option, show_rows

if TYPE_CHECKING:
    from mahlan.scoring.check import Report
    from mahlan.scoring.plan import Plan

STYLES = {"error": "red", "warning": "yellow", "golden": "cyan", "speed": "cyan", "signature": "cyan"}


@click.group(
    "models",
    cls=Group,
    examples=(
        "mahlan models list",
        "mahlan models check models/fast/1",
        'mahlan models promote fast@2 --reason "fewer false nudges in Arabizi"',
    ),
)
def command() -> None:
    """Model folders: any ONNX text classification model with a manifest and a tokenizer.json."""


@command.command("list", examples=("mahlan models list",))
@json_option
def list_(as_json: bool) -> None:
    """List the models of the models folder; the champion is the one that the scorer serves."""
    from mahlan.cli.serving import models_folder, registry_file
    from mahlan.scoring.registry import REGISTRY, list_models, read_registry

    folder, file = models_folder(), registry_file()
    rows = [_row(entry) for entry in list_models(folder, registry=file)]
    if (file or folder / REGISTRY).exists():
        registry = read_registry(folder, file)
        rows += [_cascade_row(name, name == registry.serving, plan) for name, plan in registry.cascade.items()]
    show_rows(rows, as_json=as_json, title="models", empty="no models")


def _row(entry: Any) -> dict[str, Any]:
    from mahlan.errors import ModelError
    from mahlan.scoring.manifest import read_manifest

    row = {"model": entry.name, "champion": entry.champion, "labels": (), "licence": "", "folder": str(entry.path)}
    try:
        manifest = read_manifest(entry.path)
    except ModelError as error:
        return {**row, "problem": str(error)}
    return {**row, "labels": tuple(manifest.product_labels), "licence": manifest.licence, "problem": ""}


def _cascade_row(name: str, champion: bool, plan: Plan) -> dict[str, Any]:
    return {
        "model": name,
        "champion": champion,
        "labels": (),
        "licence": "",
        "folder": f"cascade of {plan.fast} and {plan.accurate}",
        "problem": "",
    }


@command.command(
    "check",
    examples=("mahlan models check models/fast/1", "mahlan models check ./my-export", "mahlan models check fast@1"),
)
@click.argument("folder", metavar="DIR")
@click.option(
    "--seconds", type=click.FloatRange(0, 60), default=1.0, show_default=True, help="How long to measure speed; 0: not."
)
@json_option
def check(folder: str, seconds: float, as_json: bool) -> int:
    """Say in plain words what is missing or wrong in the model folder DIR; run its golden file; measure its speed.

    DIR may be NAME@VERSION, for a model of the models folder; of a cascade both parts are checked, then whether they
    go together. Without a manifest.toml one is suggested. The exit status is 1 when something cannot be served.
    """
    from mahlan.cli.serving import find_served, models_folder, registry_file, trusted_keys
    from mahlan.scoring.cascade_check import check_served
    from mahlan.scoring.registry import REGISTRY
    from mahlan.scoring.served import Found

    named = "@" in folder and not Path(folder).exists()
    found = find_served(folder) if named else Found(folder, (Path(folder),))
    file = registry_file() or models_folder() / REGISTRY
    reports = check_served(found, file, seconds=seconds, trusted=trusted_keys())
    for report in reports:
        if as_json or not is_terminal():
            emit(described(report))
        else:
            _show(report)
    return 0 if all(report.ok for report in reports) else 1


def described(report: Report) -> dict[str, Any]:
    """The JSON line."""
    return {
        "model": report.name,
        "folder": str(report.folder),
        "ok": report.ok,
        "findings": [{"level": finding.level, "text": finding.text} for finding in report.findings],
        "golden_cases": report.golden_cases,
        "golden_misses": [{"line": miss.line, "problem": miss.problem} for miss in report.golden_misses],
        "comments_per_second": round(report.speed) if report.speed else None,
        "signature": report.signature,
        "suggested_manifest": report.manifest,
    }


def _show(report: Report) -> None:
    *lines, verdict = report.lines()
    for line in lines:
        click.secho(line, fg=STYLES.get(line.partition(":")[0]))
    click.secho(verdict, fg="green" if report.ok else "red", bold=True)


for _command in (
    champions.promote,
    champions.rollback,
    trials.canary,
    trials.shadow,
    standing.status,
    champions.reference,
    signatures.keygen,
    signatures.sign,
):
    command.add_command(_command)
