"""Texts to scores: whatever goes wrong with a batch, each of its texts has an answer, and the next batch is scored."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mahlan.errors import InternalError
from mahlan.events.comment import CommentSubmitted
from mahlan.gateway.pool import Pool
from mahlan.runtime.metrics import build_metrics
from mahlan.scoring.lineup import alone
from mahlan.scoring.model import Model

FAST = Path(__file__).resolve().parents[2] / "models" / "fast" / "1"


class FaultyOnce:
    """A metric that cannot be counted the first time."""

    def __init__(self, metric) -> None:
        self._metric = metric
        self.faults = 1

    def labels(self, *values: str):
        if self.faults:
            self.faults -= 1
            raise ValueError("canary of a fault")
        return self._metric.labels(*values)


def comment(number: int) -> CommentSubmitted:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    return CommentSubmitted(comment_id=f"c-{number}", text="what a day", occurred_at=now, author_key="a" * 32)


@pytest.fixture
def pool():
    metrics = build_metrics()
    metrics = replace(metrics, batch_records=FaultyOnce(metrics.batch_records))
    pool = Pool(alone(Model.load(FAST)), "medium", metrics, limit=10, patience=60.0)
    yield pool
    pool.close()


async def test_a_batch_that_cannot_be_counted_is_answered_and_the_next_is_scored(pool):
    async with asyncio.timeout(20):
        failed = await asyncio.gather(pool.read(comment(1)), pool.read(comment(2)), return_exceptions=True)
        read = await pool.read(comment(3))
    assert [type(one) for one in failed] == [InternalError, InternalError]
    assert "canary" not in str(failed)
    assert read.comment.comment_id == "c-3"
