"""When each comment is meant to be sent. Open loop: the schedule does not wait for the system under test.

A generator that waits for answers before it sends on asks less of a slow system just when it is slow, and then
measures the wait from the late sending (coordinated omission). Here every latency counts from the planned moment.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal

Arrivals = Literal["steady", "poisson"]


def planned(rate: float, seconds: float, arrivals: Arrivals = "poisson", seed: int = 1) -> Iterator[float]:
    """Moments in seconds from the start, growing, all below ``seconds``; on average ``rate`` of them a second."""
    chance = random.Random(seed)
    moment = 0.0
    while True:
        moment += 1 / rate if arrivals == "steady" else chance.expovariate(rate)
        if moment >= seconds:
            return
        yield moment
