"""What the dispatcher remembers of authors: over restarts, for long enough, and not after an erasure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mahlan.core.history import KEPT_FOR
from mahlan.events.topics import HISTORY
from mahlan.runtime.broker import Outgoing
from tests.core.policy_cases import FRIENDLY, NOON, scored
from tests.dispatcher.harness import Stage


@pytest.fixture
async def stage():
    return await Stage().open()


async def test_caps_hold_over_a_restart(stage):
    async with stage.running(await stage.worker()):
        for number in range(3):
            await stage.publish(scored(f"c-{number}"))
            await stage.until_idle()
            stage.clock.forward(hours=1)
    await stage.publish(scored("c-3"))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
        stage.clock.forward(hours=24)
        await stage.publish(scored("c-4"))
        await stage.until_idle()
    assert [(d.kind, d.reason) for d in await stage.decisions()] == [
        ("nudge", "over_band"),
        ("nudge", "over_band"),
        ("nudge", "over_band"),
        ("suppress", "capped"),
        ("nudge", "over_band"),
    ]


async def test_a_history_outlives_the_tail_of_decisions(stage):
    await stage.publish(scored("c-1"))
    friendly = [scored(f"f-{n}", verdict=FRIENDLY) for n in range(10)]
    async with stage.running(await stage.worker(options={"tail": 5})):
        await stage.until_idle()
        await stage.publish(*friendly)
        await stage.until_idle()
    await stage.publish(scored("c-1"), scored("c-2"))
    async with stage.running(await stage.worker(options={"tail": 5})):
        await stage.until_idle()
    last = [(d.comment_id, d.reason) for d in await stage.decisions() if d.kind != "none"]
    assert last == [("c-1", "over_band"), ("c-2", "cooling_down")]


async def test_an_erased_author_is_forgotten_at_the_next_rebuild(stage):
    await stage.publish(scored("c-1"))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    producer = await stage.broker.producer()
    partition = (await stage.read(HISTORY.name))[0].partition
    stage.clock.forward(seconds=1)
    await producer.send([Outgoing(HISTORY.name, b"a" * 32, None, (), partition)])
    stage.clock.forward(seconds=1)
    await stage.publish(scored("c-1"), scored("c-2"))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    # The first comment is still known as decided; of its author nothing is.
    assert [(d.comment_id, d.kind) for d in await stage.decisions()] == [("c-1", "nudge"), ("c-2", "nudge")]
    assert [past.comment_id for past in (await stage.histories())["a" * 32].nudges] == ["c-2"]


async def test_a_log_that_cannot_be_read_is_waited_for(stage):
    await stage.publish(scored("c-1"), scored("c-2"))
    stage.broker.unreadable = 5
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    assert [decision.comment_id for decision in await stage.decisions()] == ["c-1", "c-2"]


async def test_authors_are_forgotten_when_nothing_about_them_matters_any_more(stage):
    async with stage.running(await stage.worker()):
        await stage.publish(*(scored(f"c-{n}", author_key=f"author-{n % 5:04d}") for n in range(20)))
        await stage.until_idle()
        assert stage.counted("mahlan_authors_remembered") == 5
        stage.clock.forward(seconds=KEPT_FOR.total_seconds())
        await stage.publish(*(scored(f"late-{n}", verdict=FRIENDLY) for n in range(4)), partition=0)
        await stage.publish(scored("late", verdict=FRIENDLY), partition=1)
        await stage.until_idle()
        assert stage.counted("mahlan_authors_remembered") == 0
    async with stage.running(await stage.worker()):
        await stage.publish(scored("later", verdict=FRIENDLY))
        await stage.until_idle()
        assert stage.counted("mahlan_authors_remembered") == 0


async def test_a_holdout_author_is_remembered_like_a_nudged_one_and_gets_no_wording(stage):
    stage.campaign = replace(stage.campaign, holdout=replace(stage.campaign.holdout, share=1.0))
    await stage.publish(scored("c-1"), scored("c-2"))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    decisions = await stage.decisions()
    assert [(d.kind, d.reason, d.wording) for d in decisions] == [
        ("holdout", "holdout", None),
        ("suppress", "cooling_down", None),
    ]
    assert [past.kind for past in (await stage.histories())["a" * 32].nudges] == ["holdout"]
    assert decisions[0].decided_at == NOON
