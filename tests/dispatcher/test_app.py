"""The whole dispatcher in one process, on the memory broker: what ``mahlan run dispatcher`` runs."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mahlan.core.campaign_file import parse_campaign
from mahlan.dispatcher.app import run
from mahlan.dispatcher.pulse import Pulse
from mahlan.errors import CampaignError, SettingsError
from mahlan.events.topics import DECIDED, DELIVERED, SCORED
from mahlan.runtime import followed
from mahlan.runtime.broker import Partition
from mahlan.runtime.http import Health
from mahlan.runtime.service import Runtime
from mahlan.runtime.settings import Settings
from tests.core.policy_cases import FRIENDLY, scored
from tests.dispatcher.far_sides import Answer, HttpFarSide, secret
from tests.dispatcher.harness import PARTITIONS, Stage, Timer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def stage():
    return await Stage().open()


@pytest.fixture
async def http():
    side = HttpFarSide()
    yield side
    await side.close()


def runtime_of(stage: Stage, **changes) -> Runtime:
    settings = Settings(**{"dispatcher_max_wait": 0.02, "delivery_backoff": 0.01, "drain_timeout": 4.0, **changes})
    return Runtime("dispatcher", settings, stage.broker, stage.metrics, Health(), asyncio.Event())


@asynccontextmanager
async def running(stage: Stage, **changes):
    runtime = runtime_of(stage, **changes)
    task = asyncio.create_task(run(runtime))
    try:
        yield runtime
    finally:
        runtime.stop.set()
        await task


async def until_delivered(stage: Stage, count: int) -> None:
    async with asyncio.timeout(20):
        while _delivered(stage) < count:
            await asyncio.sleep(0.01)


def _delivered(stage: Stage) -> int:
    group = stage.broker.groups.get("mahlan.delivery")
    return sum(group.committed.values()) if group else 0


async def test_from_scored_comments_to_a_signed_webhook_and_a_topic(stage, http):
    http.answers = [Answer(503), Answer(503)]
    comments = [scored(f"c-{n}", author_key=f"author-{n:04d}") for n in range(20)]
    await stage.publish(*comments, scored("fine", verdict=FRIENDLY))
    hook = {"webhook_url": await http.start(), "webhook_secrets": secret("a"), "webhook_allow_private": True}
    async with running(stage, channels="webhook,kafka,log", **hook) as runtime:
        await until_delivered(stage, 21)
        assert runtime.health.ready
    decided = Counter(decision.kind for decision in await stage.decisions())
    assert decided["none"] == 1
    assert decided["nudge"] + decided["holdout"] == 20
    nudged = {decision.decision_id for decision in await stage.decisions() if decision.kind == "nudge"}
    assert {*await http.received()} == nudged
    assert len(http.requests) == len(nudged) + 2
    assert len(await stage.read(DELIVERED.name)) == len(nudged)
    assert stage.counted("mahlan_campaign_info", campaign="fakkar-eg", version=stage.campaign.version) == 1


async def test_it_ends_when_told_to_and_goes_on_where_it_was(stage):
    for number in range(3):
        await stage.publish(scored(f"c-{number}"))
        async with running(stage):
            await until_delivered(stage, number + 1)
    assert len(await stage.decisions()) == 3


def test_a_process_is_alive_only_while_both_of_its_loops_are():
    timer = Timer()
    health = Health(patience=30.0, clock=timer)
    pulse = Pulse(health, "worker", "delivery")
    worker, delivery = pulse.of("worker"), pulse.of("delivery")
    for _ in range(20):
        timer.seconds += 10
        worker()
        delivery()
        assert health.live
    for _ in range(5):
        timer.seconds += 10
        delivery()
    assert not health.live
    worker()
    assert health.live


async def test_both_loops_beat(stage):
    runtime = runtime_of(stage)
    before = runtime.health.last_beat
    task = asyncio.create_task(run(runtime))
    async with asyncio.timeout(20):
        while runtime.health.last_beat == before:
            await asyncio.sleep(0.01)
    runtime.stop.set()
    await task


async def test_topics_with_different_numbers_of_partitions_are_refused(stage):
    stage.broker.topics[DECIDED.name].append([])
    with pytest.raises(SettingsError, match=f"{DECIDED.name} has {PARTITIONS + 1}"):
        await run(runtime_of(stage))


async def test_an_unknown_campaign_or_channel_is_told_at_start(stage):
    with pytest.raises(CampaignError, match="fakkar-eg"):
        await run(runtime_of(stage, campaign="nobody"))
    with pytest.raises(SettingsError, match="pigeon"):
        await run(runtime_of(stage, channels="pigeon"))


async def test_half_a_dispatcher_does_not_stay_alive(stage):
    runtime = runtime_of(stage)
    task = asyncio.create_task(run(runtime))
    await stage.publish(scored("c-1"))
    async with asyncio.timeout(20):
        while not await stage.decisions():
            await asyncio.sleep(0.01)
    log = stage.broker.topics[SCORED.name][Partition(SCORED.name, 0).number]
    log.append("not a record")  # no real broker does this: a bug stands for any
    with pytest.raises(AttributeError):
        async with asyncio.timeout(20):
            await task


async def test_a_campaign_file_that_changes_counts_for_the_next_comment(stage, tmp_path, monkeypatch):
    monkeypatch.setattr(followed, "EVERY", 0.01)
    file = tmp_path / "fakkar-eg.toml"
    right = (ROOT / "campaigns" / file.name).read_text("utf-8")
    file.write_text(right, "utf-8")
    async with running(stage, campaigns_dir=str(tmp_path)) as runtime:
        await stage.publish(scored("c-1"))
        await until_decided(stage, 1)
        file.write_text(right.replace("\nactive = true", "\nactive = false"), "utf-8")
        changed = parse_campaign(file.read_text("utf-8"), file.name).version
        async with asyncio.timeout(20):
            while not stage.counted("mahlan_campaign_info", campaign="fakkar-eg", version=changed):
                await asyncio.sleep(0.01)
        await stage.publish(scored("c-2", author_key="author-2222"))
        await until_decided(stage, 2)
        file.write_text("no campaign", "utf-8")
        async with asyncio.timeout(20):
            while "campaigns" not in runtime.health.detail:
                await asyncio.sleep(0.01)
        await stage.publish(scored("c-3", author_key="author-3333"))
        await until_decided(stage, 3)
    decided = {decision.comment_id: decision for decision in await stage.decisions()}
    assert decided["c-1"].reason != "campaign_inactive"
    assert [(decided[name].reason, decided[name].campaign_version) for name in ("c-2", "c-3")] == [
        ("campaign_inactive", changed)
    ] * 2


async def until_decided(stage: Stage, count: int) -> None:
    async with asyncio.timeout(20):
        while len(await stage.decisions()) < count:
            await asyncio.sleep(0.01)
