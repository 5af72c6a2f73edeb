"""Comments that were decided before they were posted: written down once, as their author saw it, whoever came first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mahlan.core.history import no_history
from mahlan.core.policy import make_ruling
from mahlan.core.reading import AHEAD
from mahlan.events.dead_letter import read as read_dead_letter
from tests.core.policy_cases import FRIENDLY, NOON, campaign, scored
from tests.dispatcher.harness import KilledError, Stage, all_of, none_of

CAMPAIGN = campaign()
EARLIER = NOON - timedelta(minutes=1)


@pytest.fixture
async def stage():
    return await Stage().open()


def ruled(comment_id: str = "c-1", *, at=EARLIER, ruling=None, **changes):
    """A comment as the gateway sends it: with the ruling it made for an author of whom it knew nothing."""
    comment = scored(comment_id, **changes)
    return replace(comment, ruling=ruling or make_ruling(comment, CAMPAIGN, no_history(comment.author_key, at), at))


async def told(stage):
    return [(d.comment_id, d.door, d.kind, d.reason) for d in await stage.decisions()]


async def past_nudges(stage, author="a" * 32):
    history = (await stage.histories()).get(author)
    return [past.comment_id for past in history.nudges] if history else []


async def test_a_ruling_is_written_down_as_it_was_made(stage):
    comment = ruled(platform="square.example")
    stage.campaign = replace(CAMPAIGN, nudge=replace(CAMPAIGN.nudge, min_length=1000), version="f" * 12)
    await stage.publish(comment)
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    (decision,) = await stage.decisions()
    assert (decision.door, decision.kind, decision.reason) == ("check", "nudge", "over_band")
    assert (decision.decided_at, decision.wording) == (EARLIER, comment.ruling.wording)
    assert (decision.campaign_version, decision.spans) == (CAMPAIGN.version, comment.spans)
    assert decision.platform == "square.example"
    assert await past_nudges(stage) == ["c-1"]
    assert (await stage.histories())["a" * 32].nudges[0].decided_at == EARLIER


DOORS = {
    "the ruling first": ([ruled(), scored()], [("c-1", "check", "nudge", "over_band")]),
    "the platform's own record first": ([scored(), ruled()], [("c-1", "stream", "nudge", "over_band")]),
}


@pytest.mark.parametrize(("records", "expected"), DOORS.values(), ids=DOORS.keys())
@pytest.mark.parametrize("apart", [False, True], ids=["in one batch", "one by one"])
async def test_whoever_comes_first_decides_and_the_other_is_a_repeat(stage, records, expected, apart):
    async with stage.running(await stage.worker()):
        for record in records:
            await stage.publish(record)
            if apart:
                await stage.until_idle()
        await stage.until_idle()
    assert await told(stage) == expected
    assert stage.counted("mahlan_events_repeated_total") == 1
    assert await past_nudges(stage) == ["c-1"]


async def test_caps_and_cooldown_are_shared_by_both_doors(stage):
    async with stage.running(await stage.worker()):
        for number in range(3):
            await stage.publish(ruled(f"c-{number}", at=stage.clock()))
            await stage.until_idle()
            stage.clock.forward(minutes=1)
        await stage.publish(scored("c-3"))
        await stage.until_idle()
    assert (await told(stage))[-1] == ("c-3", "stream", "suppress", "capped")
    assert await past_nudges(stage) == ["c-0", "c-1", "c-2"]


async def test_a_later_revision_of_a_draft_that_was_asked_about_is_left_alone(stage):
    async with stage.running(await stage.worker()):
        await stage.publish(ruled())
        await stage.until_idle()
        await stage.publish(scored(revision=1, state="posted"))
        await stage.until_idle()
    assert (await told(stage))[-1] == ("c-1", "stream", "suppress", "already_nudged")


async def test_a_ruling_that_asked_nothing_is_a_decision_but_no_exposure(stage):
    await stage.publish(ruled("fine", verdict=FRIENDLY), scored("fine", verdict=FRIENDLY))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    assert await told(stage) == [("fine", "check", "none", "not_toxic")]
    assert await past_nudges(stage) == []


async def test_a_ruling_of_another_campaign_is_that_campaigns_decision(stage):
    other = replace(ruled().ruling, campaign="another")
    await stage.publish(ruled(ruling=other), scored())
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    decisions = await stage.decisions()
    assert [(d.campaign, d.door, d.reason) for d in decisions] == [
        ("another", "check", "over_band"),
        ("fakkar-eg", "stream", "already_nudged"),
    ]
    assert len({d.decision_id for d in decisions}) == 2


KILLS = {
    "before the decisions": [(none_of, KilledError())],
    "between decisions and histories": [(all_of, None), (none_of, KilledError())],
    "before the commit": [(all_of, None), (all_of, KilledError())],
}


@pytest.mark.parametrize("fates", KILLS.values(), ids=KILLS.keys())
async def test_a_rebuild_knows_what_was_decided_at_the_door(stage, fates):
    sent = [ruled(f"c-{n}", author_key=f"author-{n:04d}") for n in range(10)]
    await stage.publish(*sent)
    async with stage.running(await stage.worker(*fates)) as tasks:
        with pytest.raises(KilledError):
            await tasks[0]
    await stage.publish(*(replace(comment, ruling=None) for comment in sent))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
        await stage.publish(*(scored(f"late-{n}", author_key=f"author-{n:04d}") for n in range(10)))
        await stage.until_idle()
    assert len(await told(stage)) == 20
    assert {line[0]: line[1:] for line in await told(stage)} == {
        **{f"c-{n}": ("check", "nudge", "over_band") for n in range(10)},
        **{f"late-{n}": ("stream", "suppress", "cooling_down") for n in range(10)},
    }
    assert [await past_nudges(stage, f"author-{n:04d}") for n in range(10)] == [[f"c-{n}"] for n in range(10)]


async def test_a_ruling_from_the_future_is_a_dead_letter_that_names_its_field(stage):
    ahead = NOON + AHEAD + timedelta(minutes=1)
    await stage.publish(ruled("ahead", at=ahead), ruled("good", at=NOON + AHEAD))
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    (letter,) = await stage.dead_letters()
    assert read_dead_letter(letter.headers).field == "$.ruling.decided_at"
    assert [line[0] for line in await told(stage)] == ["good"]
