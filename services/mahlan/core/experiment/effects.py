"""What asking changed, so far: one row for each question, or "not enough yet" and how long until. Called by insights.

In each family of rows (see ``questions``) the chance of any wrong statement, at any look, is at most the plan's alpha.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from mahlan.core.experiment.adjust import ADJUSTED
from mahlan.core.experiment.comparison import Pair, compare_strata, mean, merge_strata
from mahlan.core.experiment.observation import Measure
from mahlan.core.experiment.plan import Plan
from mahlan.core.experiment.questions import Groups, Question, Role, questions
from mahlan.core.experiment.sequences import Interval, interval
from mahlan.core.experiment.start import authors_until_start, has_started

State = Literal["not_enough", "undecided", "lower", "higher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many authors are closed a day, and in how many days the first will be; None where nobody knows."""

    authors_per_day: float | None = None
    days_until_first: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two arms. ``mean`` is None while there is not enough, so that nobody reads an effect off it."""

    authors: int
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The answer to one question. ``difference``, ``low`` and ``high`` are None while there is not enough."""

    measure: Measure
    language: str | None
    arm: str
    against: str
    role: Role
    #: Of the interval, such as 0.95; more in a larger family.
    level: float
    treated: Side
    control: Side
    #: Treated less control; with what ``before`` explains taken off where ``adjusted``.
    difference: float | None
    low: float | None
    high: float | None
    adjusted: bool
    state: State
    #: Authors of both arms at which something can be said (``not_enough``) or the plan is reached (``undecided``).
    authors_needed: int | None
    #: Days until then at this pace.
    days_needed: float | None


def effects(groups: Groups, plan: Plan, pace: Pace | None = None) -> list[Effect]:
    """Every row, the primary one first. ``groups`` are one campaign's closed authors by language and arm."""
    everybody = sum(totals.n for totals in groups.values())
    return [_answer(question, pace or Pace(), everybody=everybody, plan=plan) for question in questions(groups, plan)]


def _answer(question: Question, pace: Pace, *, everybody: int, plan: Plan) -> Effect:
    pair = merge_strata(question.strata)
    enough = has_started(pair, question.measure)
    adjusted = question.measure in ADJUSTED
    difference, within = _estimate(question, adjusted=adjusted) if enough else (None, None)
    state = _state(within)
    needed = _needed(question, pair, state)
    there = pair.treated.n + pair.control.n
    share = there / everybody if everybody else question.planned / plan.authors
    return Effect(
        measure=question.measure,
        language=question.language,
        arm=question.arm,
        against=question.against,
        role=question.role,
        level=1 - question.alpha,
        treated=Side(authors=pair.treated.n, mean=mean(pair.treated, question.measure) if enough else None),
        control=Side(authors=pair.control.n, mean=mean(pair.control, question.measure) if enough else None),
        difference=difference,
        low=within.low if within else None,
        high=within.high if within else None,
        adjusted=adjusted,
        state=state,
        authors_needed=needed,
        days_needed=_days(needed, there, share, pace),
    )


def _estimate(question: Question, *, adjusted: bool) -> tuple[float, Interval]:
    estimate = compare_strata(question.strata, question.measure, adjusted=adjusted)
    return estimate.difference, interval(estimate, question.planned, question.alpha)


def _state(within: Interval | None) -> State:
    if within is None:
        return "not_enough"
    if within.high < 0:
        return "lower"
    return "higher" if within.low > 0 else "undecided"


def _needed(question: Question, pair: Pair, state: State) -> int | None:
    """Authors of both arms to wait for; None where there is nothing to wait for, or nobody can tell."""
    if state == "not_enough":
        return authors_until_start(pair, question.measure, question.smaller)
    planned = math.ceil(question.planned)
    return planned if state == "undecided" and pair.treated.n + pair.control.n < planned else None


def _days(needed: int | None, there: int, share: float, pace: Pace) -> float | None:
    """Days until then, where this row's authors are such a ``share`` of all who come; None while none of them has."""
    if needed is None or not pace.authors_per_day or not share:
        return None
    return pace.days_until_first + (needed - there) / (pace.authors_per_day * share)
