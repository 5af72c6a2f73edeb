"""Sets the brakes: judges what all workers together have counted, and writes what changes to ``campaigns.brakes.v1``.

One worker does it, the owner of partition 0, for the whole campaign: the counters are by partition, so it asks its
peers for theirs. A view from which some are missing is judged as it is. Authors are on partitions by a hash, so it is a
fair sample of them; it can delay a brake, but makes no false one likelier.

Two workers that both believe to be that owner, or one that was frozen, do no harm: each reads the topic again right
before it writes, a brake goes by the nudges shown since the last one only, and the producer's guard is asked when the
bytes are about to leave. What a person wrote in the moment between reading and writing may be overtaken, and is then
seen in ``mahlan campaigns brakes``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mahlan.core.brake import next_brake
from mahlan.core.budget import Buckets
from mahlan.core.campaign import Campaign
from mahlan.errors import RetryError
from mahlan.events.brake import BrakeSet
from mahlan.insights import SERVICE
from mahlan.runtime.brakes import Brakes, Key, brake_record, read_brakes
from mahlan.runtime.broker import Broker, Producer
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics

#: The ``ce_source`` of what it writes.
SOURCE = "mahlan/insights"
#: Seconds between two reviews: nothing shown is judged by finer steps than minutes.
EVERY = 30.0

Counters = Mapping[Key, Buckets]
"""By campaign and language, of all partitions whose workers answered."""


@dataclass(frozen=True, slots=True)
class BrakeSetter:
    """``brakes`` are followed beside it; ``campaigns`` are those of now, by id.

    ``producer`` has a guard that says whether this worker is still the one to write.
    """

    broker: Broker
    producer: Producer
    brakes: Brakes
    campaigns: Callable[[], Mapping[str, Campaign]]
    metrics: Metrics
    clock: Callable[[], datetime]

    async def review(self, counters: Counters) -> list[BrakeSet]:
        """Tighten what burns; the brakes that were set, mostly none.

        Asked again with the same counters it sets nothing more, also after a failure that left open what was written.
        Raises ``BrokerError``.
        """
        for campaign in self.campaigns().values():
            self.metrics.dispute_budget.labels(SERVICE, campaign.id).set(campaign.budget.disputes)
        now = self.clock()
        if not self._due(counters, self.brakes.of, now):
            return []
        known = await read_brakes(self.broker)
        due = self._due(counters, lambda campaign, language: known.get((campaign, language)), now)
        if due:
            await self.producer.send([brake_record(brake, SOURCE) for brake in due])
        for brake in due:
            self.brakes.apply(brake)
        return due

    def _due(
        self, counters: Counters, brake_of: Callable[[str, str], BrakeSet | None], now: datetime
    ) -> list[BrakeSet]:
        campaigns = self.campaigns()
        found = [
            next_brake(campaigns[campaign], language, brake_of(campaign, language), buckets, now)
            for (campaign, language), buckets in sorted(counters.items())
            if campaign in campaigns
        ]
        return [brake for brake in found if brake is not None]


async def keep_brakes(
    setter: BrakeSetter, view: Callable[[], Awaitable[Counters]], is_ours: Callable[[], bool], every: float = EVERY
) -> None:
    """Until cancelled: each ``every`` seconds, while it ``is_ours`` to do, review what all workers have counted."""
    while True:
        await asyncio.sleep(every)
        try:
            if is_ours():
                await setter.review(await view())
        except RetryError as error:
            # The next review reads what became of it.
            setter.metrics.retries.labels(SERVICE, type(error).__name__).inc()
            logger().warning("retry", error_type=type(error).__name__)
