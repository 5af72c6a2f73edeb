"""``mahlan models canary`` and ``shadow``: try a model on a few authors, or beside the champion."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from mahlan.cli.champions import can_be_served, reason_option
from mahlan.cli.examples import Command
from mahlan.cli.output import json_option, note, show_rows
from mahlan.cli.standing import ALL, canary_line, shadow_line
from mahlan.core.drift import SPOKEN

if TYPE_CHECKING:
    from mahlan.scoring.changes import Place


@click.command(
    "canary",
    cls=Command,
    examples=(
        'mahlan models canary fast@3 --share 0.05 --reason "first look at the new thresholds"',
        'mahlan models canary fast@3 --share 0.2 --language arz --reason "fewer disputes than fast@2"',
        'mahlan models canary --off --reason "nudges quotations"',
    ),
)
@click.argument("model", metavar="[NAME@VERSION]", required=False)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    help="Of the authors, above 0 and at most 1: 0.05 is one in twenty.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice([ALL, *sorted(SPOKEN)]),
    help="Only for comments in this language and its varieties; may be given again. "
    "Default: those it has as the canary, else all; `default` means all.",
)
@click.option("--off", is_flag=True, help="Take the canary off.")
@reason_option
@json_option
def canary(
    model: str | None, share: float | None, languages: tuple[str, ...], off: bool, reason: str, as_json: bool
) -> int:
    """Let the model NAME@VERSION decide for a share of the authors; the champion decides for all the others.

    The same authors always, and more of them when the share grows. There is one canary: a new one takes the place of
    the old. The model is checked first, then the registry gets one line more, and running scorers notice within a
    second. Hold mahlan_verdicts_total of the canary against the champion's, then promote it or take it off.
    """
    from mahlan.cli.serving import registry_place

    place = registry_place()
    if off:
        if share is not None or languages:
            raise click.UsageError("--off takes the canary off altogether: leave out --share and --language")
        return _take_off(place, model, reason, as_json=as_json)
    if model is None:
        raise click.UsageError("name the model, NAME@VERSION, or take the canary off with --off")
    if share is None:
        raise click.UsageError("say for which share of the authors it decides: --share 0.05 is one in twenty")
    wanted = None if not languages else () if ALL in languages else languages
    return _put_on(place, model, share, wanted, reason, as_json=as_json)


@click.command(
    "shadow",
    cls=Command,
    examples=(
        'mahlan models shadow fast@3 --reason "how often would it differ?"',
        'mahlan models shadow fast@3 --off --reason "seen enough"',
    ),
)
@click.argument("model", metavar="NAME@VERSION")
@click.option("--off", is_flag=True, help="Let it score along no longer.")
@reason_option
@json_option
def shadow(model: str, off: bool, reason: str, as_json: bool) -> int:
    """Let the model NAME@VERSION score along: it is compared with the champion and never decides.

    The model is checked first, then the registry gets one line more, and running scorers notice within a second.
    mahlan_shadow_comments_total tells how often it agrees. Shadows work only while the scorer has time for them.
    """
    from mahlan.cli.serving import registry_place
    from mahlan.scoring.trials import end_shadow, start_shadow

    place, now = registry_place(), datetime.now(UTC)
    if off:
        line = end_shadow(place, model, reason=reason, at=now)
    elif _checked(place, model):
        line = start_shadow(place, model, reason=reason, at=now)
    else:
        return 1
    show_rows([shadow_line(line)], as_json=as_json, title="added to the registry")
    return 0


def _take_off(place: Place, model: str | None, reason: str, *, as_json: bool) -> int:
    from mahlan.scoring.trials import end_canary

    line = end_canary(place, model=model, reason=reason, at=datetime.now(UTC))
    show_rows([canary_line(line)], as_json=as_json, title="added to the registry")
    return 0


def _put_on(
    place: Place, model: str, share: float, languages: tuple[str, ...] | None, reason: str, *, as_json: bool
) -> int:
    from mahlan.scoring.registry import read_registry
    from mahlan.scoring.trials import start_canary

    if not _checked(place, model):
        return 1
    before = read_registry(place.models, place.file).routes.trial
    line = start_canary(place, model, share=share, languages=languages, reason=reason, at=datetime.now(UTC))
    if before is not None and before.model != model:
        note(f"{before.model} is the canary no more")
    show_rows([canary_line(line)], as_json=as_json, title="added to the registry")
    return 0


def _checked(place: Place, model: str) -> bool:
    from mahlan.scoring.served import find_served

    return can_be_served(find_served(place.models, model, place.file), place)
