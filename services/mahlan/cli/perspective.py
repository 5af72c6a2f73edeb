"""``mahlan perspective``: what a site that comes from the Perspective API needs once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Group
from mahlan.cli.output import json_option, note, show_rows

if TYPE_CHECKING:
    from mahlan.cli.pairs import Pair
    from mahlan.gateway.perspective.score_map import ScoreMap

Points = list[tuple[float, float]]
"""Our score and the old one, of one attribute."""

BATCH = 64
LEAST = 50
"""Pairs of an attribute: a curve through fewer says little."""
FOLDS = 5
THRESHOLD = 0.8
"""The default of Coral, and what Perspective's own guide names for hiding."""


@click.group("perspective", cls=Group, examples=("mahlan perspective calibrate --pairs old.jsonl --out map.toml",))
def command() -> None:
    """Come from the Perspective API: keep the thresholds that a site has."""


@command.command(
    "calibrate",
    examples=("mahlan perspective calibrate --pairs old.jsonl --threshold 0.8 --out map.toml",),
)
@click.option(
    "--pairs",
    "path",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help='Lines of {"text", "scores": {"TOXICITY": 0.83}}, or with Perspective\'s own "attributeScores".',
)
@click.option("--threshold", "thresholds", multiple=True, type=click.FloatRange(0, 1), help="May be repeated.")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write the map there.")
@click.option("--model", metavar="NAME@VERSION", help="Default: the one that the gateway would serve.")
@json_option
def calibrate(path: Path, thresholds: Sequence[float], out: Path | None, model: str | None, as_json: bool) -> None:
    """Fit our scores to those that a site had, and say how often both agree.

    A rising curve for each attribute, by isotonic regression; the gateway reads it from MAHLAN_GATEWAY_SCORE_MAP. The
    table counts pairs on the same side of a threshold (default 0.8): before with our scores as they are, after with a
    curve that has not seen the pair (five folds). SEVERE_TOXICITY is fitted to our general label, of which it is a
    degree; any other attribute without a label that means it is left out.
    """
    from mahlan.cli.pairs import read_pairs
    from mahlan.gateway.perspective.score_map import write_score_map

    pairs = read_pairs(path)
    scores, name = _scored(pairs, model)
    found = _points(pairs, scores)
    sites = _fitted(found)
    rows = [
        _row(attribute, threshold, found[attribute][1])
        for attribute in sites
        for threshold in thresholds or (THRESHOLD,)
    ]
    show_rows(rows, as_json=as_json, title=f"{name}, {len(pairs):,} pairs")
    if out is not None:
        _write(out, write_score_map(sites, name))
        note(f"wrote {out}: set MAHLAN_GATEWAY_SCORE_MAP to it and start the gateway again")


def _scored(pairs: Sequence[Pair], model: str | None) -> tuple[list[dict[str, float]], str]:
    """Our scores of each text, and the model that gave them. Raises ``SettingsError`` where one has none."""
    from mahlan.cli.serving import find_served, load_served
    from mahlan.core.normalise import normalise
    from mahlan.errors import RecordError, SettingsError

    served = load_served(find_served(model))
    labels = frozenset.intersection(*map(frozenset, served.label_sets))
    scores: list[dict[str, float]] = []
    for first in range(0, len(pairs), BATCH):
        read = [normalise(pair.text) for pair in pairs[first : first + BATCH]]
        for place, found in enumerate(served.score(read), first + 1):
            if isinstance(found, RecordError):
                raise SettingsError(f"pair {place}: {found}")
            scores.append({label: found.scores[label] for label in labels})
    return scores, served.name


def _points(pairs: Sequence[Pair], scores: Sequence[Mapping[str, float]]) -> dict[str, tuple[str, Points]]:
    """For each attribute the label that means it, and the points of its pairs. What has no such label is left out."""
    from mahlan.gateway.perspective.questions import DEGREES, LABELS, plain

    found: dict[str, tuple[str, Points]] = {}
    for attribute in sorted({name for pair in pairs for name in pair.scores}):
        label = {**LABELS, **DEGREES}.get(plain(attribute), "")
        if label not in scores[0]:
            note(f"{attribute} is left out: the model has no label that means it")
            continue
        both = [(pair, own) for pair, own in zip(pairs, scores, strict=True) if attribute in pair.scores]
        found[attribute] = (label, [(own[label], pair.scores[attribute]) for pair, own in both])
    return found


def _fitted(found: Mapping[str, tuple[str, Points]]) -> ScoreMap:
    """A curve for each attribute. Raises ``SettingsError`` where one has too few pairs."""
    from mahlan.core.monotone import fit_monotone
    from mahlan.errors import SettingsError
    from mahlan.gateway.perspective.score_map import Mapped

    if not found:
        raise SettingsError(f"there is nothing to fit: {LEAST} or more pairs are needed for an attribute")
    for attribute, (_, points) in found.items():
        if len(points) < LEAST:
            raise SettingsError(f"{attribute}: {len(points)} pairs are too few, {LEAST} or more are needed")
    return {attribute: Mapped(label, fit_monotone(points)) for attribute, (label, points) in found.items()}


def _row(attribute: str, threshold: float, points: Points) -> dict[str, Any]:
    """How often old and new verdicts agree."""
    old = [theirs >= threshold for _, theirs in points]
    before = [ours >= threshold for ours, _ in points]
    after = [score >= threshold for score in _unseen(points)]
    return {
        "attribute": attribute,
        "threshold": threshold,
        "pairs": len(points),
        "old_over": _share(old),
        "before_over": _share(before),
        "after_over": _share(after),
        "before_agree": _share([one == other for one, other in zip(old, before, strict=True)]),
        "after_agree": _share([one == other for one, other in zip(old, after, strict=True)]),
    }


def _unseen(points: Points) -> Iterator[float]:
    """Each pair's score by a curve that was fitted without it."""
    from mahlan.core.monotone import fit_monotone

    curves = [fit_monotone(point for at, point in enumerate(points) if at % FOLDS != fold) for fold in range(FOLDS)]
    return (curves[at % FOLDS].at(ours) for at, (ours, _) in enumerate(points))


def _share(which: Sequence[bool]) -> float:
    return round(sum(which) / len(which), 3)


def _write(out: Path, text: str) -> None:
    from mahlan.errors import SettingsError

    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise SettingsError(f"{out} cannot be written ({error.strerror})") from None
