"""Playing the week: the clock waits for decisions, everything is published once, and the end is the end."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from mahlan.cli import demo_scenario, scenario_view
from mahlan.demo.actors import Cast
from mahlan.demo.ledger import Ledger
from mahlan.demo.performance import SLACK, Performance
from mahlan.demo.recount.comparison import Difference
from mahlan.demo.scenario import Scene
from mahlan.demo.supervisor import Supervisor
from mahlan.demo.week import WEEK, plan_week
from mahlan.events.topics import DECIDED, OUTCOMES, SUBMITTED
from mahlan.runtime.broker import Outgoing, Record

BEGINS = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
#: A week in a second, so that its clock is ahead of everything at once.
SPEED = WEEK.total_seconds()


class Kept:
    """A producer that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []

    async def send(self, records) -> None:
        self.records += records


def performance(count: int, speed: float = SPEED) -> tuple[Performance, Kept]:
    producer = Kept()
    playing = Performance(Cast("run", "a-salt", 1, BEGINS), producer, speed)
    playing.add(plan_week(count, 1, BEGINS))
    return playing, producer


def decision(record: Outgoing, offset: int) -> Record:
    """What the dispatcher says of an insult, or of anything else."""
    comment = orjson.loads(record.value)
    rude = any(word in comment["text"] for word in ("stupid", "غبي", "ghaby")) and not comment["revision"]
    event = {
        "decision_id": f"{offset:032x}",
        "comment_id": comment["comment_id"],
        "revision": comment["revision"],
        "author_key": "0" * 32,
        "kind": "nudge" if rude else "none",
        "wording": {"arm": "plain"},
    }
    return Record(DECIDED.name, 0, offset, b"k", orjson.dumps(event))


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("speed", [SPEED, 0.0])
async def test_the_clock_waits_for_the_oldest_comment_without_a_decision(speed):
    playing, producer = performance(200, speed)
    running = asyncio.create_task(playing.run())
    await until(lambda: producer.records)
    await asyncio.sleep(0.5)
    first = next(iter(playing.cast.undecided.values()))
    assert first.sent <= playing.now <= first.sent + SLACK
    assert len(producer.records) < 100
    assert not playing.over
    running.cancel()


async def test_everything_is_published_once_and_in_the_order_of_the_week():
    playing, producer = performance(300)
    running, heard = asyncio.create_task(playing.run()), 0
    while not running.done():
        for record in producer.records[heard:]:
            heard += 1
            if record.topic == SUBMITTED.name:
                playing.hear(decision(record, heard))
        await asyncio.sleep(0.01)
    await running
    submitted = [record for record in producer.records if record.topic == SUBMITTED.name]
    told = [record for record in producer.records if record.topic == OUTCOMES.name]
    assert playing.over
    assert len(submitted) == len(set(playing.published)) == len(playing.published) > 300
    assert playing.told == len(told) > 5
    by_author: dict[bytes, list[str]] = {}
    for record in submitted:
        if orjson.loads(record.value)["revision"] == 0:
            by_author.setdefault(record.key, []).append(orjson.loads(record.value)["occurred_at"])
    assert all(times == sorted(times) for times in by_author.values())


def scene(tmp_path: Path) -> Scene:
    """A run that is over, with a board of nothing."""
    effect = {"measure": "toxic_posted", "state": "lower", "difference": -0.2, "low": -0.3, "high": -0.1}
    sides = {"treated": {"authors": 9, "mean": 0.5}, "control": {"authors": 9, "mean": 0.7}}
    outcomes = dict.fromkeys(scenario_view.ENDINGS, 1)
    return Scene(
        Ledger("run"),
        Supervisor({}, tmp_path),
        tmp_path,
        1,
        board="http://127.0.0.1:1",
        numbers={
            "challenge": {"posts": 12, "joiners": 5},
            "nudges": {"comments": 7, "decisions": {"nudge": 3}, "outcomes": outcomes},
            "effect": [effect | sides, {"measure": "volume", "state": "not_enough"}],
        },
    )


async def stayed(tmp_path: Path) -> None:
    """Everything is up until Ctrl-C."""
    staying = asyncio.create_task(demo_scenario._stay(scene(tmp_path)))
    await asyncio.sleep(0.2)
    assert not staying.done()
    os.kill(os.getpid(), signal.SIGINT)
    async with asyncio.timeout(5):
        await staying


async def test_for_a_person_the_board_stays_up_until_ctrl_c(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(demo_scenario, "is_terminal", lambda: True)
    await stayed(tmp_path)
    shown = capsys.readouterr().out
    assert "http://127.0.0.1:1/board" in shown
    assert "each equal to a recount" in shown
    assert "0.50 where asked, 0.70 where held out; difference -0.20, between -0.30 and -0.10" in shown
    assert "comments, by author: not enough yet" in shown


async def test_into_a_pipe_goes_json_and_the_board_stays_up_too(tmp_path, capsys):
    await stayed(tmp_path)
    shown = capsys.readouterr()
    assert orjson.loads(shown.out)["numbers"]["nudges"]["comments"] == 7
    assert "the board: http://127.0.0.1:1/board" in shown.err


def test_a_difference_is_not_right(tmp_path, capsys):
    wrong = scene(tmp_path)
    assert wrong.is_right
    wrong.differences = [Difference("nudges.comments", 7, 8)]
    assert not wrong.is_right
    scenario_view.show(wrong)
    assert "NOT right" in capsys.readouterr().out
    nothing = scene(tmp_path)
    nothing.numbers = {}
    assert not nothing.is_right, "a board that never came is no board that is right"
