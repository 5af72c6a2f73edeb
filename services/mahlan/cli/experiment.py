"""``mahlan experiment``: how large an experiment has to be, and what it found."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli import experiment_report
from mahlan.cli.designing import base_option, campaign_option, power_option
from mahlan.cli.examples import Group
from mahlan.cli.output import json_option, note, show_rows

if TYPE_CHECKING:
    from mahlan.core.campaign import Campaign
    from mahlan.core.experiment.power import Design
    from mahlan.reports.registration import Expected

EFFECTS = (0.01, 0.02, 0.03, 0.06, 0.1, 0.2)
"""Decreases in proportion. In the one large trial that is published there were 6 % fewer offensive posts."""


@click.group(
    "experiment",
    cls=Group,
    examples=(
        "mahlan experiment plan --per-day 400",
        "mahlan experiment report --from http://127.0.0.1:8090/insights/fakkar-eg",
    ),
)
def command() -> None:
    """Does asking help? Plan an experiment, and write down what it found."""


@command.command(
    "plan",
    examples=(
        "mahlan experiment plan",
        "mahlan experiment plan --effect 0.05 --base 0.95 --holdout 0.2 --per-day 400",
        "mahlan experiment plan --campaign campaigns/fakkar-eg.toml --register registration.md",
    ),
)
@click.option(
    "--effect",
    "effects",
    multiple=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="In proportion: 0.06 is 6 % fewer authors who post what hurts. May be repeated.",
)
@base_option
@campaign_option
@click.option("--holdout", type=click.FloatRange(0.01, 0.5), help="Share held out. Default: the campaign's, else 0.1.")
@power_option
@click.option("--per-day", type=click.FloatRange(0, min_open=True), help="New authors a day who would be asked.")
@click.option("--follow-up", type=click.IntRange(1, 60), help="Days. Default: the campaign's, else 7.")
@click.option(
    "--drafts-per-author",
    type=click.FloatRange(1),
    default=1.3,
    show_default=True,
    help="Hurtful drafts of one author during the follow-up, on average.",
)
@click.option(
    "--register",
    "registration",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write a pre-registration there, filled in from the campaign file; without one, the template.",
)
@click.option("--language", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="Of that file.")
@json_option
def plan(as_json: bool, path: Path | None, registration: Path | None, language: str, **options: Any) -> None:
    """Say how many authors and drafts an experiment needs to see an effect.

    One row for each effect: authors of both groups together, how many of them are held out, their hurtful drafts, and
    the days until the last of them is followed to the end (with --per-day). The numbers are those of the intervals that
    mahlan uses, which may be looked at all the time: they need 1.9 times the authors of an interval for one look.
    """
    from mahlan.core.experiment.power import Design
    from mahlan.reports.registration import Expected

    campaign = _campaign(path)
    holdout = options["holdout"] or (campaign.holdout.share if campaign else 0.1)
    follow_up = options["follow_up"] or (campaign.experiment.follow_up_days if campaign else 7)
    design = Design(holdout=holdout, power=options["power"])
    rows = [_row(effect, design, follow_up, options) for effect in options["effects"] or EFFECTS]
    show_rows(rows, as_json=as_json, title=f"to see an effect with a probability of {design.power:.0%}")
    if registration is not None:
        _register(registration, campaign, Expected(options["base"], design.power), language)


def _campaign(path: Path | None) -> Campaign | None:
    from mahlan.campaign_files import read_campaign

    return None if path is None else read_campaign(path)


def _row(effect: float, design: Design, follow_up: float, options: dict[str, Any]) -> dict[str, Any]:
    from mahlan.core.experiment.power import authors_needed, yes_no_variance
    from mahlan.core.experiment.start import LEAST_AUTHORS

    base = options["base"]
    asked = base * (1 - effect)
    shown = authors_needed(base - asked, yes_no_variance(asked), yes_no_variance(base), design)
    authors = max(shown, ceil(LEAST_AUTHORS / design.holdout))
    per_day = options["per_day"]
    return {
        "effect": effect,
        "points": round(100 * (base - asked), 2),
        "authors": authors,
        "held_out": round(authors * design.holdout),
        "drafts": round(authors * options["drafts_per_author"]),
        "days": round(authors / per_day + follow_up, 1) if per_day else None,
    }


def _register(to: Path, campaign: Campaign | None, expected: Expected, language: str) -> None:
    from mahlan.reports.registration import registration_markdown
    from mahlan.reports.words import words_of

    try:
        to.write_text(registration_markdown(words_of(language), campaign, expected), "utf-8")
    except OSError as error:
        raise click.UsageError(f"--register {to}: cannot be written ({error.strerror})") from None
    note(f"wrote {to}; fill in its ____ and register it before the first author enters")


command.add_command(experiment_report.command)
