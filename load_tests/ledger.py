"""What became of each comment of a load test, and how long it took from the moment it was meant to be sent.

Filled by the sender and the follower of ``kafka_load.py``; times are of one clock, in seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from load_tests.ranks import rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a load test ended. ``unknown``: the broker did not acknowledge, so nobody can say whether it has them."""

    rate: float
    seconds: float
    submitted: int
    acknowledged: int
    unknown: int
    decided: int
    dead_lettered: int
    lost: int
    duplicated: int
    kinds: dict[str, int]
    sent_per_second: float
    decided_per_second: float
    sent_late_p99_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None

    @property
    def is_whole(self) -> bool:
        """Whether every comment the broker took came out, once."""
        return not self.lost and not self.duplicated


@dataclass(slots=True)
class Ledger:
    """One run. A comment is its number, counted from 0 in the order of the schedule."""

    planned: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    decided: dict[int, float] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    _decisions: Counter[str] = field(default_factory=Counter)

    def send(self, moments: Iterable[float], now: float) -> None:
        """Comments are on their way: when each was meant to be, and when it really was."""
        for moment in moments:
            self.planned.append(moment)
            self.sent.append(now)

    def acknowledge(self, numbers: Iterable[int]) -> None:
        """The broker has these."""
        self.acknowledged.update(numbers)

    def decide(self, number: int, decision_id: str, kind: str, now: float) -> None:
        """A decision was read. The first one counts; the same one again is a duplicate."""
        self._decisions[decision_id] += 1
        if number not in self.decided:
            self.decided[number] = now
            self.kinds[kind] += 1

    def bury(self, number: int) -> None:
        """A dead letter was read."""
        self.dead.add(number)

    def outstanding(self) -> int:
        """How many comments that the broker has came to no end yet."""
        return len(self.acknowledged - self.decided.keys() - self.dead)

    def report(self, rate: float, seconds: float, warm_up: float = 0.0) -> Report:
        """The end of the run. Comments planned in the first ``warm_up`` seconds count, but their latency does not."""
        measured = [number for number in self.decided if self.planned[number] >= warm_up]
        waits = sorted((self.decided[number] - self.planned[number]) * 1000 for number in measured)
        late = sorted((sent - meant) * 1000 for sent, meant in zip(self.sent, self.planned, strict=True))
        return Report(
            rate=rate,
            seconds=seconds,
            submitted=len(self.planned),
            acknowledged=len(self.acknowledged),
            unknown=len(self.planned) - len(self.acknowledged),
            decided=len(self.decided),
            dead_lettered=len(self.dead),
            lost=self.outstanding(),
            duplicated=self._decisions.total() - len(self._decisions),
            kinds=dict(sorted(self.kinds.items())),
            sent_per_second=_per_second(self.sent),
            decided_per_second=_per_second(self.decided.values()),
            sent_late_p99_ms=percentile(late, 99),
            p50_ms=percentile(waits, 50),
            p95_ms=percentile(waits, 95),
            p99_ms=percentile(waits, 99),
            max_ms=percentile(waits, 100),
        )


def _per_second(moments: Iterable[float]) -> float:
    """How many a second between the first and the last."""
    ordered = sorted(moments)
    spent = ordered[-1] - ordered[0] if ordered else 0.0
    return round((len(ordered) - 1) / spent, 1) if spent > 0 else 0.0


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Nearest rank: the smallest value that at least ``percent`` of the values do not exceed."""
    return round(rank(ordered, percent), 1) if ordered else None
