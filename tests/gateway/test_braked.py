"""A gateway under a brake: it decides as the dispatcher does, and without Kafka it keeps what it knew."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from mahlan.events.brake import BrakeSet
from mahlan.events.comment import CommentScored
from mahlan.events.topics import TOPICS
from mahlan.runtime.brakes import brake_record
from mahlan.runtime.broker import TopicSpec
from mahlan.runtime.memory import MemoryBroker
from tests.gateway.stage import CAMPAIGN, HURTFUL, Stage
from tests.gateway.test_doors import Doors

ENGLISH = "shut up you stupid idiot"


async def set_brake(stage: Stage, level: Any, language: str = "arz-Latn", *, until: bool = True) -> None:
    """Set it as ``mahlan campaigns`` does, and wait until the gateway knows."""
    names: Any = {"campaign": CAMPAIGN, "language": language, "code": "person", "reason": "a test"}
    brake = BrakeSet(level=level, set_at=stage.clock.now, set_by="person", **names)
    producer = await stage.broker.producer()
    await producer.send([brake_record(brake, "test")])
    if until:
        await stage.until(lambda: stage.parts().brakes.of(CAMPAIGN, language) == brake)


async def reason(stage: Stage, name: str, text: str = HURTFUL) -> str:
    """Of a check of an author who was never asked before."""
    answer = (await stage.check(name, text, author_key=f"author-of-{name}")).json
    assert (answer["wording"] is not None) == (answer["decision"] == "nudge")
    return str(answer["reason"])


async def test_a_brake_holds_nudges_back_in_its_language_until_it_is_released(stage: Stage) -> None:
    assert [await reason(stage, "a"), await reason(stage, "b", ENGLISH)] == ["over_band", "over_band"]
    await set_brake(stage, "paused")
    assert [await reason(stage, "c"), await reason(stage, "d", ENGLISH)] == ["paused", "over_band"]
    assert stage.counted("mahlan_gateway_checks_total", kind="suppress", reason="paused") == 1
    await set_brake(stage, "released")
    assert await reason(stage, "e") == "over_band"


async def test_a_brake_set_before_the_start_is_known_to_the_first_check(tmp_path: Path) -> None:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(topic.name, 2) for topic in TOPICS])
    await set_brake(Stage(tmp_path, broker=broker), "paused", until=False)
    async with Stage(tmp_path, broker=broker).running() as stage:
        assert await reason(stage, "a") == "paused"


async def test_without_kafka_it_keeps_what_it_knew_and_knowing_nothing_asks(tmp_path: Path) -> None:
    async with Stage(tmp_path).running() as first:
        await set_brake(first, "paused")
        first.broker.away = True
        await asyncio.sleep(0.1)
        assert await reason(first, "a") == "paused"
        first.broker.away = False
    first.broker.away = True
    async with Stage(tmp_path, broker=first.broker).running(topics=False) as second:
        assert await reason(second, "b") == "over_band"
        second.broker.away = False
        await second.until(lambda: second.parts().brakes.level(CAMPAIGN, "arz-Latn") == "paused")
        assert await reason(second, "c") == "paused"


async def test_who_was_asked_before_the_pause_gets_the_same_answer_again(tmp_path: Path) -> None:
    """Also from a gateway that knows of it by the author's history alone."""
    async with Stage(tmp_path).running() as first:
        doors = Doors(first)
        await doors.open_stream()
        asked = (await first.check()).json
        await first.until_sent(CommentScored, 1)
        await doors.until_decided()
        doors.stop.set()
        assert doors.task is not None
        await doors.task
    async with Stage(tmp_path, broker=first.broker).running() as second:
        await set_brake(second, "paused")
        again = (await second.check()).json
        assert (asked["decision"], again["decision"], again["recorded"]) == ("nudge", "nudge", True)
        assert again["wording"] == asked["wording"]
        assert await reason(second, "c-2") == "paused"


async def test_both_doors_decide_alike_under_every_brake(stage: Stage) -> None:
    doors = Doors(stage, stage.parts().brakes)
    await doors.open_stream()
    told = []
    for number, level in enumerate(("released", "raised", "paused", "released")):
        await set_brake(stage, level)
        await stage.check(f"check-{number}", author_key=f"check-author-{number}")
        # The stream and the check write to the same topic: two for each round before this one.
        sent = await stage.until_sent(CommentScored, 2 * number + 1)
        (seen,) = [one for one in sent if one.comment_id == f"check-{number}"]
        same = {"language": seen.language, "script": seen.script, "verdict": seen.verdict, "length": seen.length}
        await doors.submit(f"stream-{number}", author_key=f"stream-author-{number}", **same)
        decisions = {one.comment_id: one.reason for one in await doors.until_decided()}
        told.append((decisions[f"check-{number}"], decisions[f"stream-{number}"]))
    assert [check for check, _ in told] == [stream for _, stream in told]
    assert [told[0][0], told[2][0], told[3][0]] == ["over_band", "paused", "over_band"]
    doors.stop.set()
    assert doors.task is not None
    await doors.task
