"""``mahlan models promote``, ``rollback`` and ``reference``: who serves."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import json_option, note, show_rows
from mahlan.cli.standing import ALL, change_line
from mahlan.core.drift import SPOKEN

if TYPE_CHECKING:
    from mahlan.scoring.changes import Place
    from mahlan.scoring.registry import Change
    from mahlan.scoring.served import Found

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
    from mahlan.cli.serving import registry_place
    from mahlan.scoring.changes import promote as change
    from mahlan.scoring.served import find_served

    place = registry_place()
    found = find_served(place.models, model, place.file)
    if not can_be_served(found, place):
        return 1
    _tell(change(place, found.name, reason=reason, at=datetime.now(UTC), language=language), as_json=as_json)
    return 0


@click.command("rollback", cls=Command, examples=('mahlan models rollback --reason "nudges quotations"',))
@reason_option
@language_option
@json_option
def rollback(reason: str, language: str, as_json: bool) -> None:
    """Make the champion before the present one serve again: one more line in the registry."""
    from mahlan.cli.serving import registry_place
    from mahlan.scoring.changes import rollback as change

    _tell(change(registry_place(), reason=reason, at=datetime.now(UTC), language=language), as_json=as_json)


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


def can_be_served(found: Found, place: Place) -> bool:
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
    show_rows([change_line(change)], as_json=as_json, title="added to the registry")
