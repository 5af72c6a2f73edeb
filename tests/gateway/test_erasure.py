"""``DELETE /v1/authors/{key}/data``: the tombstone, the receipt, and an author like any new one."""

from __future__ import annotations

from mahlan.events.comment import CommentScored
from mahlan.events.nudge import AuthorHistory, PastNudge
from mahlan.events.topics import HISTORY, TOPICS
from mahlan.runtime.broker import Outgoing
from tests.gateway.stage import CAMPAIGN, Answer, Stage


async def erase(stage: Stage, author: str = "author-1") -> Answer:
    return await stage.ask("DELETE", f"/v1/authors/{author}/data")


async def tell(stage: Stage, *past: str, minutes: float = 1) -> None:
    """The dispatcher's record of an author's nudges, so many minutes ago."""
    stage.clock.forward(minutes=-minutes)
    now = stage.clock.now
    stage.clock.forward(minutes=minutes)
    nudges = tuple(
        PastNudge(decision_id=f"{number:032x}", campaign=CAMPAIGN, comment_id=name, kind="nudge", decided_at=now)
        for number, name in enumerate(past)
    )
    history = AuthorHistory(author_key="author-1", updated_at=now, nudges=nudges)
    await stage.tell(history)
    await stage.until_followed()


async def test_the_receipt_says_what_is_gone_and_what_will_go(stage: Stage) -> None:
    answer = await erase(stage)
    receipt = answer.json
    assert answer.status == 200
    assert receipt["author_key"] == "author-1"
    assert receipt["forgotten"] == ["authors.history.v1", "gateway", "dispatcher", "insights"]
    days = {row["topic"]: row["days"] for row in receipt["expires"]}
    assert days == {topic.name: topic.retention_ms // 86_400_000 for topic in TOPICS if topic.name in days}
    assert set(days) == {topic.name for topic in TOPICS} - {
        "feedback.suggested.v1",
        "campaigns.brakes.v1",
        "insights.state.v1",
    }
    assert (await erase(stage)).json["receipt_id"] != receipt["receipt_id"]


async def test_a_tombstone_is_written_for_everybody_else(stage: Stage) -> None:
    receipt = (await erase(stage)).json
    await stage.until(lambda: sum(map(len, stage.broker.topics[HISTORY.name])) == 1)
    (record,) = await stage.records(HISTORY.name)
    assert (record.key, record.value) == (b"author-1", None)
    assert dict(record.headers)["ce_id"] == receipt["receipt_id"].encode()


async def test_an_erased_author_is_like_a_new_one(stage: Stage) -> None:
    assert (await stage.check()).json["decision"] == "nudge"
    assert (await stage.check("c-2")).json["reason"] == "cooling_down"
    stage.clock.forward(seconds=1)
    assert (await erase(stage)).status == 200
    stage.clock.forward(seconds=1)
    assert (await stage.check("c-3")).json["decision"] == "nudge"
    # Also the answers of late: the same id may now stand for anything.
    assert (await stage.check("c-2", "something else")).json["decision"] == "none"
    assert (await stage.check("c-4")).json["reason"] == "cooling_down"


async def test_an_erasure_that_kafka_gets_late_takes_nothing_away_that_came_after_it(stage: Stage) -> None:
    await stage.check()
    stage.broker.away = True
    stage.clock.forward(seconds=1)
    await erase(stage)
    stage.clock.forward(seconds=1)
    assert (await stage.check("c-2")).json["decision"] == "nudge"
    stage.clock.forward(minutes=1)
    stage.broker.clock = stage.clock.now.timestamp
    stage.broker.away = False
    await stage.until(lambda: any(one.value is None for log in stage.broker.topics[HISTORY.name] for one in log))
    await stage.until_followed()
    assert (await stage.check("c-3")).json["reason"] == "cooling_down"


async def test_texts_kept_to_try_a_new_model_on_are_forgotten_too_and_previews_are_never_kept(stage: Stage) -> None:
    await stage.check("c-1", "one")
    await stage.check("c-2", "two", author_key="author-2")
    await stage.check("c-3", "three", author_key="author-2", record=False)
    assert [comment.comment_id for comment in stage.parts().pool.recent()] == ["c-1", "c-2"]
    await erase(stage)
    assert [comment.comment_id for comment in stage.parts().pool.recent()] == ["c-2"]


async def test_what_was_on_its_way_does_not_bring_the_author_back(stage: Stage) -> None:
    assert (await stage.check()).json["decision"] == "nudge"
    stage.clock.forward(minutes=1)
    await erase(stage)
    await tell(stage, "c-1", minutes=1)  # the dispatcher wrote down what had been decided before
    stage.clock.forward(minutes=1)
    assert (await stage.check("c-2")).json["decision"] == "nudge"


async def test_an_erasure_by_somebody_else_is_followed(stage: Stage) -> None:
    await tell(stage, "c-1")
    assert (await stage.check("c-2", record=False)).json["reason"] == "cooling_down"
    stage.broker.clock = stage.clock.now.timestamp
    producer = await stage.broker.producer()
    await producer.send([Outgoing(HISTORY.name, b"author-1", None)])
    await stage.until_followed()
    assert (await stage.check("c-2", record=False)).json["decision"] == "nudge"


async def test_other_authors_are_left_alone(stage: Stage) -> None:
    await stage.check("c-1", author_key="author-2")
    await erase(stage)
    assert (await stage.check("c-2", author_key="author-2")).json["reason"] == "cooling_down"
    assert len(await stage.until_sent(CommentScored, 2)) == 2


async def test_a_key_that_can_be_none_is_refused(stage: Stage) -> None:
    for author in ("short", "a" * 129):
        answer = await erase(stage, author)
        assert (answer.status, answer.json["field"]) == (400, "author_key")
        assert author.encode() not in answer.body
