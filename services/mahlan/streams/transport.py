"""Faust's consumer without four tasks per record. Given to every app by ``streams/app.py``.

Faust 0.15.3 hands each record to its streams through ``Service.wait_first``, which makes four asyncio tasks and
cancels three of them: 55 to 80 µs a record, more than all of mahlan's own work (`make bench` prints the
difference). Where the flow is open there is nothing to wait for, so the record is handed over directly. Everything
else, gaps, commits, rebalances, stays Faust's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, cast

from faust.transport.drivers import aiokafka
from faust.types import TP
from mode.services import WaitResults

#: The drain does not look at what its wait returns.
DONE = WaitResults([], [], stopped=False)


Positions = Callable[[], Mapping[TP, int]]


class Consumer(aiokafka.Consumer):
    """The aiokafka driver's consumer with a shorter way for a record while the flow is open.

    A service that keeps state knows better than the group how far it is: commits come after the state, and may be lost.
    """

    async def wait_first(self, *coros: Any, timeout: Any = None) -> WaitResults:  # noqa: ASYNC109 (Faust's own)
        """As ``Service.wait_first``; two coroutines without a timeout are a record and "has the flow stopped?"."""
        if len(coros) != 2 or timeout is not None or self.suspend_flow.is_set():
            return await super().wait_first(*coros, timeout=timeout)
        record, flow_stopped = coros
        if not (inspect.iscoroutine(record) and inspect.iscoroutine(flow_stopped)):
            return await super().wait_first(*coros)
        flow_stopped.close()
        # Cancelling the drain, which is how Faust stops fetching for a rebalance, cancels this as well.
        await record
        return DONE

    async def perform_seek(self) -> None:
        """As Faust's, to what was committed; then to where the service says that it is, where it says so."""
        await super().perform_seek()
        assigned = self.assignment()
        for place, offset in cast("Transport", self.transport).positions().items():
            if place in assigned and offset != self._committed_offset[place]:
                await self.seek(place, offset)
                # Faust commits from here on only if what was committed is what comes before it.
                self._committed_offset[place] = offset


class Transport(aiokafka.Transport):
    """The transport that makes our consumer. ``positions``: the next offsets, for a service that keeps state."""

    Consumer = Consumer
    positions: Positions = staticmethod(dict)
