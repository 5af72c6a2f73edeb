"""``GET /v1/nudges/stream``: what goes out, to whom, from where on, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from mahlan.core.history import no_history
from mahlan.core.policy import decide
from mahlan.events.codec import encode, envelope_of
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DECIDED
from mahlan.gateway import feed
from mahlan.runtime.broker import Outgoing
from tests.core.policy_cases import NOON, campaign, scored
from tests.gateway.stage import PATIENCE, Stage


@dataclass
class Events:
    """An open stream, read event by event."""

    answer: aiohttp.ClientResponse
    last_id: str = ""

    async def next(self) -> NudgeDecided | None:
        """The next nudge; None at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self.answer.content:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name:
                    fields[name] = value
                    continue
                self.last_id = fields.get("id", self.last_id)
                if fields.get("event") == "nudge":
                    return feed.decode_json(NudgeDecided, fields["data"].encode())
                fields = {}
        return None

    async def until_placed(self) -> None:
        """Until it has told where it begins: what is decided from now on comes."""
        async with asyncio.timeout(PATIENCE):
            async for line in self.answer.content:
                if line.startswith(b"id: "):
                    self.last_id = line.decode()[4:].strip()
                    return


@asynccontextmanager
async def following(stage: Stage, key: str = "", **options: Any) -> AsyncIterator[Events]:
    headers = {"Authorization": f"Bearer {key or stage.key}", **options.pop("headers", {})}
    url = stage.url + "/v1/nudges/stream"
    async with stage.session.get(url, headers=headers, **options) as answer:
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Events(answer)


def decision(number: int, **changes: Any) -> NudgeDecided:
    case = scored(f"c-{number}", author_key=f"author-{number:04d}")
    return replace(decide(case, campaign(), no_history(case.author_key, NOON), NOON), **changes)


async def decide_all(stage: Stage, *decisions: NudgeDecided) -> None:
    producer = await stage.broker.producer()
    records = []
    for one in decisions:
        value, headers = encode(one, envelope_of(one, id=one.decision_id, source="test", time=""))
        records.append(Outgoing(DECIDED.name, one.author_key.encode(), value, headers))
    await producer.send(records)


async def test_a_nudge_of_the_stream_comes_with_everything_to_show(stage: Stage) -> None:
    async with following(stage) as events:
        await events.until_placed()
        await decide_all(stage, decision(1))
        assert await events.next() == decision(1)


async def test_only_nudges_of_the_stream_come(stage: Stage) -> None:
    async with following(stage) as events:
        await events.until_placed()
        await decide_all(
            stage,
            decision(1, kind="none", reason="not_toxic", wording=None),
            decision(2, kind="holdout", reason="holdout", wording=None),
            decision(3, kind="suppress", reason="capped", wording=None),
            decision(4, door="check"),
            decision(5),
        )
        assert (await events.next()).comment_id == "c-5"


async def test_a_key_sees_its_own_platform_and_one_without_sees_all(stage: Stage) -> None:
    key = stage.add_key("stream", platform="square.example")
    await stage.until_known(key)
    async with following(stage) as every, following(stage, key) as own:
        await every.until_placed()
        await own.until_placed()
        await decide_all(
            stage, decision(1, platform="other.example"), decision(2), decision(3, platform="square.example")
        )
        assert (await own.next()).comment_id == "c-3"
        assert {(await every.next()).comment_id for _ in range(3)} == {"c-1", "c-2", "c-3"}


@pytest.mark.parametrize("by", ["header", "parameter"])
async def test_a_client_that_comes_back_misses_none_and_sees_none_twice(stage: Stage, by: str) -> None:
    await decide_all(stage, decision(0))
    async with following(stage) as events:
        await events.until_placed()
        await decide_all(stage, *map(decision, range(1, 30)))
        seen = [(await events.next()).comment_id for _ in range(10)]
        place = events.last_id
    await decide_all(stage, *map(decision, range(30, 40)))
    told = {"headers": {"Last-Event-ID": place}} if by == "header" else {"params": {"last_event_id": place}}
    async with following(stage, **told) as events:
        seen += [(await events.next()).comment_id for _ in range(29)]
    assert sorted(seen) == sorted(f"c-{number}" for number in range(1, 40))


