"""Sums over authors: all that the statistics need, and nothing of any author. Kept by insights, read by ``effects``.

Totals are additive: those of two partitions, or of two languages, are the sum of both. They hold sums of whole numbers,
which floats add exactly (below 2**53), so the order of adding does not matter and a recount gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import msgspec

from mahlan.core.experiment.observation import Measure, Observation

MOST = 50
"""No author counts for more than this in any measure (winsorising): one flood must not decide an experiment.

The estimand is then the mean of min(value, 50); for ``toxic_posted`` and ``cancelled`` nothing changes.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """One measure over ``n`` authors."""

    #: Sum of the values.
    total: float = 0.0
    #: Sum of their squares.
    squares: float = 0.0
    #: Sum of value times ``before``.
    with_before: float = 0.0
    #: Authors whose value is not 0.
    positive: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sufficient statistics of the authors of one campaign, language and arm. An empty one is the zero of ``merge``."""

    n: int = 0
    toxic_posted: Sums = field(default_factory=Sums)
    cancelled: Sums = field(default_factory=Sums)
    later_offences: Sums = field(default_factory=Sums)
    volume: Sums = field(default_factory=Sums)
    #: Sum of ``before``, and of its squares.
    before: float = 0.0
    before_squares: float = 0.0

    def of(self, measure: Measure) -> Sums:
        """The sums of one measure."""
        sums: Sums = getattr(self, measure)
        return sums


def add(totals: Totals, observation: Observation) -> Totals:
    """``totals`` with one author more. Values over ``MOST`` count as ``MOST``."""
    return merge(totals, _of_one(observation))


def merge(one: Totals, other: Totals) -> Totals:
    """The totals of the authors of both."""
    return Totals(
        n=one.n + other.n,
        toxic_posted=_both(one.toxic_posted, other.toxic_posted),
        cancelled=_both(one.cancelled, other.cancelled),
        later_offences=_both(one.later_offences, other.later_offences),
        volume=_both(one.volume, other.volume),
        before=one.before + other.before,
        before_squares=one.before_squares + other.before_squares,
    )


def merge_all(parts: Iterable[Totals]) -> Totals:
    """The totals of the authors of all; empty where there are none."""
    return reduce(merge, parts, Totals())


def total(observations: Iterable[Observation]) -> Totals:
    """The totals of these authors."""
    return reduce(add, observations, Totals())


def to_plain(totals: Totals) -> dict[str, Any]:
    """As dicts and numbers, for JSON."""
    plain: dict[str, Any] = msgspec.to_builtins(totals)
    return plain


def from_plain(plain: Any) -> Totals:
    """What ``to_plain`` wrote. Raises msgspec.ValidationError, which names the field, where it is not that."""
    return msgspec.convert(plain, Totals, strict=True)


def _of_one(observation: Observation) -> Totals:
    before = min(observation.before, float(MOST))
    return Totals(
        n=1,
        toxic_posted=_sums(observation.toxic_posted, before),
        cancelled=_sums(observation.cancelled, before),
        later_offences=_sums(observation.later_offences, before),
        volume=_sums(observation.volume, before),
        before=before,
        before_squares=before * before,
    )


def _sums(counted: int, before: float) -> Sums:
    value = float(min(counted, MOST))
    return Sums(total=value, squares=value * value, with_before=value * before, positive=int(counted > 0))


def _both(one: Sums, other: Sums) -> Sums:
    return Sums(
        total=one.total + other.total,
        squares=one.squares + other.squares,
        with_before=one.with_before + other.with_before,
        positive=one.positive + other.positive,
    )
