"""Two doors, one history: the gateway and a real dispatcher on one broker never ask an author twice for one comment."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from mahlan.campaign_files import load_campaign
from mahlan.dispatcher.counting import Counting
from mahlan.dispatcher.lease import Lease
from mahlan.dispatcher.worker import Worker, WorkerOptions
from mahlan.events.codec import encode, envelope_of
from mahlan.events.comment import CommentScored
from mahlan.events.nudge import AuthorHistory, NudgeDecided
from mahlan.events.topics import SCORED
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.broker import Outgoing, Partition
from mahlan.runtime.http import Health
from mahlan.runtime.metrics import build_metrics
from tests.core.policy_cases import scored
from tests.gateway.stage import FRIENDLY, Stage


@dataclass
class Doors:
    """``check`` is one door, ``submit`` the other."""

    gateway: Stage
    brakes: Brakes = field(default_factory=lambda: Brakes(build_metrics(), "dispatcher"))
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def open_stream(self) -> None:
        """A dispatcher as ``mahlan run dispatcher`` builds it."""
        campaign = load_campaign(self.gateway.settings())
        worker = Worker(
            broker=self.gateway.broker,
            producer=await self.gateway.broker.producer(),
            campaign=campaign,
            brakes=self.brakes,
            options=WorkerOptions(
                group="d", source="test", batch=100, max_wait=0.02, tail=1000, session_timeout=10.0, settle=0.0
            ),
            counting=Counting(build_metrics(), campaign.languages),
            health=Health(),
            beat=lambda: None,
            lease=Lease(10.0),
            clock=self.gateway.clock,
        )
        self.task = asyncio.create_task(worker.run(self.stop))

    async def submit(self, comment_id: str, **changes: Any) -> None:
        """A hurtful comment as the scorer writes it."""
        event = scored(comment_id, **{"author_key": "author-1", "occurred_at": self.gateway.clock.now, **changes})
        value, headers = encode(event, envelope_of(event, id=f"{comment_id}/0", source="scorer", time=""))
        producer = await self.gateway.broker.producer()
        await producer.send([Outgoing(SCORED.name, event.author_key.encode(), value, headers)])

    def _is_idle(self) -> bool:
        group = self.gateway.broker.groups.get("d")
        committed = group.committed if group else {}
        logs = self.gateway.broker.topics[SCORED.name]
        return all(committed.get(Partition(SCORED.name, number), 0) == len(log) for number, log in enumerate(logs))

    async def until_decided(self) -> list[NudgeDecided]:
        """All decisions, once the dispatcher has read everything and the gateway knows the histories."""
        await self.gateway.until(self._is_idle)
        await self.gateway.until_followed()
        return await self.gateway.events(NudgeDecided)


@pytest.fixture
async def doors(stage: Stage) -> AsyncIterator[Doors]:
    doors = Doors(stage)
    await doors.open_stream()
    yield doors
    doors.stop.set()
    assert doors.task is not None
    await doors.task


async def test_a_check_is_recorded_as_it_was_answered(doors: Doors) -> None:
    answer = (await doors.gateway.check()).json
    await doors.gateway.until_sent(CommentScored, 1)
    doors.gateway.clock.forward(seconds=5)
    (decision,) = await doors.until_decided()
    assert (decision.decision_id, decision.kind, decision.reason) == (answer["nudge_id"], "nudge", "over_band")
    assert (decision.door, decision.state, decision.model) == ("check", "draft", "fast@1")
    assert decision.wording.text == answer["wording"]["text"]
    assert [list(span) for span in decision.spans] == answer["spans"]


async def test_who_was_asked_at_the_door_is_not_asked_again_by_the_stream(doors: Doors) -> None:
    await doors.gateway.check()
    await doors.gateway.until_sent(CommentScored, 1)
    await doors.submit("c-1")  # the same comment, posted anyway
    await doors.submit("c-2")  # another one of the same author
    decisions = {decision.comment_id: decision for decision in await doors.until_decided()}
    assert {name: (one.kind, one.reason, one.door) for name, one in decisions.items()} == {
        "c-1": ("nudge", "over_band", "check"),
        "c-2": ("suppress", "cooling_down", "stream"),
    }
    await doors.submit("c-1", revision=1)
    assert [one.reason for one in await doors.until_decided() if one.revision == 1] == ["already_nudged"]


async def test_who_was_asked_by_the_stream_is_not_asked_again_at_the_door(doors: Doors) -> None:
    await doors.submit("c-1")
    (decision,) = await doors.until_decided()
    assert (decision.kind, decision.door) == ("nudge", "stream")
    assert (await doors.gateway.check("c-2")).json["reason"] == "cooling_down"
    assert (await doors.gateway.check("c-1", revision=1)).json["reason"] == "already_nudged"
    # The very comment: the answer that the stream gave, and nothing to record.
    again = (await doors.gateway.check("c-1")).json
    assert (again["nudge_id"], again["decision"], again["recorded"]) == (decision.decision_id, "nudge", True)
    decisions = await doors.until_decided()
    assert Counter(one.comment_id for one in decisions) == {"c-1": 2, "c-2": 1}
    assert len({one.decision_id for one in decisions}) == 3


async def test_caps_count_through_both_doors(doors: Doors) -> None:
    for number, ask in enumerate((doors.gateway.check, doors.submit, doors.gateway.check)):
        await ask(f"c-{number}")
        await doors.gateway.until_sent(CommentScored, number + 1)
        assert [one.kind for one in await doors.until_decided()].count("nudge") == number + 1
        doors.gateway.clock.forward(minutes=11)
    await doors.submit("stream")
    assert (await doors.gateway.check("door")).json["reason"] == "capped"
    reasons = {one.comment_id: one.reason for one in await doors.until_decided()}
    assert reasons["stream"] == "capped"


async def test_both_doors_at_once_give_one_decision_for_each_comment(doors: Doors) -> None:
    names = [f"c-{number}" for number in range(20)]
    await asyncio.gather(*(ask(name) for name in names for ask in (doors.gateway.check, doors.submit)))
    # A check that finds the stream's decision in the history writes none of its own.
    await doors.gateway.until_sent(CommentScored, 20)
    times = Counter(decision.decision_id for decision in await doors.until_decided())
    assert (len(times), set(times.values())) == (20, {1})


async def test_a_ruling_that_comes_late_is_still_the_decision(stage: Stage) -> None:
    """No dispatcher runs while the check is answered: what its author has seen is recorded hours later."""
    answer = (await stage.check()).json
    at = stage.clock.now
    await stage.until_sent(CommentScored, 1)
    stage.clock.forward(hours=5)
    doors = Doors(stage)
    await doors.open_stream()
    (decision,) = await doors.until_decided()
    assert (decision.decision_id, decision.decided_at) == (answer["nudge_id"], at)
    doors.stop.set()
    await doors.task


async def test_an_erased_author_is_forgotten_behind_both_doors(doors: Doors) -> None:
    stage = doors.gateway
    stage.broker.clock = lambda: stage.clock().timestamp()
    await stage.check()
    await stage.until_sent(CommentScored, 1)
    await doors.until_decided()
    assert [len(one.nudges) for one in await stage.events(AuthorHistory)] == [1]
    stage.clock.forward(minutes=1)
    assert (await stage.ask("DELETE", "/v1/authors/author-1/data")).status == 200
    await stage.until_followed()
    stage.clock.forward(minutes=1)
    assert (await stage.check("c-2", FRIENDLY)).json["decision"] == "none"
    await asyncio.sleep(1)  # the dispatcher looks for erasures twice a second
    await doors.submit("c-3")
    decisions = {one.comment_id: one for one in await doors.until_decided()}
    assert (decisions["c-3"].kind, decisions["c-3"].door) == ("nudge", "stream")
