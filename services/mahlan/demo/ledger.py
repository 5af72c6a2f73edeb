"""What became of each comment of a run, counted from the records on the topics and from nothing else.

A comment here is one revision of a comment: ``<run>-<number>.<revision>``, which its submitted record carries as
CloudEvents id and every later event as comment id and revision. ``follower.py`` feeds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from mahlan.events import dead_letter
from mahlan.events.topics import DEAD_LETTERS, DECIDED, NORMALISED, SCORED, SUBMITTED
from mahlan.runtime.broker import Partition, Record
from mahlan.runtime.written import event_id

#: Every topic a comment may turn up on.
FOLLOWED = (SUBMITTED, NORMALISED, SCORED, DECIDED, *DEAD_LETTERS.values())
Place = tuple[str, int, int]
"""Topic, partition, offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a run ended. Milliseconds run from the broker's time of the submitted record to that of the decision."""

    submitted: int
    normalised: int
    scored: int
    decided: int
    nudged: int
    holdout: int
    suppressed: int
    dead_lettered: int
    lost: int
    duplicated: int
    seconds: float
    p50_ms: float | None
    p99_ms: float | None

    @property
    def is_whole(self) -> bool:
        """Whether every comment came out, once."""
        return not self.lost and not self.duplicated


class Example(NamedTuple):
    """A comment and the nudge its author would see."""

    language: str
    text: str
    decision: dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """Counts the records of one run; those of others are passed over."""

    run: str
    submitted: dict[str, int] = field(default_factory=dict)
    normalised: set[str] = field(default_factory=set)
    scored: set[str] = field(default_factory=set)
    decided: dict[str, int] = field(default_factory=dict)
    decisions: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[str, Example] = field(default_factory=dict)
    ends: dict[Partition, int] = field(default_factory=dict)
    _places: dict[Place, str] = field(default_factory=dict)
    _letters: list[tuple[Place, str, str]] = field(default_factory=list)
    _texts: dict[str, str] = field(default_factory=dict)

    def see(self, record: Record) -> None:
        """Count one record, once: what was read before is passed over by its offset."""
        place = Partition(record.topic, record.partition)
        if record.offset < self.ends.get(place, 0):
            return
        self.ends[place] = record.offset + 1
        if record.topic == SUBMITTED.name:
            self._see_submitted(record)
        elif record.topic in {topic.name for topic in DEAD_LETTERS.values()}:
            self._see_dead(record)
        elif record.value is not None:
            self._see_event(record, orjson.loads(record.value))

    def _see_submitted(self, record: Record) -> None:
        name = event_id(record.headers)
        if not name.startswith(f"{self.run}-"):
            return
        self._places[record.topic, record.partition, record.offset] = name
        self.submitted.setdefault(name, record.timestamp_ms)
        if name not in self.decided:
            self._texts[name] = _text_of(record.value)

    def _see_event(self, record: Record, event: dict[str, Any]) -> None:
        comment = str(event.get("comment_id", ""))
        if not comment.startswith(f"{self.run}-"):
            return
        name = f"{comment}.{event['revision']}"
        self._places[record.topic, record.partition, record.offset] = name
        if record.topic == NORMALISED.name:
            self.normalised.add(name)
        elif record.topic == SCORED.name:
            self.scored.add(name)
        else:
            self._see_decision(name, event, record.timestamp_ms)

    def _see_decision(self, name: str, event: dict[str, Any], at_ms: int) -> None:
        self.decisions[event["decision_id"]] += 1
        text = self._texts.pop(name, "")
        if name in self.decided:
            return
        self.decided[name] = at_ms
        self.kinds[event["kind"]] += 1
        self.reasons[event["kind"], event["reason"]] += 1
        wording = event.get("wording")
        if wording and text and wording["language"] not in self.examples:
            self.examples[wording["language"]] = Example(event["language"], text, event)

    def _see_dead(self, record: Record) -> None:
        letter = dead_letter.read(record.headers)
        if letter is not None:
            self._letters.append(((letter.topic, letter.partition, letter.offset), letter.service, letter.reason))

    def dead(self) -> dict[str, tuple[str, str]]:
        """Comments that became dead letters: the service and the reason of each."""
        return {
            self._places[place]: (service, reason) for place, service, reason in self._letters if place in self._places
        }

    def outstanding(self, published: Sequence[str]) -> int:
        """How many of these comments have come to no end yet."""
        dead = self.dead() if self._letters else {}
        return sum(name not in self.decided and name not in dead for name in published)

    def report(self, published: Sequence[str], seconds: float) -> Report:
        """The run's end. ``published`` are the comments whose record the broker acknowledged."""
        waits = sorted(at - self.submitted[name] for name, at in self.decided.items() if name in self.submitted)
        return Report(
            submitted=len(self.submitted),
            normalised=len(self.normalised),
            scored=len(self.scored),
            decided=len(self.decided),
            nudged=self.kinds["nudge"],
            holdout=self.kinds["holdout"],
            suppressed=self.kinds["suppress"],
            dead_lettered=len(self.dead()),
            lost=self.outstanding(published),
            duplicated=self.decisions.total() - len(self.decisions),
            seconds=round(seconds, 2),
            p50_ms=_percentile(waits, 50),
            p99_ms=_percentile(waits, 99),
        )


def _percentile(ordered: Sequence[int], percent: int) -> float | None:
    """Nearest rank: the smallest value that at least ``percent`` of the values do not exceed."""
    if not ordered:
        return None
    return float(ordered[max(0, -(-len(ordered) * percent // 100) - 1)])


def _text_of(value: bytes | None) -> str:
    try:
        body = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return ""
    text = body.get("text") if isinstance(body, dict) else None
    return text if isinstance(text, str) else ""
