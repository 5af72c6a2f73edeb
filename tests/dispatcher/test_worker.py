"""The dispatcher's worker: one decision for each comment, whatever fails, is killed or comes twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import orjson
import pytest

from mahlan.dispatcher.lease import Lease
from mahlan.events.codec import decode
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DECIDED, SCORED
from tests.core.policy_cases import FRIENDLY, NOON, scored
from tests.dispatcher.harness import LOST, MOVED, KilledError, Stage, Timer, all_of, half_of, none_of


@pytest.fixture
async def stage():
    return await Stage().open()


def comments(count: int, authors: int = 5):
    """Every third is friendly; each author writes several hurtful ones, so that caps and cooldown matter."""
    return [
        scored(
            f"c-{n}",
            author_key=f"author-{n % authors:04d}",
            verdict=FRIENDLY if n % 3 == 0 else scored().verdict,
        )
        for n in range(count)
    ]


async def check_each_decided_once(stage: Stage, sent) -> None:
    decided = Counter(decision.comment_id for decision in await stage.decisions())
    assert decided == Counter({comment.comment_id: 1 for comment in sent})


async def check_nudged_once_per_author(stage: Stage, sent) -> None:
    """The clock stands still, so cooldown allows each author one nudge, whoever decided and died."""
    nudged = Counter(d.author_key for d in await stage.decisions() if d.kind == "nudge")
    assert nudged == Counter({comment.author_key: 1 for comment in sent})
    histories = await stage.histories()
    assert {author: len(history.nudges) for author, history in histories.items()} == dict(nudged)


async def test_every_comment_is_decided_with_its_author_as_key_in_its_own_partition(stage):
    sent = comments(30)
    await stage.publish(*sent[:15], partition=1)
    await stage.publish(*sent[15:])
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    await check_each_decided_once(stage, sent)
    where = {orjson.loads(one.value)["comment_id"]: one.partition for one in await stage.read(SCORED.name)}
    for record in await stage.read(DECIDED.name):
        decision, envelope = decode(NudgeDecided, record.value, record.headers)
        assert record.key == decision.author_key.encode()
        assert record.partition == where[decision.comment_id]
        assert envelope.id == decision.decision_id
        assert dict(envelope.trace)["traceparent"].startswith(b"00-1111")
        assert envelope.received_ms == NOON.timestamp() * 1000 - 2000
    assert stage.counted("mahlan_end_to_end_seconds_sum") == 30 * 2.0
    reasons = Counter(decision.reason for decision in await stage.decisions())
    assert reasons["not_toxic"] == 10
    assert reasons["over_band"] + reasons["cooling_down"] == 20


async def test_repeats_in_one_batch_and_later_are_dropped_and_counted(stage):
    sent = comments(10)
    await stage.publish(*sent, *sent)
    async with stage.running(await stage.worker()):
        await stage.until_idle()
        await stage.publish(*sent)
        await stage.until_idle()
    await check_each_decided_once(stage, sent)
    assert stage.counted("mahlan_events_repeated_total") == 20


async def test_another_revision_is_another_decision_but_never_a_second_nudge(stage):
    await stage.publish(scored("c-1"), scored("c-1", revision=1))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    assert [(d.revision, d.kind, d.reason) for d in await stage.decisions()] == [
        (0, "nudge", "over_band"),
        (1, "suppress", "already_nudged"),
    ]


KILLED = KilledError()
SENDS = {
    "before the decisions": [(none_of, KILLED)],
    "half through the decisions": [(half_of, KILLED)],
    "after the decisions": [(all_of, KILLED)],
    "half through the histories": [(all_of, None), (half_of, KILLED)],
    "after the histories, before the commit": [(all_of, None), (all_of, KILLED)],
}


@pytest.mark.parametrize("fates", SENDS.values(), ids=SENDS.keys())
async def test_killed_anywhere_the_next_worker_decides_each_comment_once(stage, fates):
    sent = comments(40)
    await stage.publish(*sent)
    async with stage.running(await stage.worker(*fates)) as tasks:
        with pytest.raises(KilledError):
            await tasks[0]
    assert stage.lag() == 40
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    await check_each_decided_once(stage, sent)
    await check_nudged_once_per_author(stage, sent)


@pytest.mark.parametrize("arriving", [none_of, half_of, all_of], ids=["nothing", "half", "all"])
@pytest.mark.parametrize("before", [0, 1], ids=["decisions", "histories"])
async def test_a_failed_write_of_which_some_arrived_writes_nothing_twice(stage, before, arriving):
    sent = comments(40)
    await stage.publish(*sent)
    fates = [*[(all_of, None)] * before, (arriving, LOST), (arriving, LOST)]
    async with stage.running(await stage.worker(*fates)):
        await stage.until_idle()
    await check_each_decided_once(stage, sent)
    await check_nudged_once_per_author(stage, sent)
    assert stage.counted("mahlan_retries_total", reason="BrokerError") >= 2


async def test_a_refused_commit_leads_to_repeats_not_to_second_decisions(stage):
    sent = comments(20)
    await stage.publish(*sent)
    stage.broker.refusals.extend([MOVED])
    lease = Lease(10.0)
    await lease.prove(lambda: asyncio.sleep(0))
    worker = await stage.worker(lease=lease)
    async with stage.running(worker):
        async with asyncio.timeout(20):
            while len(await stage.decisions()) < 20:
                await asyncio.sleep(0.01)
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    await check_each_decided_once(stage, sent)


async def test_a_worker_the_group_has_put_out_writes_nothing_and_joins_again(stage):
    sent = comments(20)
    await stage.publish(*sent)
    stage.broker.refusals.append(MOVED)  # the first proof of membership
    worker = await stage.worker()
    async with stage.running(worker):
        await stage.until_idle()
    assert stage.counted("mahlan_fenced_total") == 1
    assert stage.broker.joined == 2
    await check_each_decided_once(stage, sent)


async def test_a_pause_longer_than_half_the_session_asks_the_group_before_the_next_write(stage):
    timer = Timer()
    worker = await stage.worker(lease=Lease(10.0, timer))
    async with stage.running(worker):
        await stage.publish(scored("c-1"))
        await stage.until_idle()
        timer.seconds += 6
        stage.broker.refusals.append(MOVED)
        await stage.publish(scored("c-2"))
        await stage.until_idle()
    assert stage.counted("mahlan_fenced_total") == 1
    await check_each_decided_once(stage, [scored("c-1"), scored("c-2")])


async def test_a_batch_that_another_took_over_meanwhile_is_not_written(stage):
    sent = comments(20)
    await stage.publish(*sent, partition=1)
    gate = asyncio.Event()
    stage.broker.held.append(gate)  # the first worker's proof takes long: the group moves on without it
    async with stage.running(await stage.worker(options={"session_timeout": 0.2})):
        async with asyncio.timeout(20):
            while stage.broker.held:
                await asyncio.sleep(0.01)
        async with stage.running(await stage.worker()):
            await stage.until_idle()
            gate.set()
    await check_each_decided_once(stage, sent)


async def test_workers_that_come_and_go_share_the_work(stage):
    sent = comments(120, authors=11)
    async with stage.running(await stage.worker(options={"batch": 7})) as first:
        await stage.publish(*sent[:40])
        second = await stage.worker((all_of, None), (all_of, None), (half_of, KILLED), options={"batch": 7})
        async with stage.running(second) as tasks:
            await stage.publish(*sent[40:80])
            await asyncio.wait(tasks, timeout=1.0)
            await stage.publish(*sent[80:], *sent[:10])
            await stage.until_idle()
        assert not first[0].done()
        await stage.until_idle()
    await check_each_decided_once(stage, sent)
    await check_nudged_once_per_author(stage, sent)
