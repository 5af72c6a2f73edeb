"""An insights worker on a real Kafka sets the brake where the budget burns, shows it, and follows the campaign file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mahlan.core.assignment import decision_id
from mahlan.events.nudge import NudgeOutcome
from mahlan.runtime.brakes import read_brakes
from tests.core.insights.stories import decision, wording
from tests.insights.processes import Stage, Worker

AUTHORS = 40

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]


async def row_of(stage: Stage, worker: Worker, language: str) -> dict[str, Any]:
    told = await stage.answer(worker)
    return next(row for row in told["budget"] if row["language"] == language)


async def until(stage: Stage, worker: Worker, language: str, **wanted: Any) -> dict[str, Any]:
    async with asyncio.timeout(120):
        while True:
            row = await row_of(stage, worker, language)
            if wanted.items() <= row.items():
                return row
            await asyncio.sleep(0.5)


async def dispute(stage: Stage, language: str) -> None:
    """Nudges of many authors, each shown and called a mistake, a minute ago."""
    campaign, at = stage.campaign.id, datetime.now(UTC) - timedelta(minutes=1)
    for number in range(AUTHORS):
        comment, author = f"{stage.run}-{language}-{number}", f"{stage.run}-{language}-{number:04d}"
        common = {"campaign": campaign, "author_key": author, "language": language}
        made = decision(comment, "nudge", **common, wording=wording(), occurred_at=at, decided_at=at)
        outcomes = [
            NudgeOutcome(
                decision_id=decision_id(campaign, comment, 0),
                comment_id=comment,
                author_key=author,
                outcome=kind,
                occurred_at=at + timedelta(seconds=seconds),
            )
            for seconds, kind in enumerate(("shown", "disputed"), 1)
        ]
        await stage.publish([made, *outcomes])


async def test_a_budget_that_burns_brakes_its_language_alone_and_the_file_says_how_much_it_is(stage: Stage):
    worker = stage.start()
    await dispute(stage, "arz")
    row = await until(stage, worker, "arz", shown=AUTHORS, disputed=AUTHORS, brake="raised")
    assert row["code"] == "burning_1h"
    assert (await row_of(stage, worker, "en"))["brake"] == "released"
    brakes = await read_brakes(stage.broker)
    assert [(key[1], brake.level, brake.set_by) for key, brake in brakes.items() if key[0] == stage.campaign.id] == [
        ("arz", "raised", "insights")
    ]
    text = stage.file.read_text("utf-8")
    stage.file.write_text(text.replace("disputes = 0.02", "disputes = 0.04"), "utf-8")
    await until(stage, worker, "arz", allowed=0.04)
