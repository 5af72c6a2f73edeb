"""``mahlan simulate``: do the statistics find what was planted? With invented authors, at any scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import emit_all, is_terminal, jobs_option, json_option, note, show_rows

if TYPE_CHECKING:
    from mahlan.simulation.batches import Study

WIDEST = 1.6
"""Widths of an interval for one look that ours may have at the planned end."""
RATIO_RUNS = 10
"""Experiments for the sample ratio, for each one of the others: they are quick, and an alarm is rare."""
EFFECTS = ("toxic_posted", "cancelled", "later_offences", "volume")


@click.command(
    "simulate",
    cls=Command,
    examples=(
        "mahlan simulate",
        "mahlan simulate --runs 100 --authors 3000 --effect toxic_posted=-0.1",
        "mahlan simulate --runs 100 --held-out 0.08",
    ),
)
@click.option("--runs", type=click.IntRange(1), default=1000, show_default=True, help="Experiments.")
@click.option("--authors", type=click.IntRange(100), default=10_000, show_default=True, help="In each, as planned.")
@click.option("--looks", type=click.IntRange(1), default=200, show_default=True, help="At each, at equal distances.")
@click.option("--holdout", type=click.FloatRange(0.01, 0.5), default=0.1, show_default=True, help="Share, as planned.")
@click.option("--held-out", type=click.FloatRange(0.01, 0.99), help="Share that really is: another one is a mismatch.")
@click.option(
    "--effect",
    "planted",
    multiple=True,
    metavar="MEASURE=CHANGE",
    help="What asking changes: toxic_posted, later_offences and volume in proportion (-0.06: 6 % less), cancelled in "
    "points. May be repeated. Default: -0.06, -0.05, 0 and 0.03.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same result.")
@jobs_option
@json_option
def command(as_json: bool, planted: Sequence[str], jobs: int | None, **options: Any) -> int:
    """Run experiments with invented authors, and say whether the statistics keep what they promise.

    Authors differ: a few write most comments, who wrote much before writes much later, some are rougher than others.
    At every look core's own rows are read, as the board would show them. They promise that the interval covers the
    planted effect at all looks of an experiment together, with probability of at least its level; that at the end it is
    at most 1.6 times as wide as one that may be looked at once ("usual"); and that the sample-ratio alarm is raised
    without cause in at most one experiment in a thousand. "Kept" says whether that is so, or misses by no more than
    chance does in one of a hundred simulations; the exit status is 1 when a promise was not kept.
    """
    from mahlan.cli.batch import cores
    from mahlan.simulation.summary import NotEnoughError

    study = _study(planted, **{name: value for name, value in options.items() if name != "runs"})
    try:
        rows = list(_rows(study, options["runs"], jobs or cores()))
    except NotEnoughError as error:
        raise click.UsageError(str(error)) from None
    if as_json or not is_terminal():
        emit_all(rows)
    else:
        for title, about, names in _TABLES:
            show_rows([_shown(row, names) for row in rows if row["about"] == about], as_json=False, title=title)
    return 0 if all(row["kept"] for row in rows) else 1


#: For people: a title, what the rows are about, and which of their columns.
_TABLES = (
    (
        "intervals",
        "interval",
        ("measure", "level", "covers_at_every_look", "usual_covers_at_every_look", "widest", "kept"),
    ),
    ("what they find", "interval", ("measure", "planted", "stated", "stated_wrongly", "authors_when_stated", "gain")),
    ("all secondary intervals together", "family", ("level", "covers_at_every_look", "experiments", "kept")),
    ("sample ratio", "ratio", ("held_out", "alpha", "alarmed", "authors_at_alarm", "experiments", "kept")),
)


def _study(planted: Sequence[str], *, held_out: float | None, holdout: float, seed: int, **size: int) -> Study:
    from mahlan.simulation.batches import Study
    from mahlan.simulation.behaviour import Behaviour
    from mahlan.simulation.looks import Setup

    if size["looks"] > size["authors"]:
        raise click.UsageError("more looks than authors: take fewer --looks")
    study = Study(
        behaviour=Behaviour(**dict(map(_parsed, planted))),
        setup=Setup(held_out=holdout if held_out is None else held_out, planned_share=holdout, **size),
        seed=seed,
    )
    try:
        study.truths()
    except ValueError as error:
        raise click.UsageError(f"--effect: {error}") from None
    return study


def _parsed(written: str) -> tuple[str, float]:
    measure, _, change = written.partition("=")
    if measure not in EFFECTS:
        raise click.UsageError(f"--effect: no measure {measure!r}; there are {', '.join(EFFECTS)}")
    try:
        return f"effect_{measure}", float(change)
    except ValueError:
        raise click.UsageError(f"--effect: {change!r} is no number; write {measure}=-0.06") from None


def _rows(study: Study, runs: int, jobs: int) -> Iterator[dict[str, Any]]:
    from dataclasses import asdict

    from mahlan.simulation.summary import family_coverage, is_as_promised, summarise, summarise_ratio

    watched, ratios = _simulated(study, runs, jobs)
    measures = summarise(watched, study.truths(), study.levels())
    for never in sorted({*EFFECTS} - {row.measure for row in measures}):
        note(f"{never}: no experiment had enough authors for an interval; left out")
    for found in measures:
        covers = is_as_promised(found.covers_at_every_look, found.level, found.experiments)
        yield {"about": "interval", **asdict(found), "kept": covers and found.widest <= WIDEST}
    together, level = family_coverage(watched), 1 - study.plan().alpha
    kept = is_as_promised(together, level, runs)
    yield {"about": "family", "level": level, "covers_at_every_look": together, "experiments": runs, "kept": kept}
    ratio = summarise_ratio(ratios, study.setup.planned_share, study.setup.held_out)
    quiet = is_as_promised(1 - ratio.alarmed, 1 - ratio.alpha, ratio.experiments)
    yield {"about": "ratio", **asdict(ratio), "kept": quiet or ratio.held_out != ratio.planned_share}


def _simulated(study: Study, runs: int, jobs: int) -> tuple[list[Any], list[Any]]:
    from mahlan.cli.progress import counted
    from mahlan.simulation.batches import in_batches, ratio_batch, watch_batch

    watched: list[Any] = []
    ratios: list[Any] = []
    with counted(runs * (1 + RATIO_RUNS), "experiments") as advance:
        for found, work, times in ((watched, watch_batch, 1), (ratios, ratio_batch, RATIO_RUNS)):
            for batch in in_batches(work, study, runs * times, jobs):
                found.extend(batch)
                advance(len(batch))
    return watched, ratios


def _shown(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """These columns, with as many digits as people read."""
    chosen = {name: row[name] for name in names}
    return {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in chosen.items()}
