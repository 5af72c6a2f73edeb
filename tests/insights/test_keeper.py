"""The keeper: steps written as a whole, tried again when nobody knows, acknowledged only then. On the memory broker."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from mahlan.core.insights.author import decode_author
from mahlan.core.insights.tally import milliseconds
from mahlan.errors import StateError
from mahlan.events.topics import DECIDED, HISTORY, INSIGHTS_STATE, OUTCOMES
from mahlan.insights.keys import author_key, window_key
from mahlan.runtime.broker import Outgoing, Partition
from tests.core.insights.stories import CAMPAIGN, NOON, decision, outcome
from tests.insights.harness import LOST, KilledError, Stage, pending, total

TAG = ("practicethepause",)


@pytest.fixture
async def stage() -> Stage:
    return await Stage().open()


def comments(count: int, first: int = 0):
    return [decision(f"c-{number}", hashtags=TAG) for number in range(first, first + count)]


async def test_events_are_acknowledged_once_what_they_change_is_in_the_log(stage):
    events = await stage.publish(*comments(3))
    keeper = await stage.keeper()
    await stage.count(keeper, events)
    assert await total(stage) == 3
    assert keeper.places[DECIDED.name, 0].next_offset == 3
    assert stage.counted("mahlan_events_in_total", topic=DECIDED.name) == 3


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_write_of_unknown_fate_is_looked_up_and_counts_once(stage, arrives):
    events = await stage.publish(*comments(5))
    keeper = await stage.keeper((arrives, LOST), (arrives, LOST))
    await stage.count(keeper, events)
    assert await total(stage) == 5
    assert keeper.producer.appends == (1 if arrives else 3)


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_kill_before_the_acknowledgement_counts_once(stage, arrives):
    events = await stage.publish(*comments(5))
    killed = await stage.keeper((arrives, KilledError()))
    with pytest.raises(KilledError):
        await stage.count(killed, events)
    assert not any(event.acked for event in events)
    await stage.count(await stage.keeper(), events)
    assert await total(stage) == 5


async def test_who_is_not_up_to_date_changes_nothing_and_learns(stage):
    events = await stage.publish(*comments(6))
    late = await stage.keeper()
    await stage.count(await stage.keeper(), events[:4])
    again = [pending(record) for record in await stage.broker.read_partition(Partition(DECIDED.name, 0))]
    await stage.count(late, again)
    assert await total(stage) == 6
    assert stage.counted("mahlan_insights_misplaced_total") == 1
    assert (await stage.state()).misplaced == set()


async def test_what_cannot_be_read_becomes_a_dead_letter_and_the_others_count(stage):
    events = await stage.publish(decision("c-1"), b"{", b"", b'{"decision_id": 1}', decision("c-2"))
    events += await stage.publish(b"\xff", topic=OUTCOMES.name)
    await stage.count(await stage.keeper(), events)
    assert await total(stage) == 2
    letters = await stage.dead_letters()
    assert [letter.value for letter in letters] == [b"{", b"", b'{"decision_id": 1}', b"\xff"]
    assert stage.counted("mahlan_events_dead_total", reason="undecodable") == 3
    await stage.count(await stage.keeper(), events)  # read again after a restart
    assert len(await stage.dead_letters()) == 4


async def test_a_step_that_is_too_large_for_one_batch_becomes_several():
    stage = await Stage().open(state_bytes=4000)
    events = [
        one
        for number in range(40)
        for one in await stage.publish(decision(f"c-{number}", author_key=f"author-{number:04d}"))
    ]
    keeper = await stage.keeper()
    await stage.count(keeper, events)
    assert await total(stage) == 40
    assert keeper.producer.appends > 4


async def test_one_event_that_is_too_large_is_told_to_the_operator():
    stage = await Stage().open(state_bytes=300)
    events = await stage.publish(decision("c-1"))
    with pytest.raises(StateError, match=r"max\.message\.bytes"):
        await stage.count(await stage.keeper(), events)


async def test_an_author_is_forgotten_when_erased_and_what_was_decided_before_does_not_bring_them_back(stage):
    at = NOON + timedelta(hours=1)
    keeper = await stage.keeper()
    await stage.count(keeper, await stage.publish(decision("c-1", "nudge"), decision("c-2", hashtags=TAG)))
    stage.now = at.timestamp()
    await stage.count(await stage.keeper(), await stage.publish(None, topic=HISTORY.name))
    kept = (await stage.state()).authors[author_key("author-1")]
    assert decode_author(kept).parts == {}
    assert decode_author(kept).erased == milliseconds(at)
    assert stage.counted("mahlan_authors_erased_total") == 1
    # Comes late, though it was decided before: it is counted, and nobody is remembered.
    await stage.count(await stage.keeper(), await stage.publish(decision("c-3", hours=0.5), outcome("c-1", "shown")))
    assert (await stage.state()).authors[author_key("author-1")] == kept
    assert await total(stage) == 3
    await stage.count(await stage.keeper(), await stage.publish(decision("c-4", hours=2, hashtags=TAG)))
    assert await total(stage, "challenge/joiners") == 2
    assert await total(stage, "challenge/posts") == 2


async def test_histories_of_others_and_erasures_of_strangers_are_passed_over(stage):
    events = await stage.publish(b"whatever", topic=HISTORY.name)
    await stage.count(await stage.keeper(), events)
    assert await stage.dead_letters() == []
    assert (await stage.state()).progress.applied == {HISTORY.name: 1}


async def test_a_damaged_value_is_counted_and_begun_anew(stage):
    await stage.count(await stage.keeper(), await stage.publish(*comments(2)))
    state = await stage.state()
    damaged = {author_key("author-1"): b"{", window_key(CAMPAIGN, "all"): b"[]"}
    damaged |= {key: b"\x00" for key in state.sums if key.startswith(b"sketch/")}
    producer = await stage.broker.producer()
    await producer.append(state.place, state.records(damaged))
    await stage.count(await stage.keeper(), await stage.publish(*comments(1, first=2)))
    assert await total(stage) == 1
    assert stage.counted("mahlan_insights_damaged_total") == len(damaged)


async def test_a_topic_that_was_made_anew_is_told_to_the_operator(stage):
    await stage.count(await stage.keeper(), await stage.publish(*comments(3)))
    stage.broker.topics[DECIDED.name] = [[]]
    keeper = await stage.keeper()
    assert not keeper.health.ready
    with pytest.raises(StateError, match=r"decided.v1 ends at 0 .* delete the topic insights.state.v1"):
        await keeper.run()


async def test_events_of_partitions_that_went_away_are_dropped_unacknowledged(stage):
    events = await stage.publish(*comments(2))
    keeper = await stage.keeper()
    keeper.states = {}
    async with stage.running(keeper):
        for event in events:
            await keeper.add(event)
    assert not any(event.acked for event in events)


async def test_the_agent_waits_when_too_much_waits(stage):
    keeper = await stage.keeper(batch=2, interval=30.0)
    events = await stage.publish(*comments(40))
    adding = asyncio.create_task(_add_all(keeper, events))
    await asyncio.sleep(0.05)
    assert not adding.done()
    keeper.release()  # a rebalance: what waits is read again by whoever has it then
    await asyncio.sleep(0.05)
    async with stage.running(keeper), asyncio.timeout(10):
        await adding


async def _add_all(keeper, events):
    for event in events:
        await keeper.add(event)


async def test_a_state_that_is_longer_than_its_log_is_read_anew(stage):
    keeper = await stage.keeper()
    await stage.count(keeper, await stage.publish(*comments(3)))
    log = stage.broker.topics[INSIGHTS_STATE.name][0]
    del log[:]
    producer = await stage.broker.producer()
    await producer.append(
        Partition(INSIGHTS_STATE.name, 0), [Outgoing(INSIGHTS_STATE.name, b"x", b"y", (("mahlan_meant_for", b"0"),), 0)]
    )
    state = keeper.states[0]
    await keeper.read([state])
    assert (state.read_to, state.sums, state.authors) == (1, {b"x": b"y"}, {})


async def test_nudges_shown_and_disputed_are_counted_for_the_alerts(stage):
    told = [decision("c-1", "nudge"), outcome("c-1", "shown"), outcome("c-1", "disputed"), outcome("c-1", "disputed")]
    await stage.count(await stage.keeper(), await stage.publish(*told))
    labels = {"campaign": CAMPAIGN, "language": "arz"}
    assert stage.counted("mahlan_nudges_shown_total", **labels) == 1
    assert stage.counted("mahlan_nudges_disputed_total", **labels) == 1
