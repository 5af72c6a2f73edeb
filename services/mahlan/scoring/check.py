"""``mahlan models check DIR``: what is missing or wrong in a model folder, in plain words. Called by the CLI.

Works on any ONNX text-classification folder, with or without a manifest. Nothing is loaded before its sha256 was
compared. Comment texts are never shown but those of the folder's own golden file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from mahlan.core.normalise import Normalised, normalise
from mahlan.errors import ModelError, ScoreError
from mahlan.scoring.folder import GOLDEN, GRAPH, TOKENIZER
from mahlan.scoring.golden import GoldenCase, GoldenMiss, compare, read_golden
from mahlan.scoring.manifest import FILE, read_manifest
from mahlan.scoring.model import Model
from mahlan.scoring.onnx import open_session
from mahlan.scoring.signature import NOT_SIGNED, Trusted, signature_state
from mahlan.scoring.suggestion import suggest_manifest

CARD = "MODEL_CARD.md"
SAMPLES = (
    "الفيديو جميل اوي تسلم ايدك", "أختلف معك في الرأي ولكن أحترم وجهة نظرك", "el video gamel awy teslam edak",
    "this made my day, thank you so much for sharing it", "الماتش ده was amazing بجد", "كلامك مش عاجبني خالص",
    "what time does it start tonight?", "ok",
)  # fmt: skip
SAME = 0.001
"""A score may differ by this between a text alone and in a batch."""
UNKNOWN_SHARE = 0.2
"""Of the tokens of plain Arabic and English; above it, the tokenizer is probably another model's."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know. An ``error`` means that the folder cannot or must not be served."""

    level: Literal["error", "warning"]
    text: str


@dataclass(slots=True)
class Report:
    """What was found. ``speed`` is comments a second on one thread, tokenise and score; ``manifest`` a suggestion."""

    folder: Path
    name: str | None = None
    findings: list[Finding] = field(default_factory=list)
    golden_cases: int = 0
    golden_misses: list[GoldenMiss] = field(default_factory=list)
    speed: float | None = None
    manifest: str | None = None
    signature: str = NOT_SIGNED

    @property
    def ok(self) -> bool:
        """Whether the folder can be served."""
        return not self.golden_misses and all(finding.level != "error" for finding in self.findings)

    def lines(self) -> list[str]:
        """The report for a person, one finding a line."""
        out = [f"{finding.level}: {finding.text}" for finding in self.findings]
        out += [f"error: {GOLDEN} line {miss.line} ({miss.text}): {miss.problem}" for miss in self.golden_misses]
        if self.golden_cases:
            out.append(f"golden: {self.golden_cases - len(self.golden_misses)} of {self.golden_cases} as the file says")
        if self.speed is not None:
            out.append(f"speed: {self.speed:,.0f} comments a second on one thread, tokenise and score")
        if self.signature != NOT_SIGNED:
            out.append(f"signature: {self.signature}")
        if self.manifest is not None:
            out.append(f"write this to {self.folder / FILE} and put in what only you know:\n\n{self.manifest}")
        return [*out, f"{self.name or self.folder}: {'can be served' if self.ok else 'cannot be served'}"]


def check_folder(folder: Path, *, seconds: float = 1.0, trusted: Trusted = ()) -> Report:
    """Check a model folder; speed is measured for about ``seconds`` (0 leaves it out). Never raises on a bad folder.

    With ``trusted`` keys one of them must have signed it.
    """
    report = Report(folder=folder)
    report.findings += _missing(folder)
    report.signature = signature_state(folder, trusted)
    try:
        if not (folder / FILE).exists():
            if (folder / GRAPH).exists():
                report.manifest = suggest_manifest(folder, open_session(folder / GRAPH))
            return report
        if report.ok:
            model = Model.load(folder, trusted=trusted)
            _check_model(report, model, read_golden(folder, model.manifest), seconds)
        else:
            read_manifest(folder)
    except ModelError as error:
        report.findings.append(Finding("error", str(error)))
    return report


