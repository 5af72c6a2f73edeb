"""The answer to ``GET /insights/{campaign}``: every partition's share, put together and turned into figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from mahlan.core.budget import Buckets
from mahlan.core.campaign import Campaign
from mahlan.core.insights.evidence import budget_buckets, effect_rows, ratio_row
from mahlan.core.insights.figures import Sums, challenge_figures, nudge_figures, shown_days
from mahlan.core.insights.terms import Patience, Terms, terms_of
from mahlan.insights.brake import Counters
from mahlan.insights.budget import budget_rows
from mahlan.insights.shares import Share, campaigns_of, newest, share_of, sum_up
from mahlan.insights.sketches import Estimate, estimate
from mahlan.insights.state import PartitionState
from mahlan.runtime.brakes import Brakes

#: Seconds that an answer is used again: a board that many watch asks once.
FRESH = 1.0


class Others(Protocol):
    """The other workers, as ``Peers`` asks them."""

    async def shares(self, campaign: str) -> list[Share]: ...
    async def campaigns(self) -> set[str]: ...


@dataclass(slots=True)
class View:
    """Answers for all partitions; ``campaigns`` may be replaced meanwhile.

    ``age`` tells of an own partition how many seconds ago it was up to date.
    """

    states: Mapping[int, PartitionState]
    partitions: int
    campaigns: Mapping[str, Campaign]
    peers: Others
    brakes: Brakes
    age: Callable[[int], float | None]
    clock: Callable[[], float]
    patience: Patience = field(default_factory=Patience)
    _answers: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def own_shares(self, campaign: str) -> list[Share]:
        """What this worker's partitions know of a campaign."""
        return [share_of(state, campaign, self.age(state.number)) for state in list(self.states.values())]

    def own_campaigns(self) -> set[str]:
        """The campaigns with a file, and those that this worker's partitions have counted."""
        return set(self.campaigns) | campaigns_of(list(self.states.values()))

    async def list_campaigns(self) -> list[str]:
        """All campaigns that anybody knows."""
        return sorted(self.own_campaigns() | await self.peers.campaigns())

    async def answer(self, campaign: str) -> dict[str, Any] | None:
        """The figures of a campaign; None for one that nobody knows."""
        async with self._asking:
            made_at, answer = self._answers.get(campaign, (0.0, {}))
            if not 0 <= self.clock() - made_at < FRESH:
                made = await self._made(campaign)
                if made is None:
                    return None
                self._answers[campaign] = (self.clock(), made)
                answer = made
        return answer

    async def counters(self) -> Counters:
        """What was shown and disputed of each campaign with a file, by language, in all partitions that answer."""
        found: dict[tuple[str, str], Buckets] = {}
        for campaign in list(self.campaigns):
            buckets = budget_buckets(sum_up((await self._shares(campaign)).values()))
            found.update({(campaign, language): counts for language, counts in buckets.items()})
        return found

    async def _shares(self, campaign: str) -> dict[int, Share]:
        others = await self.peers.shares(campaign)
        return newest([*others, *self.own_shares(campaign)])

    async def _made(self, campaign: str) -> dict[str, Any] | None:
        shares = await self._shares(campaign)
        sums, told = sum_up(shares.values()), self.campaigns.get(campaign)
        if told is None and not sums.windows:
            return None
        now = datetime.fromtimestamp(self.clock(), UTC)
        terms = terms_of(told) if told else Terms(id=campaign)
        days = shown_days(sums, terms, now)
        return {
            "campaign": campaign,
            "as_of": now.isoformat().replace("+00:00", "Z"),
            "data_age_seconds": _oldest([share.age for share in shares.values()]),
            "complete": len(shares) == self.partitions,
            "partitions": {"answered": len(shares), "all": self.partitions},
            "first_day": days[0] if days else None,
            "last_day": days[-1] if days else None,
            "challenge": challenge_figures(sums, terms, now, _count),
            "nudges": nudge_figures(sums, terms, now),
            **self._evidence(sums, told, terms, now),
        }

    def _evidence(self, sums: Sums, campaign: Campaign | None, terms: Terms, now: datetime) -> dict[str, Any]:
        """The experiment and the budget; nothing is known of them without the campaign's file."""
        if campaign is None:
            return {"effect": [], "sample_ratio": None, "budget": []}
        return {
            "effect": effect_rows(sums, campaign, terms, now, self.patience),
            "sample_ratio": ratio_row(sums, campaign),
            "budget": budget_rows(campaign, budget_buckets(sums), now, self.brakes.of_campaign(campaign.id)),
        }


def _count(parts: Sequence[bytes]) -> Estimate:
    return estimate(parts)


def _oldest(ages: Sequence[float | None]) -> float | None:
    known = [age for age in ages if age is not None]
    return round(max(known), 3) if ages and len(known) == len(ages) else None
