"""Comments one in ten of which hurts, drawn by lot from a data folder's rows, and how fast models score them.

Called by ``training/band.py``.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial

from training.cascading.bands import TOXIC_SHARE
from training.judging import Scoring
from training.rows import Row
from training.speed import least_seconds, polled

POLL = 500
"""Comments of one batch, about what a busy scorer gets."""
ROUNDS = 3
SEED = 7


def drawn(rows: Sequence[Row], most: int, seed: int = SEED) -> list[Row]:
    """At most ``most`` rows, one in ten of them toxic."""
    dice = random.Random(seed)
    toxic = [row for row in rows if row.toxic]
    harmless = [row for row in rows if not row.toxic]
    count = min(most, int(len(harmless) / (1.0 - TOXIC_SHARE)), int(len(toxic) / TOXIC_SHARE))
    hurting = round(count * TOXIC_SHARE)
    found = dice.sample(toxic, hurting) + dice.sample(harmless, count - hurting)
    dice.shuffle(found)
    return found


def speeds(models: Sequence[Scoring], rows: Sequence[Row], rounds: int = ROUNDS) -> list[float]:
    """Comments a second of processor time, one thread each: the best of some rounds, taken in turns."""
    jobs = [partial(polled, model, rows, POLL) for model in models]
    return [len(rows) / max(seconds, 1e-9) for seconds in least_seconds(jobs, rounds)]
