"""One model folder, loaded: texts in, scores and verdicts out. Called by the scorer, the gateway and the CLI.

``score`` is ``run(encode(items))``. A pipeline calls the two halves itself, so that one batch is tokenised while
another is in the graph. Both are safe in several threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mahlan.core.verdict import judge
from mahlan.errors import ModelError, ScoreError
from mahlan.events.comment import Reading, Verdict
from mahlan.scoring.batches import Batch, batches
from mahlan.scoring.folder import GRAPH, TOKENIZER, agree, cover, read_files, weights
from mahlan.scoring.manifest import Manifest, read_manifest
from mahlan.scoring.onnx import CPU, Session, open_session
from mahlan.scoring.probabilities import Floats, calibrated, combination, combine, label_logits
from mahlan.scoring.signature import Trusted
from mahlan.scoring.tokenising import Ids, Tokeniser

Reals = npt.NDArray[np.float32]

DECIMALS = 6
"""Scores are rounded here: what differs beyond is the arithmetic of padding, not of the text."""


class Scorable(Protocol):
    """What can be scored: ``core.normalise.Normalised`` and ``CommentNormalised`` both are."""

    @property
    def readings(self) -> tuple[Reading, ...]: ...
    @property
    def language(self) -> str: ...
    @property
    def disguises(self) -> int: ...
    @property
    def slips(self) -> int: ...


def hidden_in(item: Scorable) -> int:
    """At how many places a comment hid words from filters, or was mistyped."""
    return item.disguises + item.slips


@dataclass(frozen=True, slots=True)
class Scores:
    """One comment's result: a score in 0..1 for each product label, and what they mean together.

    ``spans`` are the words the verdict rests on (``scoring/spans.py``), ``[start, end)`` in the original's characters.
    ``model`` is the ``name@version`` that said so; ``first`` what the fast model of a cascade had said, unsure.
    """

    scores: dict[str, float]
    verdict: Verdict
    spans: tuple[tuple[int, int], ...] = ()
    model: str = ""
    first: Scores | None = None


@dataclass(frozen=True, slots=True)
class Encoded:
    """Comments ready for the graph. ``firsts[i]:firsts[i + 1]`` are the rows of comment ``i``, one per reading."""

    languages: tuple[str, ...]
    kinds: tuple[str, ...]
    firsts: tuple[int, ...]
    batches: tuple[Batch, ...]
    unreadable: frozenset[int]

    def __len__(self) -> int:
        return len(self.languages)


class Model:
    """A served model. Make one with ``Model.load``; it holds no state between calls."""

    def __init__(self, manifest: Manifest, tokeniser: Tokeniser, session: Session, batch: int | None = None) -> None:
        self.manifest = manifest
        self.name = manifest.full_name
        self.labels = tuple(manifest.product_labels)
        self.label_sets = (frozenset(self.labels),)
        self.providers = session.providers
        self.tokeniser = tokeniser
        self._session = session
        self._batch = batch or manifest.input.batch
        self._thresholds = manifest.judged

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        threads: int = 1,
        verify: bool = True,
        batch: int | None = None,
        providers: Sequence[str] = (CPU,),
        trusted: Trusted = (),
    ) -> Model:
        """Load a model folder; with ``verify`` each file's sha256 is checked before a byte of it is used.

        ``threads`` are those of the graph; ``batch`` overrides the manifest. With ``trusted`` keys one of them must
        have signed the manifest. Raises ``ModelError``.
        """
        manifest = read_manifest(folder, trusted)
        if trusted:
            cover(folder, manifest)
        files = read_files(folder, manifest if verify or trusted else None)
        session = open_session(files[GRAPH], threads=threads, providers=providers, beside=weights(files))
        agree(manifest, session)
        return cls(manifest, Tokeniser(files[TOKENIZER], manifest.input.max_length), session, batch)

    def score(self, items: Sequence[Scorable]) -> list[Scores | ScoreError]:
        """Score comments; the result is in the same order and of the same length.

        A comment the model cannot score has a ``ScoreError`` in its place (returned, not raised); the others are
        not touched by it. A score does not depend on what a comment is batched with.
        """
        return self.run(self.encode(items))

    def encode(self, items: Sequence[Scorable]) -> Encoded:
        """Tokenise the readings the manifest wants, sort them by length, pad them into batches."""
        texts: list[str] = []
        kinds: list[str] = []
        firsts = [0]
        for item in items:
            for reading in self.wanted(item):
                texts.append(reading.text)
                kinds.append(reading.kind)
            firsts.append(len(texts))
        flat, lengths, unreadable = self._tokens(texts)
        cut = batches(flat, lengths, self._batch, self.manifest.input.pad_id)
        languages = tuple(item.language for item in items)
        return Encoded(languages, tuple(kinds), tuple(firsts), tuple(cut), unreadable)

    def run(self, encoded: Encoded) -> list[Scores | ScoreError]:
        """Run the graph on what ``encode`` made and judge the scores. As ``score``."""
        if not len(encoded):
            return []
        rows = np.full((len(encoded.kinds), len(self.manifest.output.labels)), np.nan, dtype=np.float32)
        for batch in encoded.batches:
            rows[batch.rows] = self._graph(batch)
        rows[list(encoded.unreadable)] = np.nan
        logits = self._per_comment(label_logits(rows, self.manifest), encoded)
        scores = calibrated(logits, encoded.languages, self.manifest).round(DECIMALS)
        return [self._result(*pair) for pair in zip(scores.tolist(), encoded.languages, strict=True)]

    def run_ids(self, ids: Ids, mask: Ids | None = None) -> Reals:
        """The graph's own numbers ``[texts, columns]`` for ids ``[texts, longest]``. Raises ``ModelError``."""
        return self._session.run(self.manifest.output.name, self._feeds(ids, mask))

    def explain_ids(self, ids: Ids, mask: Ids) -> tuple[Reals, Reals]:
        """The graph's numbers ``[texts, columns]`` and each token's share of the first ``[texts, longest]``.

        Only for a manifest with ``output.attributions``. Raises ``ModelError``.
        """
        names = self.manifest.input
        switch = {names.explain: np.array(True)} if names.explain else {}
        wanted = (self.manifest.output.name, self.manifest.output.attributions)
        numbers, shares = self._session.run_all(wanted, {**self._feeds(ids, mask), **switch})
        return numbers, shares

    def batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        """Batches of these texts, as ``encode`` makes them of readings; text that is not Unicode counts as empty."""
        flat, lengths, _ = self._tokens(list(texts))
        return batches(flat, lengths, self._batch, self.manifest.input.pad_id)

    def logits(self, texts: Sequence[str]) -> Floats:
        """Logits ``[texts, product labels]``, before calibration; NaN where the graph fails."""
        rows = np.full((len(texts), len(self.manifest.output.labels)), np.nan, dtype=np.float32)
        for batch in self.batches(texts):
            rows[batch.rows] = self._graph(batch)
        return label_logits(rows, self.manifest)

    def _feeds(self, ids: Ids, mask: Ids | None) -> dict[str, npt.NDArray[Any]]:
        names = self.manifest.input
        feeds = {names.ids: ids, names.mask: np.ones_like(ids) if mask is None else mask}
        if names.types:
            feeds[names.types] = np.zeros_like(ids)
        return feeds

    def wanted(self, item: Scorable) -> Sequence[Reading]:
        """The readings whose score counts; one of weight zero is not worth its time."""
        readings = item.readings
        if len(readings) < 2:
            return readings
        how = combination(item.language, self.manifest.readings)
        if how.combine == "first":
            return readings[:1]
        if how.combine == "max":
            return readings
        return [reading for reading in readings if how.weights.get(reading.kind, 1.0)] or readings[:1]

    def _tokens(self, texts: list[str]) -> tuple[Ids, Ids, frozenset[int]]:
        """Ids and lengths; when the batch holds text that is not Unicode, find it and leave only it out."""
        try:
            return (*self.tokeniser.encode(texts), frozenset())
        except ValueError:
            bad = frozenset(row for row, text in enumerate(texts) if not _is_unicode(text))
            kept = ["" if row in bad else text for row, text in enumerate(texts)]
            return (*self.tokeniser.encode(kept), bad)

    def _graph(self, batch: Batch) -> Reals:
        """The graph's output for a batch. When it fails, each text runs alone: one bad text must not cost the rest."""
        try:
            return self.run_ids(batch.ids, batch.mask)
        except ModelError:
            columns = len(self.manifest.output.labels)
            if len(batch.rows) == 1:
                return np.full((1, columns), np.nan, dtype=np.float32)
            alone = [Batch(batch.rows[i : i + 1], batch.ids[i : i + 1], batch.mask[i : i + 1])
                     for i in range(len(batch.rows))]  # fmt: skip
            return np.concatenate([self._graph(one) for one in alone])

    def _per_comment(self, logits: Floats, encoded: Encoded) -> Floats:
        firsts = np.asarray(encoded.firsts)
        whole = np.full((len(encoded), logits.shape[1]), np.nan)
        present = np.diff(firsts) > 0
        whole[present] = logits[firsts[:-1][present]]
        for item in np.flatnonzero(np.diff(firsts) > 1).tolist():
            rows = slice(encoded.firsts[item], encoded.firsts[item + 1])
            how = combination(encoded.languages[item], self.manifest.readings)
            whole[item] = combine(logits[rows], encoded.kinds[rows], how)
        return whole

    def _result(self, row: list[float], language: str) -> Scores | ScoreError:
        scores = dict(zip(self.labels, row, strict=True))
        for label, value in scores.items():
            if value != value:  # noqa: PLR0124  NaN is the one number unlike itself
                return ScoreError(f"the model gave no number for label {label}", "$.readings")
        return Scores(scores, judge(scores, language, self._thresholds), model=self.name)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