async def test_a_client_that_lost_us_before_any_event_comes_back_to_where_it_was(stage: Stage) -> None:
    async with following(stage) as events:
        await events.until_placed()
    await decide_all(stage, decision(1))
    async with following(stage, headers={"Last-Event-ID": events.last_id}) as events:
        assert (await events.next()).comment_id == "c-1"


@pytest.mark.parametrize("place", ["kanarya", "1.", "-1", "1,2", "1" * 19, "٣"])
async def test_a_place_that_is_none_is_refused(stage: Stage, place: str) -> None:
    answer = await stage.ask("GET", "/v1/nudges/stream", headers={"Last-Event-ID": place})
    assert (answer.status, answer.json["field"]) == (400, "Last-Event-ID")
    answer = await stage.ask("GET", "/v1/nudges/stream", params={"last_event_id": place})
    assert (answer.status, answer.json["field"]) == (400, "last_event_id")
    assert place.encode() not in answer.body


async def test_a_place_beyond_the_log_or_of_more_partitions_does_no_harm(stage: Stage) -> None:
    async with following(stage, headers={"Last-Event-ID": "0.0.7.7"}) as events:
        await decide_all(stage, decision(1))
        assert (await events.next()).comment_id == "c-1"


async def test_a_silent_stream_has_a_heartbeat(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT", 0.05)
    monkeypatch.setattr(feed, "WAIT", 0.02)
    async with following(stage) as events:
        beats = 0
        async with asyncio.timeout(PATIENCE):
            async for line in events.answer.content:
                beats += line.startswith(b": still here")
                if beats == 3:
                    break


async def test_while_kafka_is_away_the_stream_stays_and_then_goes_on(stage: Stage) -> None:
    async with following(stage) as events:
        await events.until_placed()
        stage.broker.away = True
        await stage.until(lambda: stage.counted("mahlan_retries_total", reason="BrokerError") > 2)
        stage.broker.away = False
        await decide_all(stage, decision(1))
        assert (await events.next()).comment_id == "c-1"


async def test_more_streams_than_allowed_are_refused_and_a_closed_one_makes_room(tmp_path: Path) -> None:
    async with Stage(tmp_path, {"gateway_streams": 2}).running() as stage:
        async with following(stage), following(stage):
            await stage.until(lambda: stage.counted("mahlan_gateway_streams") == 2)
            answer = await stage.ask("GET", "/v1/nudges/stream")
            assert (answer.status, answer.code) == (503, "overloaded")
        await stage.until(lambda: stage.counted("mahlan_gateway_streams") == 0)
        async with following(stage) as events:
            await events.until_placed()


@pytest.mark.parametrize("change", [{"revoked": NOON}, {"scopes": ("check",)}, {"platform": "other.example"}])
async def test_a_key_that_may_no_longer_see_it_loses_its_open_stream(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    monkeypatch.setattr(feed, "WAIT", 0.02)
    key = stage.add_key("stream")
    await stage.until_known(key)
    async with following(stage, key) as events:
        await events.until_placed()
        stage.keys[-1] = replace(stage.keys[-1], **change)
        stage.write_keys()
        assert await events.next() is None


async def test_open_streams_end_when_the_gateway_is_told_to(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "WAIT", 0.02)
    async with following(stage) as events:
        await events.until_placed()
        stage.stop.set()
        assert await events.next() is None
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(stage.task)
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == [], "nothing had to be cut off"


def test_a_place_is_read_as_it_was_written() -> None:
    for positions in ({0: 12, 1: 5, 2: 0, 3: 9}, {0: 0}, {0: 10**18 - 1}):
        assert feed.read_place(feed.write_place(positions)) == positions
    assert orjson.dumps(feed.write_place({0: 1, 2: 3})) == b'"1.0.3"'
