"""What a model's scores and languages looked like when it was accepted: the manifest's ``[reference]``.

Read with the manifest; the scorer's drift gauges compare live traffic with it. ``mahlan models reference`` makes one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from mahlan.core.drift import LEAST, OTHER, histogram, shares

Share = Annotated[float, Meta(ge=0.0, le=1.0)]

ALL = "all"
"""The row for comments of every language together."""

EDGES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
"""Bins of a new reference: finer where calm comments lie, since that is where most do."""

LIMIT = 0.25
"""Siddiqi's reading of the index: over it, act."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Shares of the scores of ``label`` between ``edges``, by language and for ``all``; the mix of languages.

    ``limit`` is the distance over which operators are told; the alert rule reads it from a metric.
    """

    label: str
    edges: Annotated[tuple[Share, ...], Meta(min_length=1)]
    scores: dict[str, tuple[Share, ...]]
    languages: dict[str, Share] = field(default_factory=dict)
    limit: Annotated[float, Meta(gt=0.0)] = LIMIT


def reference_problems(reference: Reference, labels: Collection[str]) -> Iterator[str]:
    """What contradicts itself, in plain words with the key first."""
    if reference.label not in labels:
        yield f"reference.label: {reference.label!r} is not a label of this model; there are {', '.join(labels)}"
    if not all(a < b for a, b in pairwise(reference.edges)):
        yield "reference.edges: must rise"
    rows: dict[str, Iterable[float]] = {f"scores.{name}": row for name, row in reference.scores.items()}
    if reference.languages:
        rows["languages"] = reference.languages.values()
    for name, row in rows.items():
        if abs(sum(row) - 1.0) > 0.01:
            yield f"reference.{name}: the shares add up to {sum(row):.3f}, not to 1"
    for name, bins in reference.scores.items():
        if len(bins) != len(reference.edges) + 1:
            yield f"reference.scores.{name}: {len(reference.edges)} edges make {len(reference.edges) + 1} shares"


def make_reference(label: str, found: Iterable[tuple[str, float]], limit: float = LIMIT) -> Reference:
    """The reference of ``(language, score)`` pairs. Languages with too few comments have no row of their own."""
    by_language: dict[str, list[float]] = defaultdict(list)
    for language, score in found:
        by_language[language].append(score)
    kept = {name: scores for name, scores in sorted(by_language.items()) if len(scores) >= LEAST}
    rows = {ALL: [score for scores in by_language.values() for score in scores], **kept}
    mix: Counter[str] = Counter()
    for name, scores in by_language.items():
        mix[name if name in kept else OTHER] += len(scores)
    whole = mix.total()
    return Reference(
        label=label,
        edges=EDGES,
        scores={name: _rounded(shares(histogram(scores, EDGES))) for name, scores in rows.items()},
        languages={name: round(count / whole, 4) for name, count in sorted(mix.items())},
        limit=limit,
    )


def reference_toml(reference: Reference) -> str:
    """The lines to put into the manifest."""
    lines = [
        "[reference]",
        f'label = "{reference.label}"',
        f"limit = {reference.limit:g}",
        f"edges = {_row(reference.edges)}",
        f"languages = {{ {', '.join(f'{_key(name)} = {share:g}' for name, share in reference.languages.items())} }}",
        "",
        "[reference.scores]",
        *(f"{_key(name)} = {_row(row)}" for name, row in reference.scores.items()),
    ]
    return "\n".join(lines) + "\n"


def mixed(counts: Mapping[str, int], names: Collection[str]) -> dict[str, int]:
    """Counts by language with those that ``names`` lacks put together as ``other``."""
    found = dict.fromkeys(names, 0)
    for name, count in counts.items():
        known = name if name in names else OTHER
        found[known] = found.get(known, 0) + count
    return found


def _rounded(row: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(share, 4) for share in row)


def _row(numbers: Iterable[float]) -> str:
    return f"[{', '.join(f'{number:g}' for number in numbers)}]"


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() else f'"{name}"'
