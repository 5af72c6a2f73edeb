"""Everybody's board over HTTP: counts alone, no small ones, and nobody waits for the insights service."""

from __future__ import annotations

import asyncio
from pathlib import Path

import jsonschema
import pytest

from tests.board.fake_insights import FakeInsights
from tests.board.invented import busy, empty
from tests.gateway.stage import CAMPAIGN, Answer, Stage
from tests.gateway.test_board import BOARD, ask

PUBLIC = f"/v1/public-board/{CAMPAIGN}"


async def known(stage: Stage) -> Answer:
    """The public board, once the service has answered."""
    async with asyncio.timeout(20):
        while (answer := await ask(stage, PUBLIC, key=None)).json["insights"] == "waiting":
            await asyncio.sleep(0.01)
    return answer


async def test_a_campaign_that_is_not_public_looks_like_none(tmp_path: Path, insights: FakeInsights) -> None:
    async with Stage(tmp_path, options={"gateway_insights_url": insights.url}).running() as stage:
        hidden = await stage.ask("GET", PUBLIC, key=None)
        none = await stage.ask("GET", "/v1/public-board/another", key=None)
    assert (hidden.status, hidden.body) == (none.status, none.body) == (404, none.body)


async def test_nobody_waits_at_the_public_board(board: Stage, insights: FakeInsights) -> None:
    insights.gate.clear()
    first = await ask(board, PUBLIC, key=None)
    assert (first.json["insights"], first.json["numbers"]) == ("waiting", None)
    insights.gate.set()
    assert (await known(board)).json["insights"] == "here"
    assert insights.asked == [CAMPAIGN]


async def test_the_public_board_has_counts_and_no_small_ones(board: Stage, insights: FakeInsights) -> None:
    told = busy()
    told["challenge"]["by_language"][-1] |= {"posts": 7, "joiners": 3}
    insights.told[CAMPAIGN] = told
    answer = (await known(board)).json
    numbers = answer["numbers"]
    assert (answer["least"], numbers["posts"], numbers["nudges"]) == (10, 5420, 9410)
    assert set(numbers) == {
        *("as_of", "first_day", "last_day", "posts", "joiners", "authors", "comments", "nudges", "outcomes"),
        *("by_day", "by_language", "by_hashtag"),
    }
    assert numbers["by_language"][-2:] == [
        {"language": "arz-Latn", "posts": None, "joiners": None},
        {"language": "en", "posts": None, "joiners": None},
    ]
    assert numbers["by_day"][0] == {"day": "2026-11-20", "posts": 10, "joiners": None}
    # Alone it could be worked out.
    assert [row["joiners"] for row in numbers["by_day"]].count(None) == 2
    rows = [*numbers["by_day"], *numbers["by_language"], *numbers["by_hashtag"], numbers["outcomes"]]
    counts = [value for row in rows for value in row.values() if isinstance(value, int)]
    assert all(count >= 10 and count % 10 == 0 for count in counts)


async def test_an_empty_campaign_is_public_too(board: Stage, insights: FakeInsights) -> None:
    insights.told[CAMPAIGN] = empty()
    assert (await known(board)).json["numbers"]["posts"] is None


@pytest.mark.parametrize(("path", "shape"), [(BOARD, "BoardAnswer"), (PUBLIC, "PublicBoardAnswer")])
async def test_it_is_as_the_document_says(board: Stage, path: str, shape: str) -> None:
    await known(board)
    document = (await ask(board, "/openapi.json")).json
    schema = {"$ref": f"#/components/schemas/{shape}", "components": document["components"]}
    told = (await ask(board, path)).json
    jsonschema.Draft202012Validator(schema).validate(told)
    assert told["numbers"] is not None


@pytest.mark.parametrize("path", ["/board", "/public-board"])
async def test_the_page_is_for_everybody_and_loads_nothing_from_elsewhere(stage: Stage, path: str) -> None:
    page = await stage.ask("GET", path, key=None)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "'unsafe" not in page.headers["content-security-policy"]
    assert (await stage.ask("GET", "/board/board.js", key=None)).status == 200
