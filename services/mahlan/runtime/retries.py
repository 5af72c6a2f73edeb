"""Trying again what the world would not do this time (``RetryError``): one wait, one metric, one log line for all.

``retried`` is for work that can simply be done again. ``Retries`` is for a loop that has something to do in between.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from mahlan.errors import MahlanError, RetryError
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics

T = TypeVar("T")

#: Longest wait between two tries, in seconds.
LONGEST = 5.0


def backoff(attempt: int, *, base: float = 0.05, cap: float = LONGEST) -> float:
    """Seconds to wait before try ``attempt`` (0 first): full jitter under a doubling ceiling."""
    # A power above 1023 is no float any more, and a broker may be away for so many tries.
    ceiling = min(cap, base * 2.0 ** min(attempt, 60))
    return random.uniform(0, ceiling)  # noqa: S311 (spreads load, guards nothing)


@dataclass(slots=True)
class Retries:
    """The tries of one piece of work: the more have failed in a row, the longer is waited, ``longest`` seconds at most.

    ``logged`` is False where there may be thousands at once, that would all say the same: they are counted alone.
    """

    metrics: Metrics
    service: str
    longest: float = LONGEST
    logged: bool = True
    failed: int = 0

    async def wait(self, error: MahlanError) -> None:
        """A try failed: count it, tell it, and return when the next is due."""
        self.metrics.retries.labels(self.service, type(error).__name__).inc()
        if self.logged:
            logger().warning("retry", attempt=self.failed, error_type=type(error).__name__)
        await asyncio.sleep(backoff(self.failed, cap=self.longest))
        self.failed += 1

    def worked(self) -> None:
        """A try did not fail: the next failure is the first of its row."""
        self.failed = 0


async def retried(work: Callable[[], Awaitable[T]], metrics: Metrics, service: str) -> T:
    """``work()``, again and again with backoff while it raises ``RetryError``: the broker will be back."""
    retries = Retries(metrics, service)
    while True:
        try:
            return await work()
        except RetryError as error:
            await retries.wait(error)
