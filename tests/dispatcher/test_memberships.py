"""Waits between two memberships of a group: they grow in a row of failures, and a success ends the row."""

from __future__ import annotations

import pytest

from mahlan.dispatcher import memberships
from tests.core.policy_cases import scored
from tests.dispatcher.delivering import Recorder, committed, delivering, publish, until
from tests.dispatcher.far_sides import nudge
from tests.dispatcher.harness import LOST, Stage


@pytest.fixture
async def stage():
    return await Stage().open()


@pytest.fixture
def asked(monkeypatch):
    """Which failure of its row each wait was for; no wait takes any time."""
    asked: list[int] = []

    def backoff(failed: int) -> float:
        asked.append(failed)
        return 0.0

    monkeypatch.setattr(memberships, "backoff", backoff)
    return asked


async def test_a_worker_that_decided_begins_a_new_row_of_failures(stage, asked):
    stage.broker.unread += [LOST] * 3
    async with stage.running(await stage.worker()):
        await until(lambda: len(asked) == 3)
        await stage.publish(scored("c-1"))
        await stage.until_idle()
        stage.broker.unread += [LOST] * 2
        await until(lambda: len(asked) == 5)
    assert asked == [0, 1, 2, 0, 1]


async def test_a_delivery_that_delivered_begins_a_new_row_of_failures(stage, asked):
    stage.broker.unread += [LOST] * 3
    async with delivering(stage, Recorder()):
        await until(lambda: len(asked) == 3)
        await publish(stage, nudge("c-1"))
        await until(lambda: committed(stage) == 1)
        stage.broker.unread += [LOST] * 2
        await until(lambda: len(asked) == 5)
    assert asked == [0, 1, 2, 0, 1]


async def test_a_membership_that_did_nothing_leaves_the_row_as_it_is(stage, asked):
    stage.broker.unread += [LOST] * 2
    async with stage.running(await stage.worker()):
        await until(lambda: len(asked) == 2)
        await until(lambda: stage.broker.joined == 3 and not stage.broker.unread)
        stage.broker.unread.append(LOST)
        await until(lambda: len(asked) == 3)
    assert asked == [0, 1, 2]