def _check_model(report: Report, model: Model, golden: list[GoldenCase], seconds: float) -> None:
    report.name = model.name
    samples = [normalise(text) for text in SAMPLES]
    for check in (_naming, _vocabulary, _numbers, _neighbours, _activation):
        report.findings += check(report.folder, model, samples)
    report.golden_cases = len(golden)
    report.golden_misses = compare(model, golden)
    if seconds > 0:
        report.speed = speed(model, samples + [normalise(case.text) for case in golden], seconds)


def speed(model: Model, items: list[Normalised], seconds: float) -> float:
    """Comments a second of ``model.score`` on polls of about 500 comments, measured for ``seconds``."""
    poll = items * (500 // len(items) + 1)
    model.score(poll)
    begun, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds or not done:
        model.score(poll)
        done += len(poll)
    return done / spent if spent else 0.0


def _missing(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield Finding("error", f"{folder} is not a directory")
        return
    for name, why in ((GRAPH, "the graph"), (TOKENIZER, "how texts become its input"), (FILE, "what its numbers mean")):
        if not (folder / name).is_file():
            yield Finding("error", f"{name} is missing: {why}")
    for name, why in ((GOLDEN, "nothing shows that it is served right here"), (CARD, "nobody can know its limits")):
        if not (folder / name).is_file():
            yield Finding("warning", f"{name} is missing: {why}")


Check = Callable[[Path, Model, list[Normalised]], Iterator[Finding]]


def _naming(folder: Path, model: Model, _: list[Normalised]) -> Iterator[Finding]:
    path = folder.resolve()
    if (path.parent.name, path.name) != (model.manifest.name, model.manifest.version):
        yield Finding("warning", f"the manifest says {model.name}, but the folder is {path.parent.name}/{path.name}")


def _vocabulary(_: Path, model: Model, samples: list[Normalised]) -> Iterator[Finding]:
    highest = model.tokeniser.vocabulary - 1
    try:
        model.run_ids(np.array([[highest]], dtype=np.int64))
    except ModelError:
        yield Finding(
            "error", f"tokenizer.json gives ids up to {highest}, which the graph cannot take: another model's?"
        )
    ids, _lengths = model.tokeniser.encode([item.readings[0].text for item in samples])
    unknown = model.tokeniser.unknown_id
    if unknown is not None and len(ids) and (share := float((ids == unknown).mean())) > UNKNOWN_SHARE:
        yield Finding("warning", f"{share:.0%} of the tokens of plain comments are unknown to tokenizer.json")


def _numbers(_: Path, model: Model, samples: list[Normalised]) -> Iterator[Finding]:
    bad = sum(isinstance(result, ScoreError) for result in model.score(samples))
    if bad:
        yield Finding("error", f"the scores of {bad} of {len(samples)} plain comments are not numbers")


def _neighbours(_: Path, model: Model, samples: list[Normalised]) -> Iterator[Finding]:
    apart = 0.0
    for item, together in zip(samples, model.score(samples), strict=True):
        (alone,) = model.score([item])
        if not isinstance(alone, ScoreError) and not isinstance(together, ScoreError):
            apart = max([apart, *(abs(alone.scores[label] - together.scores[label]) for label in model.labels)])
    if apart > SAME:
        yield Finding("warning", f"a score moves by {apart:.3f} with what the text is batched with (dynamic int8?)")


def _activation(_: Path, model: Model, samples: list[Normalised]) -> Iterator[Finding]:
    raw = np.concatenate([model.run_ids(batch.ids, batch.mask) for batch in model.encode(samples).batches])
    inside = bool(((raw >= 0) & (raw <= 1)).all())
    shares = inside and raw.shape[1] > 1 and bool((np.abs(raw.sum(axis=1) - 1) < SAME).all())
    several = [label for label, columns in model.manifest.product_labels.items() if len(columns) > 1]
    if model.manifest.output.activation == "none" and shares and several and not model.manifest.output.exclusive:
        yield Finding(
            "warning",
            "the graph's numbers add up to 1, as after a softmax: write output.exclusive = true, or "
            f"{', '.join(several)} takes only the highest of its columns and not their sum",
        )
    if model.manifest.output.activation == "none" and not inside:
        yield Finding("error", 'output.activation is "none", but the graph gives numbers outside 0..1')
    if model.manifest.output.activation != "none" and shares:
        yield Finding("warning", 'the graph\'s numbers already add up to 1: output.activation should be "none"')
