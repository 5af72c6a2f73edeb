"""A dispatcher under a brake: known before the first decision, followed while it runs, kept while Kafka is away."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from mahlan.core.history import no_history
from mahlan.core.policy import make_ruling
from mahlan.dispatcher.app import run
from mahlan.events.brake import BrakeSet
from mahlan.events.comment import Verdict
from mahlan.runtime.brakes import brake_record
from mahlan.runtime.http import Health
from mahlan.runtime.service import Runtime
from mahlan.runtime.settings import Settings
from tests.core.policy_cases import CAMPAIGN_FILE, NOON, scored
from tests.dispatcher.harness import PATIENCE, Stage

MEDIUM = Verdict(toxic=True, label="insult", band="medium", score=0.7)


def brake(level, language="arz", campaign="fakkar-eg"):
    names = {"campaign": campaign, "language": language, "code": "person", "reason": "a test", "set_by": "person"}
    return BrakeSet(level=level, set_at=NOON, **names)


@pytest.fixture
async def stage():
    return await Stage().open()


async def set_brakes(stage, *brakes):
    await (await stage.broker.producer()).send([brake_record(one, "test") for one in brakes])


@asynccontextmanager
async def running(stage, tmp_path):
    """A dispatcher as ``mahlan run`` has it, with nobody held out."""
    text = CAMPAIGN_FILE.read_text("utf-8").replace("share = 0.10", "share = 0.0")
    (tmp_path / "campaign.toml").write_text(text.replace("active = true", "active = true\ntest = true"), "utf-8")
    settings = Settings(campaigns_dir=str(tmp_path), dispatcher_max_wait=0.02, drain_timeout=4.0)
    runtime = Runtime("dispatcher", settings, stage.broker, stage.metrics, Health(), asyncio.Event())
    task = asyncio.create_task(run(runtime))
    try:
        yield
    finally:
        runtime.stop.set()
        await task


async def until(true):
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)


async def decided(stage, count):
    async with asyncio.timeout(PATIENCE):
        while len(found := await stage.decisions()) < count:
            await asyncio.sleep(0.01)
    return {one.comment_id: one.reason for one in found}


def comments(name):
    """One author each, so that caps do not matter."""
    whose = {"author_key": f"author-of-{name}"}
    return (
        scored(f"{name}-high", **whose),
        scored(f"{name}-medium", author_key=f"another-of-{name}", verdict=MEDIUM),
        scored(f"{name}-en", author_key=f"english-of-{name}", language="en", script="Latn"),
    )


async def test_a_brake_is_known_before_the_first_decision_and_followed_from_then_on(stage, tmp_path):
    await set_brakes(stage, brake("paused", "en"), brake("raised"), brake("paused", campaign="another"))
    await stage.publish(*comments("first"))
    async with running(stage, tmp_path):
        reasons = await decided(stage, 3)
        assert reasons == {"first-high": "over_band", "first-medium": "under_band", "first-en": "paused"}
        await set_brakes(stage, brake("paused"), brake("released", "en"))
        await until(lambda: stage.counted("mahlan_brake_level", campaign="fakkar-eg", language="arz") == 2)
        await until(lambda: stage.counted("mahlan_brake_level", campaign="fakkar-eg", language="en") == 0)
        await stage.publish(*comments("then"))
        reasons = await decided(stage, 6)
    assert {name: reasons[name] for name in reasons if name.startswith("then")} == {
        "then-high": "paused",
        "then-medium": "paused",
        "then-en": "over_band",
    }


async def test_while_its_topic_cannot_be_read_the_last_brake_stays(stage, tmp_path):
    await set_brakes(stage, brake("paused"))
    async with running(stage, tmp_path):
        await stage.publish(*comments("before"))
        await decided(stage, 3)
        stage.broker.away = True
        await asyncio.sleep(0.2)
        stage.broker.away = False
        await stage.publish(*comments("after"))
        reasons = await decided(stage, 6)
    assert {reasons[f"{name}-high"] for name in ("before", "after")} == {"paused"}


async def test_what_an_author_has_seen_is_recorded_under_any_brake(stage, tmp_path):
    seen = scored("seen")
    then = NOON.replace(year=2024)
    ruling = make_ruling(seen, stage.campaign, no_history(seen.author_key, then), then)
    await set_brakes(stage, brake("paused"))
    async with running(stage, tmp_path):
        await stage.publish(replace(seen, ruling=ruling))
        assert await decided(stage, 1) == {"seen": "over_band"}
