"""An author who is erased is forgotten at once, and nothing that was on its way brings them back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from mahlan.core.history import KEPT_FOR, no_history, remember
from mahlan.core.policy import decide, make_ruling
from mahlan.dispatcher.deciding import history_record
from mahlan.dispatcher.state import PartitionState
from mahlan.events.topics import HISTORY
from mahlan.runtime.broker import Outgoing
from mahlan.runtime.partitioner import partition_for
from tests.core.policy_cases import FRIENDLY, NOON, campaign, scored
from tests.dispatcher.harness import LOST, PARTITIONS, PATIENCE, Stage, half_of

AUTHOR = "a" * 32
PLACE = partition_for(AUTHOR.encode(), PARTITIONS)
CAMPAIGN = campaign()
LATER = timedelta(minutes=1)


@pytest.fixture
async def stage():
    return await Stage().open()


async def decided(stage, *comments):
    stage.clock.forward(seconds=1)
    await stage.publish(*comments)
    await stage.until_idle()


async def erase(stage, author=AUTHOR):
    stage.clock.forward(seconds=1)
    producer = await stage.broker.producer()
    await producer.send([Outgoing(HISTORY.name, author.encode(), None)])


async def until_erased(stage, count=1):
    async with asyncio.timeout(PATIENCE):
        while stage.counted("mahlan_authors_erased_total") < count:
            await asyncio.sleep(0.01)


async def reasons(stage):
    return [(d.comment_id, d.reason) for d in await stage.decisions()]


async def last_of(stage, author=AUTHOR):
    """What compaction will leave of the author: the comments of the last history, or None."""
    record = [one for one in await stage.read(HISTORY.name) if one.key == author.encode()][-1]
    return None if record.value is None else [past.comment_id for past in (await stage.histories())[author].nudges]


async def test_an_erased_author_is_forgotten_while_it_runs(stage):
    async with stage.running(await stage.worker()):
        await decided(stage, scored("c-1"), scored("other", author_key="b" * 32))
        await erase(stage)
        await until_erased(stage)
        assert stage.counted("mahlan_authors_remembered") == 1
        await decided(stage, scored("c-1"), scored("c-2"), scored("other-2", author_key="b" * 32))
    # The first comment is still known as decided; of its author nothing was.
    assert sorted(await reasons(stage)) == [
        ("c-1", "over_band"),
        ("c-2", "over_band"),
        ("other", "over_band"),
        ("other-2", "cooling_down"),
    ]
    assert await last_of(stage) == ["c-2"]


async def test_erasing_somebody_of_whom_nothing_is_known_changes_nothing(stage):
    async with stage.running(await stage.worker()):
        await decided(stage, scored("c-1"))
        await erase(stage, "b" * 32)
        await erase(stage, "c" * 32)
        await decided(stage, scored("c-2"))
    assert await reasons(stage) == [("c-1", "over_band"), ("c-2", "cooling_down")]
    assert stage.counted("mahlan_authors_erased_total") == 0


async def test_a_history_that_was_on_its_way_is_taken_out_of_the_log_again(stage):
    history = remember(no_history(AUTHOR, NOON), decide(scored("c-1"), CAMPAIGN, no_history(AUTHOR, NOON), NOON))
    async with stage.running(await stage.worker()):
        await decided(stage, scored("c-1"))
        await erase(stage)
        await until_erased(stage)
        producer = await stage.broker.producer()
        await producer.send([history_record(AUTHOR, history, PLACE, "test")])
        assert await last_of(stage) == ["c-1"]
        async with asyncio.timeout(PATIENCE):
            while await last_of(stage) is not None:
                await decided(stage, scored(f"fine-{stage.clock()}", verdict=FRIENDLY))
        await decided(stage, scored("c-2"))
    assert await last_of(stage) == ["c-2"]


async def test_a_rebuild_puts_such_a_history_right_too(stage):
    history = remember(no_history(AUTHOR, NOON), decide(scored("c-1"), CAMPAIGN, no_history(AUTHOR, NOON), NOON))
    await erase(stage)
    producer = await stage.broker.producer()
    await producer.send([history_record(AUTHOR, history, PLACE, "test")])
    async with stage.running(await stage.worker()):
        await decided(stage, scored("fine", verdict=FRIENDLY))
        assert await last_of(stage) is None
        await decided(stage, scored("c-2"))
    assert (await reasons(stage))[-1] == ("c-2", "over_band")


@pytest.mark.parametrize("restart", [False, True], ids=["running", "rebuilt"])
async def test_what_was_decided_at_the_door_before_does_not_bring_an_author_back(stage, restart):
    early = scored("early")
    early = replace(early, ruling=make_ruling(early, CAMPAIGN, no_history(AUTHOR, NOON), NOON))
    async with stage.running(await stage.worker()):
        await decided(stage, scored("c-1"))
        await erase(stage)
        await until_erased(stage)
        await decided(stage, early)
        if not restart:
            await decided(stage, scored("c-2"))
    if restart:
        async with stage.running(await stage.worker()):
            await decided(stage, scored("c-2"))
    decisions = {decision.comment_id: decision for decision in await stage.decisions()}
    assert decisions["early"].kind == decisions["c-2"].kind == "nudge"
    assert await last_of(stage) == ["c-2"]


async def test_erasures_are_followed_after_a_failed_write_and_an_outage(stage):
    async with stage.running(await stage.worker((half_of, LOST))):
        await decided(stage, scored("c-1"))
        await erase(stage)
        await until_erased(stage)
        await decided(stage, scored("c-2"))
        stage.broker.away = True
        await asyncio.sleep(0.1)
        stage.broker.away = False
        await decided(stage, scored("fine", verdict=FRIENDLY))
        await erase(stage)
        await until_erased(stage, 2)
        await decided(stage, scored("c-3"))
    assert [name for name, reason in await reasons(stage) if reason == "over_band"] == ["c-1", "c-2", "c-3"]


async def test_an_erasure_from_a_clock_that_is_ahead_takes_nothing_of_what_is_to_come(stage):
    async with stage.running(await stage.worker()):
        await decided(stage, scored("c-1"))
        ahead = stage.clock() + timedelta(hours=5)
        stage.broker.clock = ahead.timestamp
        await erase(stage)
        await until_erased(stage)
        await decided(stage, scored("c-2"))
        await decided(stage, scored("c-3"))
    assert [reason for _, reason in await reasons(stage)] == ["over_band", "over_band", "cooling_down"]


def nudged(comment_id="c-1", at=NOON):
    return decide(scored(comment_id), CAMPAIGN, no_history(AUTHOR, at), at)


def test_what_was_decided_after_the_erasure_is_kept_and_written_again():
    state = PartitionState(10)
    state.apply(nudged("c-1"))
    state.apply(nudged("c-2", NOON + 2 * LATER))
    state.written(state.unwritten())
    assert state.forget(AUTHOR, NOON + LATER)
    kept = state.unwritten()[AUTHOR]
    assert [past.comment_id for past in kept.nudges] == ["c-2"]
    assert state.has_decided(nudged("c-1").decision_id, AUTHOR)


def test_what_changes_while_it_is_being_written_is_still_to_come():
    state = PartitionState(10)
    state.apply(nudged("c-1"))
    sent = state.unwritten()
    state.apply(nudged("c-2", NOON + LATER))
    state.written(sent)
    assert [past.comment_id for past in state.unwritten()[AUTHOR].nudges] == ["c-1", "c-2"]
    state.written(state.unwritten())
    assert state.unwritten() == {}


def test_an_erasure_is_remembered_only_as_long_as_what_was_before_it_could_matter():
    state = PartitionState(10)
    state.apply(nudged())
    assert state.forget(AUTHOR, NOON + LATER)
    assert not state.forget(AUTHOR, NOON)
    assert state.erased_at(AUTHOR) == NOON + LATER
    state.expire(NOON + LATER + KEPT_FOR)
    assert state.erased_at(AUTHOR) is None
    assert state.unwritten() == {}


async def test_only_the_partitions_that_are_its_own_are_followed(stage):
    workers = [await stage.worker(), await stage.worker()]
    async with stage.running(*workers):
        # A worker that takes over later reads histories and erasures together: nothing is left to forget.
        async with asyncio.timeout(PATIENCE):
            while [len(worker.states) for worker in workers] != [1, 1]:
                await asyncio.sleep(0.01)
        await decided(stage, *(scored(f"c-{n}", author_key=f"author-{n:04d}") for n in range(8)))
        for number in range(8):
            await erase(stage, f"author-{number:04d}")
        await until_erased(stage, 8)
        await decided(stage, *(scored(f"d-{n}", author_key=f"author-{n:04d}") for n in range(8)))
    assert {reason for _, reason in await reasons(stage)} == {"over_band"}
    assert stage.counted("mahlan_authors_erased_total") == 8
