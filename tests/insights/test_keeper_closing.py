"""What ends by itself, in the keeper: closed once everything is read, as much at once as a batch takes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import orjson
import pytest

from mahlan.insights.keys import window_key
from tests.core.insights.stories import CAMPAIGN, NOON, decision, outcome
from tests.insights.harness import Stage, total

TAG = ("practicethepause",)


@pytest.fixture
async def stage() -> Stage:
    return await Stage().open()


async def test_what_is_over_is_closed_once_everything_is_read(stage):
    asked = decision("c-1", "nudge")
    stage.now, stage.age = (NOON + timedelta(days=9)).timestamp(), None
    keeper = await stage.keeper()
    await stage.count(keeper, await stage.publish(asked, decision("c-2", hours=8 * 24 + 2, author_key="author-2")))
    assert await total(stage, "outcome/unknown") == 0  # nobody knows yet whether there is more to read
    stage.age = 0.0
    async with stage.running(await stage.keeper()), asyncio.timeout(10):
        while await total(stage, "outcome/unknown") == 0:
            await asyncio.sleep(0.01)
    totals = {key: value for key, value in (await stage.state()).sums.items() if key.startswith(b"totals/")}
    assert [orjson.loads(value)["n"] for value in totals.values()] == [1]
    assert stage.counted("mahlan_insights_observations_total") == 1


async def test_as_many_are_closed_at_once_as_one_batch_takes():
    stage = await Stage().open(state_bytes=6000)
    stage.now = (NOON + timedelta(days=9)).timestamp()
    events = [
        one
        for number in range(60)
        for one in await stage.publish(decision(f"c-{number}", "nudge", author_key=f"author-{number:04d}"))
    ]
    await stage.count(await stage.keeper(batch=5), events)
    async with stage.running(await stage.keeper(idle=0.0)), asyncio.timeout(10):
        while await total(stage, "outcome/unknown") < 60:
            await asyncio.sleep(0.01)
    assert await total(stage, "outcome/unknown") == 60
    assert stage.counted("mahlan_insights_observations_total") == 60


async def test_counters_by_the_hour_are_kept_as_long_as_anybody_asks_for_them(stage):
    old, young = decision("c-1", hashtags=TAG), decision("c-2", hours=9 * 24, hashtags=TAG)
    stage.now = (NOON + timedelta(days=9)).timestamp()
    await stage.count(await stage.keeper(), await stage.publish(old, young, outcome("c-1", "shown")))
    async with stage.running(await stage.keeper()), asyncio.timeout(10):
        while window_key(CAMPAIGN, "hour/2026-11-20T12") in (await stage.state()).sums:
            await asyncio.sleep(0.01)
    left = {key.decode() for key in (await stage.state()).sums if key.startswith(b"window/")}
    assert {name.rpartition("/")[2] for name in left if "hour/" in name} == {"2026-11-29T12"}
    assert {name.rpartition("/")[2] for name in left if "day/" in name} == {"2026-11-20", "2026-11-29"}


async def test_in_silence_time_is_the_clocks(stage):
    stage.now = (NOON + timedelta(days=8)).timestamp()
    patient, quick = await stage.keeper(idle=100.0), await stage.keeper(idle=0.0)
    await stage.count(patient, await stage.publish(decision("c-1", "nudge")))
    assert await total(stage, "outcome/unknown") == 0
    await quick.read(list(quick.states.values()))
    async with stage.running(quick), asyncio.timeout(10):
        while await total(stage, "outcome/unknown") == 0:
            await asyncio.sleep(0.01)
