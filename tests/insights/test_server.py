"""What workers tell over HTTP: all partitions by asking each other, within a bounded time, with or without a token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from mahlan.campaign_files import load_campaigns
from mahlan.core.insights.terms import Patience, all_terms
from mahlan.insights import SERVICE
from mahlan.insights.peers import Peers
from mahlan.insights.server import Server, listen
from mahlan.insights.state import PartitionState
from mahlan.insights.step import Rules, Step
from mahlan.insights.view import View
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.metrics import Metrics, build_metrics
from mahlan.runtime.settings import Settings
from tests.core.insights.stories import CAMPAIGN, NOON, decision, outcome

CAMPAIGNS = load_campaigns(Settings())
RULES = Rules(all_terms(CAMPAIGNS.values()), Patience())
PARTITIONS = 4


def state(number: int, *events: Any) -> PartitionState:
    """A partition's state after these events."""
    found = PartitionState(number)
    step = Step(found, RULES)
    for event in events:
        if hasattr(event, "kind"):
            step.decide(event)
        else:
            step.tell(event, 1)
    found.accept(found.records(step.changes()))
    return found


@dataclass
class Group:
    """Workers that know of each other, as Faust would tell them."""

    addresses: dict[str, list[int]] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=build_metrics)
    token: str = ""
    partitions: int = PARTITIONS

    @asynccontextmanager
    async def worker(self, *states: PartitionState, token: str | None = None) -> AsyncIterator[str]:
        """A worker with these partitions; its address."""
        listening = listen("127.0.0.1", 0)
        own = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.addresses[own] = [one.number for one in states]
        peers = Peers(lambda: self.addresses, own, self.token, 0.5, self.metrics)
        mine = {one.number: one for one in states}
        view = View(
            mine,
            self.partitions,
            CAMPAIGNS,
            peers,
            Brakes(self.metrics, SERVICE),
            lambda _: 1.5,
            (NOON + timedelta(hours=2)).timestamp,
        )
        server = Server(view, self.token if token is None else token, self.metrics)
        await server.open(listening)
        try:
            yield own
        finally:
            await server.close()
            await peers.close()

    def failures(self) -> float:
        return (
            self.metrics.registry.get_sample_value("mahlan_insights_peer_failures_total", {"service": "insights"})
            or 0.0
        )


async def get(url: str, token: str = "", **params: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers, params=params) as response:
        return response.status, await response.json()


def posts(number: int, author: str) -> list[Any]:
    return [
        decision(f"c-{author}-{at}", hashtags=("practicethepause",), author_key=f"author-{author}")
        for at in range(number)
    ]


async def test_every_worker_answers_for_all_partitions():
    group = Group()
    nudged = [decision("c-n", "nudge", author_key="author-n"), outcome("c-n", "revised", author_key="author-n")]
    async with (
        group.worker(state(0, *posts(2, "a")), state(1, *posts(1, "b"))) as first,
        group.worker(state(2, *nudged), state(3)) as second,
        group.worker() as idle,
    ):
        answers = [await get(f"{own}/insights/{CAMPAIGN}") for own in (first, second, idle)]
    for status, told in answers:
        assert status == 200
        assert told["complete"]
        assert told["partitions"] == {"answered": 4, "all": 4}
        assert (told["challenge"]["posts"], told["challenge"]["joiners"]) == (3, 2)
        assert told["challenge"]["authors"] == {"estimate": 2, "low": 2, "high": 3}
        assert told["nudges"]["outcomes"]["revised"] == 1
        assert told["data_age_seconds"] == 1.5
    assert answers[0][1] == answers[1][1]


async def test_a_worker_that_is_away_is_left_out_soon_and_told():
    group = Group()
    group.addresses["http://127.0.0.1:9"] = [3]
    async with group.worker(state(0, *posts(2, "a")), state(1), state(2)) as own:
        _, told = await get(f"{own}/insights/{CAMPAIGN}")
    assert not told["complete"]
    assert told["partitions"] == {"answered": 3, "all": 4}
    assert told["challenge"]["posts"] == 2
    assert group.failures() == 1


