"""One step of a partition's state: some events taken in, in memory, as the changes they make. Used by the keeper.

Nothing of the state itself changes here: the keeper writes the changes first. So a step that is not written has never
been, and the same events give the same step again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from mahlan.core.experiment.totals import Totals, add
from mahlan.core.insights.author import Author, decode_author, encode_author
from mahlan.core.insights.closing import close, erase, is_forgotten
from mahlan.core.insights.joining import count_only, take_decision, take_outcome
from mahlan.core.insights.tally import FIVE, Tally, is_past, milliseconds
from mahlan.core.insights.terms import Patience, Terms
from mahlan.events.nudge import NudgeDecided, NudgeOutcome
from mahlan.insights.keys import WINDOW, author_key, read_key, sketch_key, totals_key, window_key
from mahlan.insights.sketches import Sketch
from mahlan.insights.state import PROGRESS, PartitionState, Progress, encode_progress

_COUNTS = msgspec.json.Decoder(dict[str, int])
_TOTALS = msgspec.json.Decoder(Totals)


@dataclass(frozen=True, slots=True)
class Rules:
    """What every step is taken by: the campaigns' terms, and how long is waited."""

    terms: Mapping[str, Terms]
    patience: Patience

    def of(self, campaign: str) -> Terms:
        """A campaign's terms; one whose file is not there any more is counted in UTC and without hashtags."""
        return self.terms.get(campaign) or Terms(id=campaign)


@dataclass(slots=True)
class Step:
    """What some events make of a partition's state. The numbers are what is to be told of it once it is written."""

    state: PartitionState
    rules: Rules
    taken: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    erased: int = 0
    damaged: int = 0
    observations: int = 0
    _applied: dict[str, int] = field(default_factory=dict)
    _latest: int = 0
    _authors: dict[bytes, Author | None] = field(default_factory=dict)
    _tally: Tally = field(default_factory=Tally)
    _sketches: dict[bytes, Sketch] = field(default_factory=dict)
    _totals: dict[bytes, Totals] = field(default_factory=dict)
    _past: set[bytes] = field(default_factory=set)

    @property
    def unmatched(self) -> int:
        """Outcomes that nobody waits for a nudge of any longer."""
        return self._tally.unmatched

    def budget(self) -> Mapping[tuple[str, str], Counter[str]]:
        """By campaign and language, how many nudges this step found to be ``shown`` and ``disputed``."""
        found = defaultdict[tuple[str, str], Counter[str]](Counter)
        for (campaign, window), counts in self._tally.counts.items():
            for counter, count in counts.items() if window.startswith(FIVE) else ():
                language, _, what = counter.rpartition("/")
                found[campaign, language][what] += count
        return found

    def was_taken(self, topic: str, offset: int) -> bool:
        """Whether the state holds this record of the partition already."""
        return offset < max(self.state.progress.applied.get(topic, 0), self._applied.get(topic, 0))

    def passed(self, topic: str, offset: int) -> None:
        """This record is done, whatever it was."""
        self._applied[topic] = offset + 1
        self.taken[topic] += 1

    def decide(self, decision: NudgeDecided) -> None:
        """Take in a decision."""
        at, terms, tally = milliseconds(decision.occurred_at), self.rules.of(decision.campaign), self._tally
        self._latest = max(self._latest, at)
        author = self._author(decision.author_key)
        if author.erased and milliseconds(decision.decided_at) <= author.erased:
            count_only(decision, terms, tally)
        elif not take_decision(author, decision, terms, tally):
            self.repeats += 1
            return
        self._add(decision.author_key)

    def tell(self, outcome: NudgeOutcome, arrived: int) -> None:
        """Take in an outcome that was written to its topic at ``arrived`` (milliseconds)."""
        author = self._author(outcome.author_key)
        if milliseconds(outcome.occurred_at) > author.erased:
            take_outcome(author, outcome, arrived, self.rules.terms, self._tally)

    def erase(self, author: str, at: int) -> None:
        """Forget an author who was erased at ``at`` (milliseconds); what was decided before may still be to come."""
        known = self._author(author)
        self.erased += bool(known.parts or known.early)
        self._authors[author_key(author)] = erase(known, at, self.rules.terms, self._tally)

    def close(self, key: bytes, until: int, now: int) -> None:
        """End what is over for the author under this key: by the events' time, and by the clock's (milliseconds)."""
        author = self._load(key)
        ended = close(author, until, now, self.rules.terms, self.rules.patience, self._tally)
        forgotten = is_forgotten(author, now, self.rules.patience)
        if ended or forgotten:
            self._authors[key] = None if forgotten else author
            self._observe()

    def prune(self, now: int) -> None:
        """Take away the counters of windows that nobody asks for any more, at ``now`` (milliseconds)."""
        told = ((key, read_key(key)) for key in self.state.sums)
        self._past.update(key for key, what in told if what.kind == WINDOW and is_past(what.window, now))

    def changes(self) -> dict[bytes, bytes | None]:
        """What is to be written; empty where nothing came of it."""
        changed: dict[bytes, bytes | None] = dict.fromkeys(self._past)
        for key, author in self._authors.items():
            changed[key] = None if author is None else encode_author(author)
        for (campaign, window), counts in self._tally.counts.items():
            key = window_key(campaign, window)
            changed[key] = self._summed(key, counts)
        for key, sketch in self._sketches.items():
            if (kept := sketch.kept()) != self.state.sums.get(key):
                changed[key] = kept
        for key, totals in self._totals.items():
            changed[key] = msgspec.json.encode(totals)
        if changed or self._applied:
            before = self.state.progress
            progress = Progress(applied=before.applied | self._applied, latest=max(before.latest, self._latest))
            changed = {PROGRESS: encode_progress(progress), **changed}
        return changed

    def _author(self, name: str) -> Author:
        key = author_key(name)
        author = self._load(key)
        self._authors[key] = author
        return author

    def _load(self, key: bytes) -> Author:
        author = self._authors.get(key)
        if author is not None:
            return author
        kept = self.state.authors.get(key) if key not in self._authors else None
        try:
            return Author() if kept is None else decode_author(kept)
        except msgspec.DecodeError:
            self.damaged += 1
            return Author()

    def _add(self, author: str) -> None:
        """Count the author into the sketches that the tally names."""
        for campaign, window, name in self._tally.seen:
            self._sketch(sketch_key(campaign, window, name)).add(author)
        self._tally.seen.clear()

    def _observe(self) -> None:
        """Add the authors whose follow-up is over to their totals."""
        for observed in self._tally.observations:
            key = totals_key(observed.campaign, observed.language, observed.arm)
            self._totals[key] = add(self._totals.get(key) or self._kept_totals(key), observed)
        self.observations += len(self._tally.observations)
        self._tally.observations.clear()

    def _sketch(self, key: bytes) -> Sketch:
        if key not in self._sketches:
            self._sketches[key], damaged = Sketch.of(self.state.sums.get(key))
            self.damaged += damaged
        return self._sketches[key]

    def _summed(self, key: bytes, counts: Mapping[str, int]) -> bytes:
        kept = self.state.sums.get(key)
        try:
            before = _COUNTS.decode(kept) if kept is not None else {}
        except msgspec.DecodeError:
            before = {}
            self.damaged += 1
        for name, by in counts.items():
            before[name] = before.get(name, 0) + by
        return msgspec.json.encode({name: count for name, count in before.items() if count})

    def _kept_totals(self, key: bytes) -> Totals:
        kept = self.state.sums.get(key)
        try:
            return Totals() if kept is None else _TOTALS.decode(kept)
        except msgspec.DecodeError:
            self.damaged += 1
            return Totals()
