"""Faust's consumer without four tasks per record. Given to every app by ``streams/app.py``.

Faust 0.15.3 hands each record to its streams through ``Service.wait_first``, which makes four asyncio tasks and
cancels three of them: 55 to 80 µs a record, more than all of mahlan's own work (`make bench` prints the
difference). Where the flow is open there is nothing to wait for, so the record is handed over directly. Everything
else, gaps, commits, rebalances, stays Faust's.
"""

from __future__ import annotations

import inspect
from typing import Any

from faust.transport.drivers import aiokafka
from mode.services import WaitResults

#: The drain does not look at what its wait returns.
DONE = WaitResults([], [], stopped=False)


class Consumer(aiokafka.Consumer):
    """The aiokafka driver's consumer with a shorter way for a record while the flow is open."""

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


class Transport(aiokafka.Transport):
    """The transport that makes our consumer."""

    Consumer = Consumer
