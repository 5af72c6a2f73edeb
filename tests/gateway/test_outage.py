"""Kafka is away, the spool is full, the gateway starts again: what is answered, and what becomes of it."""

from __future__ import annotations

import asyncio
import stat
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from mahlan.events.comment import CommentScored, CommentSubmitted
from mahlan.events.nudge import AuthorHistory, NudgeOutcome, PastNudge
from mahlan.runtime.memory import MemoryBroker
from tests.gateway.stage import CAMPAIGN, FRIENDLY, Stage


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Stage]:
    """A gateway whose spool takes a megabyte."""
    async with Stage(tmp_path, {"gateway_spool_max_mb": 1}).running() as stage:
        yield stage


async def publish(stage: Stage, *numbers: int, text: str = FRIENDLY) -> int:
    lines = [{"comment_id": f"c-{number}", "text": text, "author_key": f"author-{number}"} for number in numbers]
    answer = await stage.ask(
        "POST",
        "/v1/comments",
        data=b"\n".join(map(orjson.dumps, lines)),
        headers={"content-type": "application/x-ndjson"},
    )
    return answer.status


async def fill(stage: Stage) -> int:
    """Publish until no more fits; how many were taken."""
    taken = 0
    for size in (50_000, 500):
        while await publish(stage, taken, text="a" * size) == 202:
            taken += 1
    return taken


async def test_while_kafka_is_away_everything_is_taken_and_then_sent_in_order(stage: Stage) -> None:
    stage.broker.away = True
    checks = [await stage.check(f"c-{number}", author_key=f"author-{number % 3}") for number in range(30)]
    assert {answer.status for answer in checks} == {200}
    assert all(answer.json["recorded"] for answer in checks)
    decisions = Counter(answer.json["decision"] for answer in checks)
    assert decisions == {"nudge": 3, "suppress": 27}, "caps hold without Kafka too"
    assert await publish(stage, *range(20)) == 202
    assert (await stage.report("c-0", author_key="author-0")).status == 202
    assert (await stage.ask("DELETE", "/v1/authors/author-9/data")).status == 200
    assert stage.counted("mahlan_spool_records") == 52
    stage.broker.away = False
    scored = await stage.until_sent(CommentScored, 30)
    for author in range(3):
        own = [event.comment_id for event in scored if event.author_key == f"author-{author}"]
        assert own == [f"c-{number}" for number in range(30) if number % 3 == author]
    assert len(await stage.until_sent(CommentSubmitted, 20)) == 20
    assert len(await stage.until_sent(NudgeOutcome, 1)) == 1
    await stage.until(lambda: stage.counted("mahlan_spool_records") == 0)
    assert len(await stage.events(CommentScored)) == 30


async def test_when_nothing_more_can_be_kept_nobody_is_nudged_in_secret(small: Stage) -> None:
    small.broker.away = True
    await fill(small)
    answer = (await small.check()).json
    assert (answer["decision"], answer["reason"], answer["recorded"]) == ("none", "not_recorded", False)
    assert (answer["wording"], answer["label"]) == (None, "toxic")
    friendly = (await small.check("c-2", FRIENDLY)).json
    assert (friendly["decision"], friendly["reason"], friendly["recorded"]) == ("none", "not_toxic", False)
    assert small.counted("mahlan_gateway_unrecorded_total") == 2
    for refused in (
        await small.ask("POST", "/v1/comments", json={"comment_id": "c", "text": "x", "author_key": "author-1"}),
        await small.report(),
        await small.ask("DELETE", "/v1/authors/author-1/data"),
    ):
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "unrecorded", "5")
    assert small.counted("mahlan_gateway_shed_total", reason="spool") >= 3
    small.broker.away = False
    await small.until(lambda: small.counted("mahlan_spool_records") == 0)
    # Nothing of it counted against anybody, and the same check is decided as if for the first time.
    assert (await small.check()).json["decision"] == "nudge"


async def test_what_was_not_sent_is_sent_by_the_next_process(tmp_path: Path) -> None:
    first = Stage(tmp_path)
    async with first.running():
        first.broker.away = True
        await first.check()
        assert await publish(first, *range(5)) == 202
    assert first.broker.topics["comments.submitted.v1"] == [[], []]
    first.broker.away = False
    async with Stage(tmp_path, broker=first.broker).running() as second:
        assert len(await second.until_sent(CommentSubmitted, 5)) == 5
        assert [event.ruling.kind for event in await second.until_sent(CommentScored, 1)] == ["nudge"]


async def test_at_the_end_what_can_be_sent_is_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.running():
        answers = [stage.check(f"c-{number}", author_key=f"author-{number}") for number in range(20)]
        await asyncio.gather(*answers)
    assert len(await stage.events(CommentScored)) == 20


async def test_after_a_restart_the_history_gives_the_same_answer(tmp_path: Path) -> None:
    """The answers of late are gone with the process; when the author was asked is in Kafka."""
    first = Stage(tmp_path)
    async with first.running():
        answer = (await first.check()).json
        await first.until_sent(CommentScored, 1)
    past = PastNudge(
        decision_id=answer["nudge_id"],
        campaign=CAMPAIGN,
        comment_id="c-1",
        kind="nudge",
        decided_at=first.clock.now,
    )
    history = AuthorHistory(author_key="author-1", updated_at=first.clock.now, nudges=(past,))
    await first.tell(history)
    second = Stage(tmp_path, broker=first.broker)
    second.clock.forward(minutes=5)
    async with second.running():
        assert (await second.check()).json == answer
        assert (await second.check("c-2")).json["reason"] == "cooling_down"
        assert len(await second.until_sent(CommentScored, 2)) == 2, "the first is not written again"


async def test_it_starts_without_kafka_and_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mahlan.gateway.app.CAUGHT_UP_WITHIN", 0.05)
    stage = Stage(tmp_path, broker=MemoryBroker())
    async with stage.running(topics=False):
        assert (await stage.check()).json["decision"] == "nudge"
        assert (await stage.check("c-2")).json["reason"] == "cooling_down"


async def test_the_spool_is_for_its_owner_alone_and_forgets_what_was_sent(stage: Stage) -> None:
    def held() -> bytes:
        return b"".join(path.read_bytes() for path in stage.folder.glob("gateway.spool*"))

    for file in stage.folder.glob("gateway.spool*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    stage.broker.away = True
    await stage.check("c-1", "you stupid kanaryadraft", author_key=None, author_id="kanaryaid")
    assert b"comments.scored.v1" in held()
    assert b"kanaryadraft" not in held(), "a draft's text is never written"
    assert await publish(stage, 1, text="kanaryacomment") == 202
    assert b"kanaryacomment" in held(), "a comment to publish must be"
    stage.broker.away = False
    await stage.until_sent(CommentSubmitted, 1)
    await stage.until(lambda: stage.counted("mahlan_spool_records") == 0)
    await stage.until(lambda: b"kanarya" not in held())  # swept a second later
