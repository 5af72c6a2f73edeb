"""Fail open: a comment is never held up by its check. How long to try, and what to say when there is no answer."""

from __future__ import annotations

import logging
import random
import time
from datetime import UTC, datetime
from typing import TypeVar

from mahlan.client.calls import Call
from mahlan.client.exchange import Door, Steps, exchange
from mahlan.client.failures import ClientError, RequestError
from mahlan.client.replies import REFUSED, UNAVAILABLE, no_nudge
from mahlan.core.backoff import Backoff
from mahlan.gateway.shapes import CheckAnswer

T = TypeVar("T")

TIMEOUT = 2.0
"""Seconds for one try."""
DEADLINE = 10.0
"""Seconds for a call with all its tries."""
TRIES = 3
BUDGET = 0.3
"""Seconds a check may hold up a comment; the composer's."""
_FIRST, _LONGEST = 0.1, 2.0

logger = logging.getLogger("mahlan.client")


def patience(tries: int, seconds: float) -> Backoff:
    """How often and how long to try."""
    return Backoff(attempts=tries, first=_FIRST, longest=_LONGEST, deadline=seconds)


def begin(call: Call[T], door: Door, backoff: Backoff | None = None) -> Steps[T]:
    """The steps of a call, by the clocks of this machine; ``backoff`` instead of the door's."""
    return exchange(
        call, backoff or door.backoff, door.timeout, random.random, time.monotonic, lambda: datetime.now(UTC)
    )


def fail_open(error: ClientError) -> CheckAnswer:
    """The answer that lets the comment pass. The log says why, in the error's own words, which hold nothing private."""
    if isinstance(error, RequestError):
        logger.error("mahlan refused a check, the comment goes on: %s", error)
        return no_nudge(REFUSED)
    logger.warning("mahlan did not check a comment, it goes on: %s", error)
    return no_nudge(UNAVAILABLE)
