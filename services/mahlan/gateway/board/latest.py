"""The numbers as they were last heard of, kept for seconds, and for as long as no others come. Asked by the routes.

However many look at a board, the insights service is asked once in ``EVERY`` seconds for a campaign. Where it does not
answer, what it said last is shown on, with its age.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from mahlan.errors import InsightsError
from mahlan.gateway import SERVICE
from mahlan.gateway.board.numbers import Numbers
from mahlan.gateway.board.source import Source
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics

EVERY = 3.0
"""Seconds until the service is asked again, after an answer and after none."""

Insights = Literal["here", "away", "waiting", "unset"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was last heard of a campaign. ``reason``: why nothing came the last time; None where something did."""

    insights: Insights
    asked_at: datetime | None = None
    reason: str | None = None
    numbers: Numbers | None = None
    heard_at: datetime | None = None

    def age(self, now: datetime) -> float | None:
        """Seconds that the data behind the numbers is old, told by the service and counted on since."""
        if self.numbers is None or self.heard_at is None:
            return None
        told = self.numbers.data_age_seconds
        if told is None:
            told = (self.heard_at - self.numbers.as_of).total_seconds()
        return max(0.0, told) + max(0.0, (now - self.heard_at).total_seconds())


@dataclass(slots=True)
class Latest:
    """By campaign. Without a ``source`` there are no numbers. Only ids of known campaigns may be asked for."""

    source: Source | None
    metrics: Metrics
    clock: Callable[[], datetime]
    _heard: dict[str, Heard] = field(default_factory=dict)
    _asking: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def known(self, campaign: str) -> Heard:
        """What is known at once. If that is too old, the service is asked for whoever comes next."""
        self._refresh(campaign)
        return self._last(campaign)

    async def fresh(self, campaign: str) -> Heard:
        """What is known, once the service has been asked in the last ``EVERY`` seconds, or did not answer."""
        if task := self._refresh(campaign):
            await asyncio.shield(task)  # others wait for it too
        return self._last(campaign)

    async def close(self) -> None:
        """Ask no more."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
        if self.source is not None:
            await self.source.close()

    def _last(self, campaign: str) -> Heard:
        return self._heard.get(campaign, Heard("unset" if self.source is None else "waiting"))

    def _refresh(self, campaign: str) -> asyncio.Task[None] | None:
        """The question under way, where one is or is due."""
        if self.source is None:
            return None
        asked_at = self._last(campaign).asked_at
        is_due = asked_at is None or abs((self.clock() - asked_at).total_seconds()) >= EVERY
        if campaign not in self._asking and is_due:
            task = asyncio.create_task(self._ask(self.source, campaign))
            self._asking[campaign] = task
            task.add_done_callback(lambda _: self._asking.pop(campaign, None))
        return self._asking.get(campaign)

    async def _ask(self, source: Source, campaign: str) -> None:
        before = self._last(campaign)
        try:
            numbers = await source.fetch(campaign)
        except InsightsError as error:
            self.metrics.gateway_insights.labels(SERVICE, error.reason).inc()
            if before.insights != "away":
                logger().warning("insights_away", campaign=campaign, error=str(error))
            self._heard[campaign] = replace(before, insights="away", asked_at=self.clock(), reason=error.reason)
        else:
            self.metrics.gateway_insights.labels(SERVICE, "ok").inc()
            if before.insights == "away":
                logger().info("insights_back", campaign=campaign)
            now = self.clock()
            self._heard[campaign] = Heard("here", asked_at=now, numbers=numbers, heard_at=now)
