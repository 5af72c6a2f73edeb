"""What is expected before an experiment begins: options that ``mahlan experiment plan`` and ``report`` share."""

from __future__ import annotations

from pathlib import Path

import click

BASE = 0.9
"""Nobody has published how many authors post their hurtful draft if nobody asks. Take the holdout's mean instead."""

base_option = click.option(
    "--base",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=BASE,
    show_default=True,
    help="Share of authors, not asked, who post their hurtful draft in the end.",
)
power_option = click.option(
    "--power",
    type=click.FloatRange(0.5, 0.99),
    default=0.8,
    show_default=True,
    help="Chance of seeing an effect that is there.",
)
campaign_option = click.option(
    "--campaign",
    "path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Campaign file: its holdout, languages, arms and [experiment].",
)
