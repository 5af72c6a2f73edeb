"""From the outbox to the channels: at least once, bounded, and nothing lost or passed over in silence."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mahlan.errors import DeliveryError, GoneError, RefusedError
from mahlan.events.topics import DECIDED
from tests.core.policy_cases import FRIENDLY
from tests.dispatcher.delivering import Recorder, committed, delivering, publish, reasons, until
from tests.dispatcher.far_sides import nudge
from tests.dispatcher.harness import LOST, PARTITIONS, PATIENCE, FlakyProducer, Stage, none_of


@pytest.fixture
async def stage():
    return await Stage().open()


@pytest.fixture
def waits():
    return []


async def test_nudges_are_delivered_and_nothing_else(stage):
    channel = Recorder()
    holdout = replace(nudge("held"), kind="holdout", wording=None)
    await publish(stage, nudge("c-1"), nudge("fine", verdict=FRIENDLY), holdout, nudge("c-2"))
    async with delivering(stage, channel):
        await until(lambda: committed(stage) == 4)
    assert sorted(channel.delivered) == ["c-1", "c-2"]
    assert stage.counted("mahlan_deliveries_total", channel="recorder", result="delivered") == 2


async def test_what_was_shown_at_the_door_is_not_delivered_again(stage):
    channel = Recorder()
    await publish(stage, replace(nudge("shown"), door="check"), nudge("c-1"))
    async with delivering(stage, channel):
        await until(lambda: committed(stage) == 2)
    assert channel.delivered == ["c-1"]


async def test_only_the_unbroken_row_of_delivered_nudges_is_committed(stage):
    channel = Recorder(held={"c-2": asyncio.Event()})
    await publish(stage, *(nudge(f"c-{n}") for n in range(6)))
    async with delivering(stage, channel):
        await until(lambda: len(channel.delivered) == 5 and committed(stage) == 2)
        channel.held["c-2"].set()
        await until(lambda: committed(stage) == 6)


async def test_no_more_are_under_way_than_allowed(stage):
    gate = asyncio.Event()
    channel = Recorder(held={f"c-{n}": gate for n in range(20)})
    await publish(stage, *(nudge(f"c-{n}") for n in range(20)))
    async with delivering(stage, channel, in_flight=3):
        await until(lambda: channel.busy == 3)
        gate.set()
        await until(lambda: committed(stage) == 20)
    assert channel.busiest == 3


async def test_a_delivery_that_fails_is_tried_again_with_growing_waits(stage, waits):
    channel = Recorder(errors=[DeliveryError("busy"), DeliveryError("busy", 9.0), DeliveryError("busy")])
    await publish(stage, nudge("c-1"))
    async with delivering(stage, channel, waits=waits):
        await until(lambda: committed(stage) == 1)
    assert channel.delivered == ["c-1"]
    assert waits == [0.5, 10.0, 2.0]
    assert stage.counted("mahlan_deliveries_total", channel="recorder", result="retried") == 3
    assert not await stage.dead_letters()


@pytest.mark.parametrize(
    ("errors", "reason"),
    [
        ([DeliveryError("busy")] * 4, "undelivered"),
        ([DeliveryError("busy", 120.0)], "undelivered"),  # asks for a wait beyond the deadline
        ([RefusedError("no")], "refused"),
        ([DeliveryError("busy"), GoneError("gone")], "endpoint_gone"),
        ([ZeroDivisionError("a bug in a channel")], "internal_error"),
    ],
)
async def test_what_cannot_be_delivered_becomes_a_dead_letter_and_the_rest_goes_on(stage, errors, reason):
    channel = Recorder(errors=list(errors))
    await publish(stage, nudge("c-1"))
    async with delivering(stage, channel):
        await until(lambda: committed(stage) == 1)
        await publish(stage, nudge("c-2"))
        await until(lambda: committed(stage) == 2)
    assert channel.delivered == ["c-2"]
    assert await reasons(stage) == {reason: 1}
    (letter,) = await stage.dead_letters()
    assert letter.value == (await stage.read(DECIDED.name))[0].value
    assert stage.counted("mahlan_events_dead_total", reason=reason) == 1
    stopped = stage.counted("mahlan_channel_stopped", channel="recorder")
    assert stopped == (1 if reason == "endpoint_gone" else 0)


async def test_each_channel_has_its_own_fate(stage):
    good, bad = Recorder("good"), Recorder("bad", errors=[RefusedError("no")])
    await publish(stage, nudge("c-1"), nudge("c-2"))
    async with delivering(stage, good, bad):
        await until(lambda: committed(stage) == 2)
    assert sorted(good.delivered) == ["c-1", "c-2"]
    assert len(bad.delivered) == 1
    assert await reasons(stage) == {"refused": 1}


async def test_a_record_that_is_no_decision_becomes_a_dead_letter(stage):
    channel = Recorder()
    await publish(stage, b"{", nudge("c-1"), b"")
    async with delivering(stage, channel):
        await until(lambda: committed(stage) == 3)
    assert channel.delivered == ["c-1"]
    assert await reasons(stage) == {"undecodable": 2}


async def test_a_dead_letter_waits_for_the_broker(stage):
    channel = Recorder(errors=[RefusedError("no")])
    producer = FlakyProducer(await stage.broker.producer(), [(none_of, LOST), (none_of, LOST)])
    await publish(stage, nudge("c-1"))
    async with delivering(stage, channel, producer=producer):
        await until(lambda: committed(stage) == 1)
    assert await reasons(stage) == {"refused": 1}


async def test_stopped_in_the_middle_nothing_is_lost(stage):
    first = Recorder(held={"c-1": asyncio.Event()})
    await publish(stage, *(nudge(f"c-{n}") for n in range(5)))
    async with delivering(stage, first):
        await until(lambda: len(first.delivered) == 4)
    assert committed(stage) == 1
    second = Recorder()
    async with delivering(stage, second):
        await until(lambda: committed(stage) == 5)
    assert {*first.delivered, *second.delivered} == {f"c-{n}" for n in range(5)}


async def test_what_is_under_way_is_waited_for_at_a_stop(stage):
    gate = asyncio.Event()
    channel = Recorder(held={"c-1": gate})
    await publish(stage, nudge("c-1"))
    async with delivering(stage, channel, drain=PATIENCE):
        await until(lambda: channel.busy == 1)
        asyncio.get_running_loop().call_later(0.1, gate.set)
    assert channel.delivered == ["c-1"]
    assert committed(stage) == 1


async def test_workers_that_join_take_partitions_over_and_nothing_is_lost(stage):
    one, two = Recorder(), Recorder()
    sent = [nudge(f"c-{n}") for n in range(60)]
    async with delivering(stage, one):
        for number, decision in enumerate(sent[:30]):
            await publish(stage, decision, partition=number % PARTITIONS)
        async with delivering(stage, two):
            for number, decision in enumerate(sent[30:]):
                await publish(stage, decision, partition=number % PARTITIONS)
            await until(lambda: committed(stage, 0) == committed(stage, 1) == 30)
    assert {*one.delivered, *two.delivered} == {decision.comment_id for decision in sent}
    assert two.delivered


async def test_a_group_that_refuses_commits_does_not_stop_the_delivery(stage):
    channel = Recorder()
    stage.broker.refusals.append(LOST)
    await publish(stage, nudge("c-1"))
    async with delivering(stage, channel):
        await until(lambda: stage.counted("mahlan_retries_total", reason="commit") == 1)
        await publish(stage, nudge("c-2"))
        await until(lambda: committed(stage) == 2)
    assert sorted(channel.delivered) == ["c-1", "c-2"]
