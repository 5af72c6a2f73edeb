"""Watches a Faust app while it runs: lag metrics, the heartbeat of ``/livez``, a crash that ends the process.

Used by the services that run on Faust.
"""

from __future__ import annotations

import asyncio
from time import monotonic, time

import faust
from faust.types import TP

from mahlan.errors import BrokerError
from mahlan.runtime.service import Runtime
from mahlan.streams.message import Places

INTERVAL = 1.0
#: Seconds after which the last look tells nothing any more.
_STALE = 10 * INTERVAL
#: Seconds with records waiting and none done, after which the process is no longer live. Faust can stop fetching
#: after a rebalance without saying so (faust-streaming/faust#629): only a restart helps then.
PATIENCE = 60.0


class Watch:
    """Looks once a second; ``until_stopped`` returns at SIGTERM and raises when Faust or the work beside it died.

    ``places`` is kept by the service: how far each partition is done.
    """

    def __init__(self, app: faust.App, places: Places, runtime: Runtime) -> None:
        self._app = app
        self._places = places
        self._runtime = runtime
        self._progress = (-1, monotonic())
        self._lags: dict[tuple[str, int], int] = {}
        self._looked_at: float | None = None

    def age(self, partition: int) -> float | None:
        """Seconds since all that there was of a partition was done, in all topics: 0 when nothing waits.

        None while nobody can tell: it was not looked yet, or the broker is away.
        """
        if self._looked_at is None or monotonic() - self._looked_at > _STALE:
            return None
        waiting = [place for place, lag in self._lags.items() if lag and place[1] == partition]
        return max([0.0, *(time() - self._places[place].timestamp_ms / 1000 for place in waiting)])

    async def until_stopped(self, working: asyncio.Task[None]) -> None:
        """Until ``stop``. Raises ``BrokerError`` when Faust crashed: the process ends and is started again."""
        crashed = asyncio.ensure_future(self._app.wait_until_stopped())
        stopped = asyncio.ensure_future(self._runtime.stop.wait())
        watched = {crashed, stopped, working}
        try:
            while not stopped.done():
                await self._look()
                await asyncio.wait(watched, timeout=INTERVAL, return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    working.result()
                if crashed.done() or working.done() or self._app.crashed:
                    raise BrokerError("the Faust app stopped by itself")
        finally:
            crashed.cancel()
            stopped.cancel()

    async def _look(self) -> None:
        """Report how far behind this worker is, and beat unless it stands still with records waiting."""
        done = sum(place.next_offset for place in self._places.values())
        if await self._report() == 0 or done != self._progress[0]:
            self._progress = (done, monotonic())
        if monotonic() - self._progress[1] < PATIENCE:
            self._runtime.health.beat()

    async def _report(self) -> int:
        """Set the lag metrics; returns records waiting in all partitions."""
        metrics, service, now = self._runtime.metrics, self._runtime.service, time()
        waiting, oldest = 0, 0.0
        ends = await self._ends()
        self._lags = {}
        if ends:
            self._looked_at = monotonic()
        for tp, end in ends.items():
            place = self._places.get((tp.topic, tp.partition))
            lag = max(0, end - place.next_offset) if place else 0
            self._lags[tp.topic, tp.partition] = lag
            metrics.lag_records.labels(service, tp.topic, str(tp.partition)).set(lag)
            waiting += lag
            oldest = max(oldest, now - place.timestamp_ms / 1000) if place and lag else oldest
        metrics.lag_seconds.labels(service).set(oldest)
        return waiting

    async def _ends(self) -> dict[TP, int]:
        """The end of each assigned partition; empty while the broker cannot be asked."""
        consumer = self._app.consumer
        assigned = list(consumer.assignment())
        if not assigned:
            return {}
        try:
            async with asyncio.timeout(INTERVAL):
                return dict(await consumer.highwaters(*assigned))
        except Exception:  # noqa: BLE001
            # Any failure of the client means the same here: not known now, asked again in a second.
            return {}
