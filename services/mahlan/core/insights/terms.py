"""What the folds need to know of a campaign, and how long they wait. Made once from campaigns and settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from mahlan.core.campaign import BANDS, Campaign, NudgeBand
from mahlan.core.entities import fold_hashtag
from mahlan.events.comment import Band

#: Languages that a comment may be found to be in, whatever a campaign speaks.
EVERYWHERE = frozenset({"mixed", "und"})
#: Every other language: a counter must not grow with what people send.
OTHER = "other"

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One campaign.

    ``tags`` are its hashtags and their variants as they are folded, each with the folded hashtag that it counts for;
    ``spelled`` are those with their spelling in the file.
    """

    id: str
    zone: str = "UTC"
    languages: frozenset[str] = EVERYWHERE
    tags: Mapping[str, str] = field(default_factory=dict)
    spelled: Mapping[str, str] = field(default_factory=dict)
    band: NudgeBand = "medium"
    bands: Mapping[str, NudgeBand] = field(default_factory=dict)
    follow_up_ms: int = 7 * DAY_MS

    def language(self, found: str) -> str:
        """The language a counter is named by."""
        return found if found in self.languages else OTHER

    def reaches(self, band: Band, language: str) -> bool:
        """Whether the campaign asks from this band on, in this language; whatever a brake made of it since."""
        return BANDS.index(band) >= BANDS.index(self.bands.get(language, self.band))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited, in milliseconds: for an outcome, and until an author is forgotten."""

    outcome_ms: int = DAY_MS
    forget_ms: int = 180 * DAY_MS


def terms_of(campaign: Campaign) -> Terms:
    """The terms of a campaign."""
    spelled: dict[str, str] = {}
    for spelling in (*campaign.hashtags.current, *campaign.hashtags.earlier):
        spelled.setdefault(fold_hashtag(spelling), spelling)
    variants = campaign.hashtags.variants.items()
    tags = {fold_hashtag(other): fold_hashtag(name) for name, others in variants for other in others}
    return Terms(
        id=campaign.id,
        zone=campaign.timezone,
        languages=EVERYWHERE | frozenset(campaign.languages),
        tags=tags | {name: name for name in spelled},
        spelled=spelled,
        band=campaign.nudge.band,
        bands=campaign.nudge.band_by_language,
        follow_up_ms=campaign.experiment.follow_up_days * DAY_MS,
    )


def all_terms(campaigns: Iterable[Campaign]) -> dict[str, Terms]:
    """By campaign id."""
    return {campaign.id: terms_of(campaign) for campaign in campaigns}


def patience_of(outcome: timedelta, forget: timedelta) -> Patience:
    """From settings."""
    return Patience(outcome_ms=int(outcome.total_seconds() * 1000), forget_ms=int(forget.total_seconds() * 1000))
