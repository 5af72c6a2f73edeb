"""The board's numbers over HTTP: from insights, kept for seconds, shown on with their age when it is away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mahlan.campaign_files import read_campaign
from mahlan.core.messages import Creator
from mahlan.errors import SettingsError
from mahlan.gateway.board.answers import board_of
from mahlan.gateway.board.latest import Heard
from mahlan.gateway.board.source import LARGEST, Source, check_url
from tests.board.fake_insights import FakeInsights
from tests.board.invented import busy
from tests.gateway.stage import CAMPAIGN, ROOT, Answer, Stage

PUBLIC = f"/v1/public-board/{CAMPAIGN}"
BOARD = f"/v1/board/{CAMPAIGN}"


async def ask(stage: Stage, path: str = BOARD, **options: Any) -> Answer:
    answer = await stage.ask("GET", path, **options)
    assert answer.status == 200, answer.body
    return answer


async def test_it_is_what_the_service_tells(board: Stage) -> None:
    answer = await ask(board)
    assert answer.json["insights"] == "here"
    assert answer.json["numbers"] == busy()
    assert answer.json["campaign"]["id"] == CAMPAIGN
    assert answer.headers["content-type"] == "application/json"
    assert board.counted("mahlan_gateway_insights_total", result="ok") == 1


async def test_the_list_begins_with_the_campaign_in_force(board: Stage) -> None:
    told = (await ask(board, "/v1/board")).json
    assert (told["insights"], told["campaigns"][0]["id"]) == (True, CAMPAIGN)
    assert told["campaigns"][0]["hashtags"] == ["#فكر_قبل_ما_تنشر", "#Practicethepause"]


async def test_nothing_goes_through_that_has_no_name(board: Stage, insights: FakeInsights) -> None:
    told = busy()
    told["author_key"] = told["challenge"]["author"] = told["nudges"]["by_day"][0]["text"] = "canary"
    insights.told[CAMPAIGN] = told
    assert (await ask(board)).json["numbers"] == busy()
    assert b"canary" not in (await ask(board, PUBLIC)).body


@pytest.mark.parametrize("path", ["/v1/board/another", "/v1/public-board/another"])
async def test_a_campaign_that_there_is_not(board: Stage, insights: FakeInsights, path: str) -> None:
    answer = await board.ask("GET", path)
    assert (answer.status, answer.code) == (404, "not_found")
    assert insights.asked == []


async def test_the_service_is_asked_once_however_many_look(board: Stage, insights: FakeInsights) -> None:
    insights.gate.clear()
    looks = [asyncio.create_task(ask(board)) for _ in range(20)]
    await board.until(lambda: bool(insights.asked))
    insights.gate.set()
    await asyncio.gather(*looks)
    await ask(board)
    assert insights.asked == [CAMPAIGN]
    board.clock.forward(seconds=3)
    await ask(board)
    assert insights.asked == [CAMPAIGN] * 2


async def test_what_did_not_change_is_not_sent_again_but_its_age_is(board: Stage, insights: FakeInsights) -> None:
    first = await ask(board)
    board.clock.forward(seconds=7)
    insights.told[CAMPAIGN] = busy() | {"as_of": "2026-11-29T12:00:07Z", "data_age_seconds": 2.0}
    mark = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    same = await board.ask("GET", BOARD, headers=mark)
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (first.headers["mahlan-data-age"], same.headers["mahlan-data-age"]) == ("1", "2")
    board.clock.forward(seconds=3)
    insights.told[CAMPAIGN] = busy(more=1)
    other = await board.ask("GET", BOARD, headers=mark)
    assert (other.status, other.json["numbers"]) == (200, busy(more=1))


async def test_when_the_service_is_away_the_last_numbers_are_shown_with_their_age(
    board: Stage, insights: FakeInsights
) -> None:
    before = await ask(board)
    insights.stop()
    board.clock.forward(minutes=4)
    away = await ask(board)
    assert (away.json["insights"], away.json["reason"]) == ("away", "unreachable")
    assert (away.json["numbers"], away.json["age_seconds"]) == (busy(), 241.0)
    assert away.headers["etag"] != before.headers["etag"]
    insights.start()
    board.clock.forward(seconds=3)
    back = await ask(board)
    assert (back.json["insights"], back.json["reason"], back.json["age_seconds"]) == ("here", None, 1.0)
    assert back.headers["etag"] == before.headers["etag"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": 500}, "refused"),
        ({"status": 302}, "refused"),
        ({"raw": b"<html>"}, "unreadable"),
        ({"raw": b"[]"}, "unreadable"),
        ({"told": {CAMPAIGN: busy() | {"challenge": {"posts": -1}}}}, "unreadable"),
        ({"told": {CAMPAIGN: busy("another")}}, "unreadable"),
        ({"raw": b" " * (LARGEST + 1)}, "unreadable"),
    ],
)
async def test_an_answer_that_is_none(
    board: Stage, insights: FakeInsights, change: dict[str, Any], reason: str
) -> None:
    for name, value in change.items():
        setattr(insights, name, value)
    told = (await ask(board)).json
    assert (told["insights"], told["reason"], told["numbers"], told["age_seconds"]) == ("away", reason, None, None)
    assert board.counted("mahlan_gateway_insights_total", result=reason) == 1


async def test_a_slow_service_holds_nobody_up_for_long(tmp_path: Path, insights: FakeInsights) -> None:
    options = {"gateway_insights_url": insights.url, "gateway_timeout": 0.4}
    async with Stage(tmp_path, options=options).running() as stage:
        insights.gate.clear()
        assert (await ask(stage)).json["reason"] == "timeout"
        insights.gate.set()


async def test_a_campaign_that_the_service_does_not_know_yet(board: Stage, insights: FakeInsights) -> None:
    insights.told.clear()
    told = (await ask(board)).json
    assert (told["insights"], told["reason"], told["numbers"]) == ("here", None, None)


async def test_without_a_service_it_says_so(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.make_public()
    async with stage.running():
        assert (await ask(stage, "/v1/board")).json["insights"] is False
        for path in (BOARD, PUBLIC):
            told = (await ask(stage, path)).json
            assert (told["insights"], told["numbers"], told["age_seconds"]) == ("unset", None, None)


async def test_without_keys_this_machine_may_look(tmp_path: Path, insights: FakeInsights) -> None:
    options = {"gateway_insights_url": insights.url, "gateway_auth": "off"}
    async with Stage(tmp_path, options=options).running() as stage:
        assert (await ask(stage, key=None)).json["insights"] == "here"
        elsewhere = await stage.ask("GET", BOARD, key=None, headers={"Origin": "https://site.example"})
        assert elsewhere.status == 403


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host",
        "host:80",
        "http://",
        "http://a:b@host",
        "http://host?x=1",
        "http://host/#x",
        "http://[",
        "http://h:0",
    ],
)
def test_an_address_that_cannot_be_one_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match="MAHLAN_GATEWAY_INSIGHTS_URL: write http://HOST:PORT"):
        check_url(url)


async def test_it_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch, insights: FakeInsights) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    source = Source(insights.url, 5.0)
    assert await source.fetch(CAMPAIGN) is not None
    await source.close()


def test_creators_who_agreed_to_be_heard_have_their_names() -> None:
    shipped = read_campaign(ROOT / "campaigns" / f"{CAMPAIGN}.toml")
    seats = (Creator(id="creator-1", name="Salma"), Creator(id="creator-2", name="[…]", placeholder=True))
    now = datetime(2026, 11, 29, tzinfo=UTC)
    told = board_of(replace(shipped, creators=seats), Heard("here"), now)
    assert (told.creators, board_of(shipped, Heard("here"), now).creators) == ({"creator-1": "Salma"}, {})


async def test_it_shows_the_token_that_insights_wants(tmp_path: Path, insights: FakeInsights) -> None:
    options = {"gateway_insights_url": insights.url, "insights_token": "a token for tests"}
    async with Stage(tmp_path, options=options).running() as stage:
        await ask(stage)
    assert insights.tokens == ["Bearer a token for tests"]
