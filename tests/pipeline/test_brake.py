"""A person pauses a campaign and releases it, with the command: every process on a real Kafka follows, killed or not.

Its campaign is of this test alone: a brake stays on the topic for whoever comes after.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.core.policy_cases import CAMPAIGN_FILE
from tests.pipeline.conftest import Pipeline, gateway_settings, start_gateway
from tests.pipeline.test_doors import PATIENCE, Site

NAME = f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def extra(tmp_path: Path) -> dict[str, str]:
    text = CAMPAIGN_FILE.read_text("utf-8").replace("fakkar-eg", NAME).replace("share = 0.10", "share = 0.0")
    campaigns = tmp_path / "campaigns"
    campaigns.mkdir()
    (campaigns / "mine.toml").write_text(text.replace("active = true", "active = true\ntest = true", 1), "utf-8")
    return {**gateway_settings(tmp_path), "MAHLAN_CAMPAIGNS_DIR": str(campaigns), "MAHLAN_CAMPAIGN": NAME}


@pytest.fixture
async def site(pipeline: Pipeline) -> AsyncIterator[Site]:
    url = await start_gateway(pipeline)
    async with aiohttp.ClientSession() as session:
        yield Site(session, url, pipeline)


async def campaigns(site: Site, act: str) -> None:
    """``mahlan campaigns pause`` or ``release``, as a person runs it."""
    environment = {**os.environ, **site.pipeline.supervisor.environment}
    line = [sys.executable, "-m", "mahlan", "campaigns", act, NAME, "--language", "en", "--reason", "a test"]
    done = await asyncio.to_thread(subprocess.run, line, env=environment, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


async def both_say(site: Site, round_: str, told: str) -> None:
    """At both doors, to people who were never asked; the stream once the gateway knows, and so soon after it."""
    assert await site.until_known(f"{round_}-preview", f"{round_}-nobody", told.split()[1]) == told
    assert await site.check(f"{round_}-check", f"{round_}-author-1") == told
    async with asyncio.timeout(PATIENCE):
        for number in range(1000):
            comment = f"{round_}-stream-{number}"
            await site.publish(comment, f"{round_}-author-of-{number}")
            decision = await site.decided(comment)
            assert decision.door == "stream"
            if f"{decision.kind} {decision.reason}" == told:
                return
            assert number < 20, "a dispatcher that does not follow"


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_pause_by_a_person_holds_at_both_doors_through_a_kill_until_it_is_released(site: Site) -> None:
    await both_say(site, "before", "nudge over_band")
    await campaigns(site, "pause")
    await both_say(site, "paused", "suppress paused")
    site.pipeline.supervisor.kill("dispatcher")
    comment = "killed-stream"
    await site.publish(comment, "author-after-the-kill")
    assert (await site.decided(comment)).reason == "paused", "known before the first decision"
    await campaigns(site, "release")
    await both_say(site, "released", "nudge over_band")
