"""The proof of membership that every write needs."""

from __future__ import annotations

import pytest

from mahlan.dispatcher.lease import Lease, uptime
from mahlan.errors import FencedError
from tests.dispatcher.harness import MOVED, Timer


@pytest.fixture
def timer():
    return Timer()


@pytest.fixture
def lease(timer):
    return Lease(10.0, timer)


async def accepted():
    pass


async def refused():
    raise MOVED


async def test_it_is_not_fresh_before_a_commit_and_for_half_a_session_after(lease, timer):
    assert not lease.is_fresh
    await lease.renew(accepted)
    timer.seconds = 4.9
    assert lease.is_fresh
    timer.seconds = 5.0
    assert not lease.is_fresh


async def test_the_proof_counts_from_before_the_commit(lease, timer):
    async def slow():
        timer.seconds += 4.0

    await lease.prove(slow)
    timer.seconds += 1.0
    assert not lease.is_fresh


async def test_a_pause_during_the_proof_asks_once_more(lease, timer):
    pauses = [60.0, 0.0]

    async def paused():
        timer.seconds += pauses.pop(0)

    await lease.renew(paused)
    assert lease.is_fresh
    assert pauses == []


async def test_a_fresh_lease_asks_nobody(lease):
    await lease.renew(accepted)
    await lease.renew(refused)


async def test_who_is_refused_is_fenced(lease):
    with pytest.raises(FencedError):
        await lease.renew(refused)


async def test_an_ended_lease_is_not_fresh(lease):
    await lease.renew(accepted)
    lease.end()
    assert not lease.is_fresh


def test_the_clock_goes_forward():
    assert uptime() <= uptime()
