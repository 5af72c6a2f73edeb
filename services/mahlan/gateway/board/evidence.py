"""What the insights service concludes: comparisons with the holdout, the budget of false nudges. Of ``numbers.py``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mahlan.events.fields import Language, Moment

Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class Group(Struct, frozen=True, kw_only=True):
    """Authors of one side of a comparison, and the mean of the measure among them."""

    authors: Count | None = None
    mean: float | None = None


class Effect(Struct, frozen=True, kw_only=True):
    """One comparison: ``difference`` is treated minus control, ``low`` to ``high`` its confidence interval.

    The interval is valid however often it is looked at. ``language`` null: all together.
    """

    measure: Literal["toxic_posted", "cancelled", "later_offences", "volume"]
    language: Language | None = None
    arm: Name = "all"
    against: Name = "holdout"
    treated: Group = Group()
    control: Group = Group()
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    level: Annotated[Share | None, Meta(description="of the interval: 0.95, or more where many are compared")] = None
    role: Literal["primary", "secondary", "exploratory"] | None = None
    adjusted: bool | None = None
    state: Literal["not_enough", "undecided", "lower", "higher"]
    authors_needed: Annotated[Count | None, Meta(description="of both sides, until something can be said")] = None
    days_needed: Annotated[float, Meta(ge=0)] | None = None


class SampleRatio(Struct, frozen=True, kw_only=True):
    """Whether as many authors are held out as the campaign says; otherwise no comparison can be trusted."""

    treated: Count | None = None
    holdout: Count | None = None
    expected_share: Share | None = None
    e_value: Annotated[float, Meta(ge=0)] | None = None
    alarm: bool | None = None


class BudgetLine(Struct, frozen=True, kw_only=True):
    """The budget of false nudges in one language. ``burn`` 1: what is allowed is spent exactly."""

    language: Language
    shown: Count | None = None
    disputed: Count | None = None
    rate: Share | None = None
    allowed: Share | None = None
    burn_hour: Annotated[float, Meta(ge=0)] | None = None
    burn_day: Annotated[float, Meta(ge=0)] | None = None
    brake: Literal["released", "raised", "paused"] = "released"
    since: Moment | None = None
    code: Annotated[str, Meta(min_length=1, max_length=64, description="why the brake is set")] | None = None
