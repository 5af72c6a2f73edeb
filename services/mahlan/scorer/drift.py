"""How far live scores and languages are from the models' references, as gauges. Fed by the scorer and its shadows.

A model whose manifest has no ``[reference]`` has no gauge; neither has a language with too few comments yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from mahlan.core.drift import LEAST, bin_of, shares, stability
from mahlan.events.comment import CommentNormalised
from mahlan.runtime.metrics import Metrics
from mahlan.scorer.record import SERVICE
from mahlan.scoring.cascade import Served, first_of
from mahlan.scoring.counting import parted
from mahlan.scoring.deciding import Result
from mahlan.scoring.model import Scores
from mahlan.scoring.reference import ALL, Reference, mixed

WINDOW = 5_000
"""Comments of one half of a row's window: distances are over the last 5,000 to 10,000."""
EVERY = 250
"""Comments between two looks."""

Scored = tuple[str, dict[str, float]]


@dataclass(slots=True)
class Row:
    """Counts by bin (or language) of the half being filled and the half before it."""

    now: Counter[int | str] = field(default_factory=Counter)
    before: Counter[int | str] = field(default_factory=Counter)
    filled: int = 0

    def add(self, place: int | str) -> None:
        """One comment more; the older half goes when the newer one is full."""
        self.now[place] += 1
        self.filled += 1
        if self.filled >= WINDOW:
            self.now, self.before, self.filled = Counter(), self.now, 0

    @property
    def counts(self) -> Counter[int | str]:
        """Both halves."""
        return self.now + self.before


@dataclass(slots=True)
class Watched:
    """One model's reference and what came in since it is in use."""

    reference: Reference
    rows: dict[str, Row]
    languages: Row = field(default_factory=Row)
    seen: int = 0


class Drift:
    """The gauges. Safe in several threads; only the champion's languages are watched."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._watched: dict[str, Watched] = {}
        self._lock = Lock()

    def follow(self, models: Iterable[Served]) -> None:
        """Watch these models and forget all others, with their gauges.

        Of a cascade the fast one is watched, which sees every comment; what the accurate one gets was chosen.
        """
        with self._lock:
            wanted = {model.name: model.manifest.reference for model in map(first_of, models)}
            for name in self._watched.keys() - wanted.keys():
                self._forget(name)
            for name, reference in wanted.items():
                if reference is not None and name not in self._watched:
                    self._watched[name] = Watched(reference, {row: Row() for row in reference.scores})
                    self._metrics.drift_limit.labels(SERVICE, *parted(name)).set(reference.limit)

    def see_decided(self, champion: Served, comments: Sequence[CommentNormalised], results: Sequence[Result]) -> None:
        """A batch, decided: to each model its own scores, to the champion the languages of all."""
        with self._lock:
            if (watched := self._watched.get(first_of(champion).name)) is not None:
                for comment in comments:
                    watched.languages.add(comment.language)
        self.see_scored(comments, results)

    def see_scored(self, comments: Sequence[CommentNormalised], results: Sequence[Result]) -> None:
        """To each model that was the first to score a comment, its language and scores."""
        by_model: dict[str, list[Scored]] = {}
        for comment, result in zip(comments, results, strict=True):
            if isinstance(result.outcome, Scores):
                said = result.outcome.first or result.outcome
                by_model.setdefault(said.model or result.model, []).append((comment.language, said.scores))
        for name, scored in by_model.items():
            self.see(name, scored)

    def see(self, model: str, scored: Iterable[Scored]) -> None:
        """Language and scores of comments that the model scored."""
        with self._lock:
            watched = self._watched.get(model)
            if watched is None:
                return
            for language, scores in scored:
                self._add(watched, language, scores)
            if watched.seen >= EVERY:
                watched.seen = 0
                self._show(model, watched)

    def _add(self, watched: Watched, language: str, scores: dict[str, float]) -> None:
        place = bin_of(scores[watched.reference.label], watched.reference.edges)
        for name in (language, ALL):
            if name in watched.rows:
                watched.rows[name].add(place)
        watched.seen += 1

    def _show(self, model: str, watched: Watched) -> None:
        reference = watched.reference
        for name, row in watched.rows.items():
            found = row.counts
            if found.total() >= LEAST:
                counts = [found[place] for place in range(len(reference.edges) + 1)]
                distance = stability(reference.scores[name], shares(counts))
                self._metrics.score_drift.labels(SERVICE, *parted(model), name).set(distance)
        found = watched.languages.counts
        if reference.languages and found.total() >= LEAST:
            mix = mixed({str(name): count for name, count in found.items()}, reference.languages)
            expected = [reference.languages.get(name, 0.0) for name in mix]
            distance = stability(expected, shares(list(mix.values())))
            self._metrics.language_drift.labels(SERVICE, *parted(model)).set(distance)

    def _forget(self, name: str) -> None:
        gone = self._watched.pop(name)
        labels = (SERVICE, *parted(name))
        self._metrics.drift_limit.remove(*labels)
        self._metrics.language_drift.remove(*labels)
        for row in gone.rows:
            self._metrics.score_drift.remove(*labels, row)
