"""Real insights workers on a real Kafka, killed, frozen and joined in the middle: they say what the topics say."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.insights.processes import PATIENCE, Stage

COMMENTS = 4000

pytestmark = pytest.mark.timeout(300)


async def test_what_it_says_is_what_the_topics_say(stage: Stage):
    await stage.invent(1500)
    told = await stage.check(stage.start())
    assert told["nudges"]["comments"] == 1500
    low, high = told["challenge"]["authors"]["low"], told["challenge"]["authors"]["high"]
    assert low <= told["challenge"]["joiners"] <= high


@pytest.mark.slow
async def test_killed_again_and_again_in_the_middle(stage: Stage):
    counted = 0
    for part in range(3):
        await stage.invent(COMMENTS, seed=10 + part)
        worker = stage.start()
        counted = await stage.until_counted(worker, counted)
        worker.process.kill()
        worker.process.wait()
        assert counted < (part + 1) * COMMENTS  # it was in the middle
    await stage.check(stage.start())


@pytest.mark.slow
async def test_joined_left_and_killed_by_others_in_the_middle(stage: Stage):
    await stage.invent(COMMENTS)
    first = stage.start()
    counted = await stage.until_counted(first, 0)
    second, third = stage.start(), stage.start()
    counted = await stage.until_counted(second, counted)
    second.process.kill()
    await stage.invent(500, seed=2)
    await stage.until_counted(third, counted)
    third.process.send_signal(signal.SIGTERM)
    fourth = stage.start()
    assert await asyncio.to_thread(third.process.wait, PATIENCE) == 0
    for worker in (first, fourth):
        await stage.check(worker)


@pytest.mark.slow
async def test_frozen_until_another_has_taken_over_then_thawed(stage: Stage):
    await stage.invent(COMMENTS)
    frozen = stage.start()
    counted = await stage.until_counted(frozen, 0)
    frozen.process.send_signal(signal.SIGSTOP)
    assert counted < COMMENTS
    other = stage.start()
    await stage.until_counted(other, counted)
    frozen.process.send_signal(signal.SIGCONT)
    await stage.invent(500, seed=2)
    await stage.check(other)
    await stage.check(frozen)
