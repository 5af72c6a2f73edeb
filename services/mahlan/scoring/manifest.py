"""A model's manifest.toml: what the loader must know to serve the folder. Read by ``Model.load`` and the checks.

The format is described key by key in ``docs/models.md``. Whatever is wrong is a ``ModelError`` that names the key
and what to write instead.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mahlan.core.verdict import DEFAULT, Limits
from mahlan.errors import ModelError
from mahlan.scoring.keys import in_words, nearest, unknown_keys
from mahlan.scoring.reference import Reference, reference_problems
from mahlan.scoring.signature import Trusted, check_signature

FILE = "manifest.toml"
SCHEMA = 1

Activation = Literal["sigmoid", "softmax", "none"]
Combine = Literal["mean", "max", "first"]
Positive = Annotated[int, Meta(ge=1, le=1_000_000)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


@dataclass(frozen=True, slots=True)
class Input:
    """How texts become tensors. ``max_length`` and ``batch`` count tokens and texts; ``types`` may be empty.

    ``explain`` names a boolean input with a default of no, which the graph wants true for ``output.attributions``.
    """

    max_length: Positive = 128
    batch: Positive = 16
    pad_id: Annotated[int, Meta(ge=0)] = 0
    ids: str = "input_ids"
    mask: str = "attention_mask"
    types: str = ""
    explain: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """The tensor ``[batch, labels]``: its name, what its numbers are, and what each column means, in order.

    ``attributions`` names another, ``[batch, length]``: each token's share of the logit of the first column.
    ``exclusive``: with the activation none, the columns are shares of 1, as where the graph ends in a softmax.
    """

    labels: Annotated[tuple[str, ...], Meta(min_length=1)]
    activation: Activation
    name: str = "logits"
    attributions: str = ""
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Combination:
    """How a comment's readings become one score, in logits. A kind without a weight counts 1; 0 is never scored."""

    combine: Combine = "max"
    weights: dict[str, Annotated[float, Meta(ge=0.0)]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Points:
    """A calibration curve: probabilities at rising logits, straight lines between, flat outside."""

    logits: Annotated[tuple[float, ...], Meta(min_length=2)]
    probabilities: Annotated[tuple[Share, ...], Meta(min_length=2)]


@dataclass(frozen=True, slots=True)
class Source:
    """One training source, by name, with its licence statement and its number of rows."""

    name: str
    licence: str
    rows: Annotated[int, Meta(ge=0)] = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything in manifest.toml. ``labels`` is product label to the output columns it is made of."""

    schema: int
    name: Annotated[str, Meta(pattern=r"^[a-z0-9._-]+$")]
    version: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]+$")]
    licence: str
    input: Input
    output: Output
    thresholds: dict[str, dict[str, Limits]]
    description: str = ""
    files: dict[str, Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]] = field(default_factory=dict)
    labels: dict[str, Annotated[tuple[str, ...], Meta(min_length=1)]] = field(default_factory=dict)
    readings: dict[str, Combination] = field(default_factory=dict)
    calibration: dict[str, dict[str, Points]] = field(default_factory=dict)
    experimental: tuple[str, ...] = ()
    training: tuple[Source, ...] = ()
    reference: Reference | None = None
    measured: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """``name@version``, as written in events, metrics and the registry."""
        return f"{self.name}@{self.version}"

    @property
    def product_labels(self) -> dict[str, tuple[str, ...]]:
        """Product label to output columns; each column is its own label where ``[labels]`` is not given."""
        return self.labels or {name: (name,) for name in self.output.labels}

    @property
    def judged(self) -> dict[str, dict[str, Limits]]:
        """The thresholds a verdict may rest on: an experimental label never triggers a nudge by itself."""
        return {
            language: {label: limits for label, limits in table.items() if label not in self.experimental}
            for language, table in self.thresholds.items()
        }


def read_manifest(folder: Path, trusted: Trusted = ()) -> Manifest:
    """Read and check ``folder/manifest.toml``. Raises ``ModelError`` that names the key and the fix.

    With ``trusted`` keys one of them must have signed the very bytes that are read here.
    """
    path = folder / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"{path} is missing: write one (docs/models.md shows every key)") from None
    if trusted:
        check_signature(folder, data, trusted)
    try:
        return parse_manifest(data.decode())
    except UnicodeDecodeError:
        raise ModelError(f"{path} is not UTF-8") from None
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def parse_manifest(text: str) -> Manifest:
    """The manifest in ``text``. Raises ``ModelError``, with the key first."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"not valid TOML: {error}") from None
    for problem in unknown_keys(Manifest, raw, _TABLES):
        raise ModelError(problem)
    try:
        manifest = msgspec.convert(raw, Manifest)
    except msgspec.ValidationError as error:
        raise ModelError(in_words(str(error), "manifest")) from None
    for problem in problems(manifest):
        raise ModelError(problem)
    return manifest


def problems(manifest: Manifest) -> Iterator[str]:
    """What contradicts itself in a manifest whose types are right, in plain words with the key first."""
    if manifest.schema != SCHEMA:
        yield f"schema: this build reads {SCHEMA}, the manifest says {manifest.schema}"
    yield from _output_problems(manifest.output)
    yield from _label_problems(manifest)
    for language, table in manifest.thresholds.items():
        for label, limits in table.items():
            if not 0.0 <= limits.threshold <= limits.medium <= limits.high <= 1.0:
                yield f"thresholds.{language}.{label}: must be 0 <= threshold <= medium <= high <= 1"
    if manifest.reference is not None:
        yield from reference_problems(manifest.reference, manifest.product_labels)
    for language, curves in manifest.calibration.items():
        for label, points in curves.items():
            if not _rises(points):
                yield f"calibration.{language}.{label}: as many probabilities as logits, and both must rise"


def _output_problems(output: Output) -> Iterator[str]:
    if len(set(output.labels)) < len(output.labels):
        yield "output.labels: a name is there twice"
    if output.attributions and output.activation != "sigmoid":
        yield "output.attributions: only of a graph of logits (activation sigmoid); leave it out"
    if output.exclusive and output.activation != "none":
        yield "output.exclusive: only with activation none; columns of a softmax exclude each other in any case"


def _label_problems(manifest: Manifest) -> Iterator[str]:
    known = manifest.product_labels
    for label, columns in known.items():
        for column in columns:
            if column not in manifest.output.labels:
                yield f"labels.{label}: {column!r} is not in output.labels{nearest(column, manifest.output.labels)}"
    named = [("experimental", label) for label in manifest.experimental]
    named += [(f"{part}.{language}", label) for part in ("thresholds", "calibration")
              for language, table in getattr(manifest, part).items() for label in table]  # fmt: skip
    for key, label in named:
        if label not in known:
            yield f"{key}: {label!r} is not a label of this model{nearest(label, known)}"
    for label in known:
        if label not in manifest.experimental and label not in manifest.thresholds.get(DEFAULT, {}):
            yield (
                f"thresholds.default.{label} is missing: add {{ threshold = 0.5, medium = 0.8, high = 0.95 }} with "
                "your own numbers, or list the label under experimental"
            )


def _rises(points: Points) -> bool:
    pairs = (points.logits, points.probabilities)
    rising = all(a <= b for line in pairs for a, b in pairwise(line))
    return rising and len(points.logits) == len(points.probabilities)


_TABLES: dict[tuple[type, str], type] = {
    (Manifest, "input"): Input,
    (Manifest, "output"): Output,
    (Manifest, "reference"): Reference,
}
