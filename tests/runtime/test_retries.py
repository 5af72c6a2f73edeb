"""Trying again: one wait, one metric, one log line."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from mahlan.errors import BrokerError
from mahlan.runtime import retries as tries
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.retries import Retries, backoff, retried


@pytest.fixture
def asked(monkeypatch):
    """What ``backoff`` was asked for; nobody waits."""
    calls = []
    monkeypatch.setattr(tries, "backoff", lambda attempt, *, cap: calls.append((attempt, cap)) or 0.0)
    return calls


async def test_retried_gives_the_answer_and_lets_other_errors_through(asked):
    answers = iter([BrokerError("no"), BrokerError("no"), 7])

    async def work():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await retried(work, build_metrics(), "scorer") == 7

    async def wrong():
        raise KeyError

    with pytest.raises(KeyError):
        await retried(wrong, build_metrics(), "scorer")
    assert asked == [(0, tries.LONGEST), (1, tries.LONGEST)]


@pytest.mark.parametrize("logged", [True, False])
async def test_failures_in_a_row_are_counted_and_told_where_they_are_to_be(asked, logged):
    metrics = build_metrics()
    retries = Retries(metrics, "gateway", longest=1.0, logged=logged)
    with capture_logs() as lines:
        await retries.wait(BrokerError("no"))
        await retries.wait(BrokerError("no"))
        retries.worked()
        await retries.wait(BrokerError("no"))
    assert asked == [(0, 1.0), (1, 1.0), (0, 1.0)]
    assert [line["attempt"] for line in lines] == ([0, 1, 0] if logged else [])
    labels = {"service": "gateway", "reason": "BrokerError"}
    assert metrics.registry.get_sample_value("mahlan_retries_total", labels) == 3


def test_waits_grow_and_stay_under_their_ceiling():
    assert all(0 <= backoff(0, base=0.05) <= 0.05 for _ in range(200))
    assert all(backoff(100, cap=5.0) <= 5.0 for _ in range(200))
    assert max(backoff(6) for _ in range(300)) > 0.1
    assert all(0 <= backoff(attempt) <= 5.0 for attempt in (1100, 10**6))
