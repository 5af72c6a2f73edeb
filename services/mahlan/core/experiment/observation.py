"""What the experiment knows of one author in the end. Built by insights when an author's follow-up is over.

The author is the unit, because the author is what was randomised (``core.assignment.in_holdout``): they enter with
their first eligible decision of a campaign (kind ``nudge`` or ``holdout``) and are closed once, a fixed time later. So
each author is one observation, and observations do not depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from mahlan.events.fields import CampaignId, Count, Language

Measure = Literal["toxic_posted", "cancelled", "later_offences", "volume"]

MEASURES: tuple[Measure, ...] = ("toxic_posted", "cancelled", "later_offences", "volume")
"""What is measured of an author, the primary measure first."""

HOLDOUT = "holdout"
"""The arm of authors who are never asked."""

Arm = Annotated[str, Meta(min_length=1, max_length=64, description="'holdout', or the arm of the wording")]
YesNo = Annotated[int, Meta(ge=0, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One author of one campaign, closed. Counts are as they were seen; ``Totals`` bounds what one author can weigh."""

    campaign: CampaignId
    arm: Arm
    #: Of the entering comment, as the decision named it.
    language: Language
    #: Whether the entering comment, as it was posted in the end, still reached the campaign's band.
    toxic_posted: YesNo
    #: Whether the entering comment was never posted.
    cancelled: YesNo
    #: The author's other comments during the follow-up that reached the band.
    later_offences: Count
    #: All comments that the author posted during the follow-up.
    volume: Count
    #: Comments of the author seen before they entered; 0 where there were none.
    before: Annotated[float, Meta(ge=0.0)] = 0.0
