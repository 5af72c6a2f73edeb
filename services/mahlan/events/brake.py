"""A campaign's brake in one language: set when too many nudges are disputed, released by a person.

Written by the insights service and by ``mahlan campaigns release`` and ``pause``; followed by whoever decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from mahlan.events.fields import CampaignId, Count, Language, Moment

#: ``raised``: the language's band is one higher. ``paused``: nobody is asked.
BrakeLevel = Literal["released", "raised", "paused"]
#: From the loosest to the tightest. Where no brake was ever set, it is released.
LEVELS: tuple[BrakeLevel, ...] = ("released", "raised", "paused")
RELEASED: BrakeLevel = "released"
#: Why: which window burnt too fast, or that a person decided. What a board words in the reader's language.
BrakeCode = Literal["burning_1h", "burning_6h", "burning_3d", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeSet:
    """The brake of one campaign in one language, from now on. Compacted by ``campaign/language``; the last one holds.

    Where the insights service set it, ``shown`` to ``allowed`` are what it saw in the window that ``code`` names; where
    a person did, they are not there.
    """

    campaign: CampaignId
    language: Language
    level: BrakeLevel
    code: BrakeCode
    reason: Annotated[str, Meta(min_length=1, max_length=300, description="in English, for logs and the CLI")]
    set_at: Moment
    set_by: Literal["insights", "person"]
    shown: Count | None = None
    disputed: Count | None = None
    rate: Annotated[float, Meta(ge=0.0, le=1.0, description="disputed of shown")] | None = None
    allowed: Annotated[float, Meta(ge=0.0, le=1.0, description="the campaign's share of disputes")] | None = None
