"""The scorer's batch: decode, score in a thread, encode. Built by ``scorer/app.py`` and by the tests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from mahlan.core.campaign import Campaign, least_band
from mahlan.errors import RecordError
from mahlan.events import topics
from mahlan.events.comment import CommentNormalised
from mahlan.runtime.broker import Outgoing, Record
from mahlan.runtime.metrics import Metrics
from mahlan.scorer.counting import count_events
from mahlan.scorer.drift import Drift
from mahlan.scorer.record import SERVICE, Failure, Item, letter, opened, scored
from mahlan.scorer.shadows import Shadows
from mahlan.scoring.cascade import Served
from mahlan.scoring.counting import count_seconds, count_stages, count_verdicts, show_models
from mahlan.scoring.deciding import Result, decide_scores
from mahlan.scoring.lineup import Lineup, alone

RECENT = 128
"""Comments kept in memory, to try a new model on."""


class Scorer:
    """Turns batches of normalised records into scored events. One thread scores; the event loop stays free."""

    def __init__(
        self,
        serving: Lineup | Served,
        campaigns: Mapping[str, Campaign],
        metrics: Metrics,
        *,
        shadow_share: float = 1.0,
    ) -> None:
        self._metrics = metrics
        self.use(campaigns)
        self._drift = Drift(metrics)
        self._shadows = Shadows(metrics, self._drift, shadow_share)
        self._recent: deque[CommentNormalised] = deque(maxlen=RECENT)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="score")
        self.lineup = serving if isinstance(serving, Lineup) else alone(serving)
        self.serve(self.lineup)

    def use(self, campaigns: Mapping[str, Campaign]) -> None:
        """From the next batch on these campaigns' hashtags, and spans from the lowest band at which one asks."""
        self._campaigns = campaigns
        self._asked = least_band(campaigns.values())

    def serve(self, lineup: Lineup) -> None:
        """From the next batch on these models; a batch on its way is finished by those it began with."""
        show_models(self._metrics, SERVICE, self.lineup, lineup)
        self.lineup = lineup
        self._shadows.follow(lineup)
        self._drift.follow(model for _, model in lineup.roles())

    def recent(self) -> list[CommentNormalised]:
        """Comments that came in lately."""
        return list(self._recent)

    async def transform(self, records: Sequence[Record]) -> list[Outgoing]:
        """One outgoing record for each: a scored event, or a dead letter."""
        self._metrics.events_in.labels(SERVICE, topics.NORMALISED.name).inc(len(records))
        decoded = [opened(record) for record in records]
        items = [one for one in decoded if isinstance(one, Item)]
        found = await self._score([item.comment for item in items])
        results = iter(found)
        now = datetime.now(UTC)
        outgoing = [
            self._dead(one, now) if isinstance(one, Failure) else self._outgoing(one, next(results), now)
            for one in decoded
        ]
        count_events(self._metrics, items, outgoing)
        return outgoing

    async def _score(self, comments: Sequence[CommentNormalised]) -> Sequence[Result]:
        if not comments:
            return []
        lineup = self.lineup
        with self._metrics.stage_seconds.labels(SERVICE, "score").time():
            loop = asyncio.get_running_loop()
            took = partial(count_seconds, self._metrics, SERVICE)
            results = await loop.run_in_executor(self._thread, decide_scores, lineup, comments, self._asked, took)
        self._recent.extend(comments[-RECENT:])
        self._shadows.offer(comments, results)
        count_verdicts(self._metrics, SERVICE, comments, results)
        count_stages(self._metrics, SERVICE, lineup, comments, results)
        self._drift.see_decided(lineup.champion, comments, results)
        return results

    def _outgoing(self, item: Item, result: Result, now: datetime) -> Outgoing:
        if isinstance(result.outcome, RecordError):
            return self._dead(Failure(item.record, result.outcome), now)
        return scored(item, result.outcome, model=result.decider, campaigns=self._campaigns, now=now)

    def _dead(self, failure: Failure, now: datetime) -> Outgoing:
        self._metrics.events_dead.labels(SERVICE, failure.error.reason).inc()
        return letter(failure, now)

    def close(self) -> None:
        """Let the threads end."""
        self._shadows.close()
        self._thread.shutdown(wait=False)
