"""The dispatcher's worker: one decision for each comment, whatever fails, is killed or comes twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import orjson
import pytest

from mahlan.core.history import KEPT_FOR
from mahlan.dispatcher.lease import Lease
from mahlan.events.codec import decode
from mahlan.events.dead_letter import read as read_dead_letter
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DECIDED, HISTORY, SCORED
from mahlan.runtime.broker import Outgoing
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


async def test_an_erased_author_is_forgotten_at_the_next_rebuild(stage):
    await stage.publish(scored("c-1"))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    producer = await stage.broker.producer()
    partition = (await stage.read(HISTORY.name))[0].partition
    await producer.send([Outgoing(HISTORY.name, b"a" * 32, None, (), partition)])
    await stage.publish(scored("c-1"), scored("c-2"))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    # The first comment is still known as decided; of its author nothing is.
    assert [(d.comment_id, d.kind) for d in await stage.decisions()] == [("c-1", "nudge"), ("c-2", "nudge")]
    assert [past.comment_id for past in (await stage.histories())["a" * 32].nudges] == ["c-2"]


async def test_a_log_that_cannot_be_read_is_waited_for(stage):
    sent = comments(10)
    await stage.publish(*sent)
    stage.broker.unreadable = 5
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    await check_each_decided_once(stage, sent)


async def test_authors_are_forgotten_when_nothing_about_them_matters_any_more(stage):
    worker = await stage.worker()
    async with stage.running(worker):
        await stage.publish(*comments(20))
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


GOOD = orjson.dumps(scored())
BAD = {
    b"": "undecodable",
    b"{": "undecodable",
    b"[]": "invalid_field",
    b"\xff\xfe": "undecodable",
    b"[" * 100_000: "invalid_field",
    GOOD[:-1] + b',"x":' + b"[" * 100_000: "undecodable",
    GOOD.replace(b'"draft"', b'"sent"'): "invalid_field",
    GOOD.replace(b'"revision":0', b'"revision":-1'): "invalid_field",
    GOOD.replace(b"0.95", b"1.95"): "invalid_field",
    GOOD.replace(b'"author_key"', b'"author"'): "invalid_field",
}


async def test_what_cannot_be_decoded_becomes_a_dead_letter_and_the_rest_goes_on(stage):
    await stage.publish(scored("before"), *BAD, scored("after"), partition=0)
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    assert [decision.comment_id for decision in await stage.decisions()] == ["before", "after"]
    letters = await stage.dead_letters()
    told = {letter.value: read_dead_letter(letter.headers) for letter in letters}
    assert {value: letter.reason for value, letter in told.items()} == BAD
    assert all((letter.service, letter.topic) == ("dispatcher", SCORED.name) for letter in told.values())
    assert sum(stage.counted("mahlan_events_dead_total", reason=reason) for reason in set(BAD.values())) == len(BAD)


CANARY = "قناريcanary7f3a"


async def test_no_comment_text_is_written_anywhere(stage, capsys):
    leaky = orjson.dumps({**orjson.loads(GOOD), "text": CANARY, "verdict": {"toxic": CANARY}})
    extra = orjson.dumps({**orjson.loads(GOOD), "text": CANARY, "readings": [{"text": CANARY}]})
    await stage.publish(leaky, extra)
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    for record in [*await stage.read(DECIDED.name), *await stage.read(HISTORY.name)]:
        assert CANARY.encode() not in record.value + repr(record.headers).encode()
    (letter,) = await stage.dead_letters()
    assert letter.value == leaky  # the bytes as they came
    assert CANARY not in repr(read_dead_letter(letter.headers))
    captured = capsys.readouterr()
    assert CANARY not in captured.out + captured.err
    assert len(await stage.decisions()) == 1


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
