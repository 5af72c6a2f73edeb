"""What is fixed before the first look, so that looking cannot change it. Read by ``effects``; made from a campaign.

An interval is narrowest at the planned number of authors. And where several statements stand in one table, the chance
that any of them is wrong is held at ``alpha`` by dividing it among them beforehand (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass

from mahlan.core.campaign import Campaign
from mahlan.core.experiment.observation import Measure

PRIMARY: Measure = "toxic_posted"
"""The one measure that an experiment is about: whether what was posted in the end still hurts."""


ALPHA = 0.05
"""Chance, at most, of a wrong statement in one table, over all looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of one campaign's experiment."""

    #: Share of authors who are never asked.
    holdout: float
    #: Languages and arms of the campaign: each is looked at by itself too.
    languages: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    #: Authors of all arms together, at which the intervals are narrowest.
    authors: int
    alpha: float = ALPHA
    #: Days from an author's entry until they are counted.
    follow_up_days: float = 7.0

    def authors_of_language(self) -> float:
        """Planned authors of one language: all alike, since nobody knows better beforehand."""
        return self.authors / max(len(self.languages), 1)

    def share_of_arm(self) -> float:
        """Share of all authors that has one arm."""
        return (1 - self.holdout) / max(len(self.arms), 1)

    def authors_of_arm(self) -> float:
        """Planned authors of one arm and the holdout together."""
        return self.authors * (self.holdout + self.share_of_arm())

    def authors_of_two_arms(self) -> float:
        """Planned authors of two arms together, neither of them the holdout."""
        return self.authors * 2 * self.share_of_arm()


def plan_of(campaign: Campaign) -> Plan:
    """The plan that a campaign file makes: its holdout, languages and arms, and what ``[experiment]`` says."""
    arms: dict[str, None] = dict.fromkeys(words.arm for words in campaign.wording)
    if any(not creator.placeholder for creator in campaign.creators):
        arms["creator"] = None  # takes the plain words where it has none of its own
    return Plan(
        holdout=campaign.holdout.share,
        languages=campaign.languages,
        arms=tuple(arms),
        authors=campaign.experiment.planned_authors,
        follow_up_days=float(campaign.experiment.follow_up_days),
    )
