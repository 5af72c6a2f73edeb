"""``mahlan experiment report``: what an experiment found, as HTML and CSV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mahlan.cli.designing import base_option, campaign_option, power_option
from mahlan.cli.examples import Command
from mahlan.cli.output import emit, is_terminal, note

if TYPE_CHECKING:
    from mahlan.reports.registration import Expected, Part

SECONDS = 30.0
"""How long insights may take to answer."""
MOST_BYTES = 20_000_000


@click.command(
    "report",
    cls=Command,
    examples=(
        "mahlan experiment report --from insights.json --campaign campaigns/fakkar-eg.toml",
        "mahlan experiment report --from http://127.0.0.1:8090/insights/fakkar-eg --out report.html",
    ),
)
@click.option("--from", "source", required=True, metavar="FILE|URL", help="The JSON of insights; - is standard input.")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="Write there; the CSV goes beside it, with .csv at the end.",
)
@click.option(
    "--token",
    envvar="MAHLAN_INSIGHTS_TOKEN",
    help="What insights asks for, if it does. Default: from the environment, as the services have it.",
)
@campaign_option
@base_option
@power_option
def command(source: str, out: Path, token: str | None, path: Path | None, base: float, power: float) -> None:
    """Write what an experiment has found so far: an HTML file that needs nothing else, and its rows as CSV.

    In Arabic and English. Where there is not enough yet the report says so, and how long it takes, instead of a number.
    With --campaign it holds the pre-registration, filled in from that file and from --base and --power.
    """
    from mahlan.reports.figures import FiguresError, read_figures
    from mahlan.reports.page import report_page
    from mahlan.reports.registration import Expected
    from mahlan.reports.rows import effect_rows

    try:
        figures = read_figures(_read(source, token))
    except FiguresError as error:
        raise click.UsageError(f"--from {source}: {error}") from None
    rows = out.with_suffix(".csv")
    try:
        out.write_text(report_page(figures, _registered(path, Expected(base, power))), "utf-8")
        rows.write_text(effect_rows(figures), "utf-8", newline="")
    except OSError as error:
        raise click.UsageError(f"--out {out}: cannot be written ({error.strerror})") from None
    if is_terminal():
        note(f"wrote {out} and {rows}")
    else:
        emit({"html": str(out), "csv": str(rows)})


def _registered(path: Path | None, expected: Expected) -> dict[str, list[Part]]:
    from mahlan.campaign_files import read_campaign
    from mahlan.reports.registration import registration
    from mahlan.reports.words import LANGUAGES, words_of

    if path is None:
        return {}
    campaign = read_campaign(path)
    return {code: list(registration(words_of(code), campaign, expected)) for code in LANGUAGES}


def _read(source: str, token: str | None) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    if source.startswith(("http://", "https://")):
        return _fetched(source, token)
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise click.UsageError(f"--from {source}: cannot be read ({error.strerror})") from None


def _fetched(url: str, token: str | None) -> bytes:
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    request = Request(url)  # noqa: S310 - http and https only, see _read
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            body: bytes = answer.read(MOST_BYTES)
    except URLError as error:
        reason = getattr(error, "code", None) or error.reason
        raise click.UsageError(f"--from {url}: no answer ({reason}); is insights running there?") from None
    except (OSError, HTTPException, ValueError) as error:
        raise click.UsageError(f"--from {url}: no answer ({error})") from None
    return body