async def test_a_worker_that_does_not_answer_holds_nobody_up():
    group = Group()
    silent = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(60), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    group.addresses[f"http://127.0.0.1:{port}"] = [3]
    async with group.worker(state(0), state(1), state(2)) as own:
        began = time.monotonic()
        _, told = await get(f"{own}/insights/{CAMPAIGN}")
        assert time.monotonic() - began < 5
    silent.close()
    assert (told["complete"], group.failures()) == (False, 1)


async def test_a_partition_that_two_workers_tell_counts_once_as_who_has_read_further_has_it():
    group = Group()
    old, new = state(0, *posts(2, "a")), state(0, *posts(2, "a"), *posts(1, "b"))
    assert old.read_to < new.read_to
    async with group.worker(old, state(1)) as first, group.worker(new, state(2), state(3)) as second:
        for own in (first, second):
            _, told = await get(f"{own}/insights/{CAMPAIGN}")
            assert (told["complete"], told["challenge"]["posts"]) == (True, 3)


async def test_an_answer_is_used_again_for_a_moment():
    group = Group(partitions=1)
    counts = state(0, *posts(1, "a"))
    async with group.worker(counts) as own:
        _, first = await get(f"{own}/insights/{CAMPAIGN}")
        counts.sums.clear()
        _, second = await get(f"{own}/insights/{CAMPAIGN}")
    assert first == second


async def test_campaigns_are_listed_and_unknown_ones_refused():
    group = Group()
    other = decision("c-1", campaign="of-another-day")
    async with group.worker(state(0)) as own, group.worker(state(1, other)):
        status, told = await get(f"{own}/insights")
        assert (status, told) == (200, {"campaigns": sorted([*CAMPAIGNS, "of-another-day"])})
        _, told = await get(f"{own}/insights/of-another-day")
        assert (told["nudges"]["comments"], told["effect"], told["sample_ratio"]) == (1, [], None)
        status, told = await get(f"{own}/insights/nobody")
        assert (status, told) == (404, {"error": "no such campaign; GET /insights lists them"})
        status, _ = await get(f"{own}/elsewhere")
        assert status == 404


async def test_with_a_token_nobody_is_answered_without_it():
    group = Group(token="s3cret-of-the-group")
    async with group.worker(state(0), state(1)) as own, group.worker(state(2), state(3)):
        for token in ("", "s3cret", "s3cret-of-the-grouq"):
            status, told = await get(f"{own}/insights/{CAMPAIGN}", token)
            assert status == 401
            assert "s3cret" not in str(told)
        status, told = await get(f"{own}/insights/{CAMPAIGN}", group.token)
        assert (status, told["complete"]) == (200, True)


async def test_a_peer_with_another_token_is_left_out():
    group = Group(token="one")
    async with group.worker(state(0)) as own, group.worker(state(1), token="another"):
        _, told = await get(f"{own}/insights/{CAMPAIGN}", "one")
    assert told["partitions"]["answered"] == 1


async def test_what_is_told_holds_no_author_and_no_comment():
    group = Group()
    nudged = [decision("c-secret", "nudge", author_key="author-secret"), *posts(1, "secret")]
    async with group.worker(state(0, *nudged, outcome("c-secret", "shown", author_key="author-secret"))) as own:
        for params in ({}, {"own": "1"}):
            _, told = await get(f"{own}/insights/{CAMPAIGN}", **params)
            assert "secret" not in str(told)


def test_a_port_that_is_taken_is_told():
    from mahlan.errors import SettingsError

    with listen("127.0.0.1", 0) as taken, pytest.raises(SettingsError, match="MAHLAN_INSIGHTS_PORT: cannot listen on"):
        listen("127.0.0.1", taken.getsockname()[1])
