"""The scorer's batch: decode, score in a thread, encode. Built by ``scorer/app.py`` and by the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import time

from mahlan.core.campaign import Campaign
from mahlan.errors import InternalError, RecordError
from mahlan.events import topics
from mahlan.runtime.broker import Outgoing, Record
from mahlan.runtime.metrics import Metrics
from mahlan.scorer.record import SERVICE, Failure, Item, letter, opened, scored
from mahlan.scoring.model import Model, Scores


class Scorer:
    """Turns batches of normalised records into scored events. One thread scores; the event loop stays free."""

    def __init__(self, model: Model, campaigns: Mapping[str, Campaign], metrics: Metrics) -> None:
        self._model = model
        self._campaigns = campaigns
        self._metrics = metrics
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="score")

    async def transform(self, records: Sequence[Record]) -> list[Outgoing]:
        """One outgoing record for each: a scored event, or a dead letter."""
        self._metrics.events_in.labels(SERVICE, topics.NORMALISED.name).inc(len(records))
        decoded = [opened(record) for record in records]
        items = [one for one in decoded if isinstance(one, Item)]
        results = iter(await self._score(items))
        now = datetime.now(UTC)
        outgoing = [self._outgoing(one, next(results) if isinstance(one, Item) else None, now) for one in decoded]
        self._count(items, outgoing)
        return outgoing

    async def _score(self, items: Sequence[Item]) -> Sequence[Scores | RecordError]:
        if not items:
            return []
        comments = [item.comment for item in items]
        loop = asyncio.get_running_loop()
        with self._metrics.stage_seconds.labels(SERVICE, "score").time():
            try:
                return await loop.run_in_executor(self._thread, self._model.score, comments)
            except Exception:  # noqa: BLE001 (one comment must not stop the others)
                return [await loop.run_in_executor(self._thread, self._score_alone, item) for item in items]

    def _score_alone(self, item: Item) -> Scores | RecordError:
        """One at a time after a batch failed, so that one comment cannot cost its neighbours their scores."""
        try:
            return self._model.score([item.comment])[0]
        except Exception as error:  # noqa: BLE001 (it becomes a dead letter)
            return InternalError(f"{type(error).__name__} while scoring; this is a bug")

    def _outgoing(self, one: Item | Failure, result: Scores | RecordError | None, now: datetime) -> Outgoing:
        if isinstance(one, Failure):
            return self._dead(one, now)
        if result is None or isinstance(result, RecordError):
            return self._dead(Failure(one.record, result or InternalError("no score came back")), now)
        return scored(one, result.scores, result.verdict, model=self._model.name, campaigns=self._campaigns, now=now)

    def _dead(self, failure: Failure, now: datetime) -> Outgoing:
        self._metrics.events_dead.labels(SERVICE, failure.error.reason).inc()
        return letter(failure, now)

    def _count(self, items: Sequence[Item], outgoing: Sequence[Outgoing]) -> None:
        events = sum(one.topic == topics.SCORED.name for one in outgoing)
        self._metrics.events_out.labels(SERVICE, topics.SCORED.name).inc(events)
        observe = self._metrics.end_to_end_seconds.labels(SERVICE).observe
        now_ms = time() * 1000
        for item in items:
            observe(max(0.0, (now_ms - (item.envelope.received_ms or item.record.timestamp_ms)) / 1000))

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False)
