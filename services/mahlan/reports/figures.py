"""The figures of a campaign as insights serves them (GET /insights/{campaign}), as far as a report needs them.

Read strictly by field, so that a wrong number is an error and no wrong report; fields that are not listed are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from mahlan.core.experiment.effects import Effect
from mahlan.core.experiment.observation import Measure
from mahlan.core.experiment.ratio import SampleRatio

Whole = int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What became of questions. None where nobody counted."""

    shown: Whole = None
    revised: Whole = None
    cancelled: Whole = None
    sent_unchanged: Whole = None
    disputed: Whole = None
    open: Whole = None
    unknown: Whole = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """How revisions compare with what they replace."""

    less: Whole = None
    same: Whole = None
    more: Whole = None
    trick: Whole = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudges:
    """Counts of questions."""

    outcomes: Outcomes = field(default_factory=Outcomes)
    revisions: Revisions = field(default_factory=Revisions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How often people said that the question was a mistake, in one language."""

    language: str
    shown: Whole = None
    disputed: Whole = None
    rate: float | None = None
    allowed: float | None = None
    brake: Literal["released", "raised", "paused"] = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of one campaign."""

    campaign: str
    as_of: datetime
    effect: tuple[Effect, ...]
    sample_ratio: SampleRatio | None = None
    data_age_seconds: float | None = None
    complete: bool = True
    nudges: Nudges = field(default_factory=Nudges)
    budget: tuple[Budget, ...] = ()

    def primary(self) -> Effect | None:
        """The row that the experiment is about."""
        return next((row for row in self.effect if row.role == "primary"), None)

    def secondary(self, measure: Measure) -> Effect | None:
        """The secondary row of a measure."""
        return next((row for row in self.effect if row.role == "secondary" and row.measure == measure), None)


class FiguresError(ValueError):
    """What was read is not the JSON of insights; the message names the field."""


def read_figures(raw: bytes) -> Figures:
    """The figures in ``raw``. Raises ``FiguresError``."""
    try:
        return msgspec.json.decode(raw, type=Figures)
    except msgspec.ValidationError as error:
        raise FiguresError(f"not the figures of a campaign: {error}") from None
    except msgspec.DecodeError as error:
        raise FiguresError(f"not JSON: {error}") from None
