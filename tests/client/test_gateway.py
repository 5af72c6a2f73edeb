"""Both clients against a running gateway: answers, what reaches Kafka, and the gateway's own refusals."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from mahlan.client import AccessError, Comment, ConflictError, RequestError, UnavailableError, calls
from mahlan.core.assignment import decision_id
from mahlan.events.comment import CommentScored, CommentSubmitted
from mahlan.events.nudge import NudgeOutcome
from mahlan.local.probe import free_port
from tests.gateway.stage import CAMPAIGN, FRIENDLY, HURTFUL, Stage

AUTHOR = {"author_key": "author-1"}


async def test_a_check_is_what_the_gateway_answers(mahlan, stage):
    answer = await mahlan.check("c-1", HURTFUL, explain=True, **AUTHOR)
    assert (answer.decision, answer.nudge_id) == ("nudge", decision_id(CAMPAIGN, "c-1", 0))
    assert answer.wording.language == answer.language == "arz-Latn"
    assert answer.recorded
    assert {one.text for one in answer.explain.readings} >= {HURTFUL}
    told = (await stage.check("c-1")).json
    assert (answer.spans, answer.labels, answer.wording.text) == (
        told["spans"],
        told["labels"],
        told["wording"]["text"],
    )
    [scored] = await stage.until_sent(CommentScored, 1)
    assert scored.comment_id == "c-1"


async def test_spans_in_utf16_and_a_check_that_leaves_no_trace(mahlan, stage):
    text = "\N{FACE WITH TEARS OF JOY} " + HURTFUL
    one = await mahlan.check("c-1", text, record=False, **AUTHOR)
    two = await mahlan.check("c-1", text, record=False, offset_unit="utf16", **AUTHOR)
    assert two.spans == [[start + 1, end + 1] for start, end in one.spans]
    assert one.spans
    assert not one.recorded
    assert await stage.events(CommentScored) == []


async def test_half_a_surrogate_pair_in_a_text_is_replaced_as_browsers_do(mahlan):
    answer = await mahlan.check("c-1", "\ud83d " + HURTFUL, **AUTHOR)
    assert answer.spans == (await mahlan.check("c-2", "? " + HURTFUL, record=False, **AUTHOR)).spans != []
    with pytest.raises(ValueError, match="half of a surrogate pair"):
        await mahlan.check("c-\ud83d", HURTFUL, **AUTHOR)


async def test_try_check_is_the_check_where_there_is_one(mahlan):
    answer = await mahlan.try_check("c-1", HURTFUL, budget=30, **AUTHOR)
    assert answer == await mahlan.check("c-1", HURTFUL, **AUTHOR)
    assert answer.decision == "nudge"


async def test_other_words_under_the_same_revision_are_a_conflict(mahlan):
    await mahlan.check("c-1", HURTFUL, **AUTHOR)
    with pytest.raises(ConflictError, match="raise revision") as told:
        await mahlan.check("c-1", FRIENDLY, **AUTHOR)
    assert (told.value.status, told.value.code, told.value.field) == (409, "conflict", "$.revision")
    assert (await mahlan.check("c-1", FRIENDLY, revision=1, **AUTHOR)).decision == "none"


async def test_a_field_at_fault_is_named(mahlan):
    with pytest.raises(RequestError, match=r"^\$\.author_key: ") as told:
        await mahlan.check("c-1", HURTFUL, author_key="short")
    assert (told.value.status, told.value.code, told.value.field) == (400, "invalid_field", "$.author_key")


async def test_a_comment_reaches_kafka_with_the_time_of_the_first_try(mahlan, stage):
    before = datetime.now(UTC)
    stage.clock.now = before
    accepted = await mahlan.publish("c-1", HURTFUL, surface="reply", **AUTHOR)
    assert (accepted.id, accepted.accepted) == ("c-1/0", True)
    [event] = await stage.until_sent(CommentSubmitted, 1)
    assert (event.comment_id, event.text, event.surface) == ("c-1", HURTFUL, "reply")
    assert before <= event.occurred_at <= datetime.now(UTC)


async def test_many_comments_a_bad_one_among_them_in_several_bodies(mahlan, stage, monkeypatch):
    monkeypatch.setattr(calls, "LINES_AT_ONCE", 2)
    stage.clock.now = datetime.now(UTC)
    comments = [Comment(comment_id=f"c-{n}", text=f"{FRIENDLY} {n}", author_key="author-1") for n in range(5)]
    comments[3] = Comment(comment_id="c-3", text="\ud83d", author_key="no")
    lines = await mahlan.publish_many(iter(comments))
    assert [line.line for line in lines] == [1, 2, 3, 4, 5]
    assert [line.id for line in lines] == ["c-0/0", "c-1/0", "c-2/0", None, "c-4/0"]
    assert lines[3].field == "$.author_key"
    events = await stage.until_sent(CommentSubmitted, 4)
    assert sorted(event.text for event in events) == [f"{FRIENDLY} {n}" for n in (0, 1, 2, 4)]
    assert stage.counted("mahlan_gateway_requests_total", route="POST /v1/comments", status="202") == 3
    assert await mahlan.publish_many([]) == []


async def test_bodies_stay_below_what_a_gateway_takes(mahlan, stage):
    comments = [Comment(comment_id=f"c-{n}", text="x" * 600_000, author_key="author-1") for n in range(4)]
    stage.clock.now = datetime.now(UTC)
    assert [line.accepted for line in await mahlan.publish_many(comments)] == [True] * 4


async def test_an_outcome_reaches_kafka_once_however_often_it_is_told(mahlan, stage):
    answer = await mahlan.check("c-1", HURTFUL, **AUTHOR)
    told = [
        await mahlan.report(answer.nudge_id, "disputed", comment_id="c-1", reason="joke", **AUTHOR) for _ in range(2)
    ]
    assert {one.id for one in told} == {f"{answer.nudge_id}/disputed"}
    outcome = (await stage.until_sent(NudgeOutcome, 1))[0]
    assert (outcome.outcome, outcome.reason, outcome.comment_id) == ("disputed", "joke", "c-1")


async def test_an_outcome_of_no_nudge_is_refused(mahlan):
    with pytest.raises(RequestError) as told:
        await mahlan.report("0" * 32, "shown", comment_id="c-1", **AUTHOR)
    assert (told.value.status, told.value.code) == (422, "mismatch")
    with pytest.raises(ValueError, match="no nudge"):
        await mahlan.report("", "shown", comment_id="c-1", **AUTHOR)


async def test_an_author_is_forgotten(mahlan):
    await mahlan.check("c-1", HURTFUL, **AUTHOR)
    assert (await mahlan.check("c-2", HURTFUL, **AUTHOR)).reason != "over_band"
    assert (await mahlan.erase("author-1")).author_key == "author-1"
    assert (await mahlan.check("c-3", HURTFUL, **AUTHOR)).decision == "nudge"


async def test_a_gateway_that_has_too_much_to_do_is_asked_again(mahlan, stage):
    pool = stage.parts().pool
    limit, pool._limit = pool._limit, 0

    async def shed() -> None:
        await stage.until(lambda: stage.counted("mahlan_gateway_shed_total", reason="queue") >= 1)
        pool._limit = limit

    answer, _ = await asyncio.gather(mahlan.check("c-1", HURTFUL, **AUTHOR), shed())
    assert answer.decision == "nudge"


async def test_one_that_stays_overloaded_is_unavailable_and_says_when_to_come_back(mahlan, stage):
    stage.parts().pool._limit = 0
    answer = await mahlan.try_check("c-1", HURTFUL, budget=0.5, **AUTHOR)
    assert (answer.decision, answer.reason, answer.wording, answer.nudge_id) == ("none", "unavailable", None, "")
    # Its Retry-After of a second does not fit into the budget: it was not asked a second time.
    assert stage.counted("mahlan_gateway_shed_total", reason="queue") == 1


async def test_retry_after_is_in_the_error(opened, stage):
    stage.parts().pool._limit = 0
    with pytest.raises(UnavailableError, match="503") as told:
        await opened(stage.url, stage.key, deadline=0.5).check("c-1", HURTFUL, **AUTHOR)
    assert told.value.retry_after == 1.0


async def test_a_key_used_too_often_waits(opened, stage):
    key = stage.add_key("check", rate="1/minute")
    await stage.until_known(key)  # which uses it
    with pytest.raises(UnavailableError, match="429") as told:
        await opened(stage.url, key).check("c-1", HURTFUL, **AUTHOR)
    assert told.value.retry_after > 1


async def test_a_wrong_key_raises_at_once_and_holds_no_comment_up(opened, stage, caplog):
    wrong = stage.key[:-4] + "AAAA"
    client = opened(stage.url, wrong)
    with pytest.raises(AccessError) as told:
        await client.check("c-1", HURTFUL, **AUTHOR)
    assert (told.value.status, told.value.code) == (401, "unauthorized")
    answer = await client.try_check("c-1", HURTFUL, budget=30, **AUTHOR)
    assert (answer.decision, answer.reason) == ("none", "refused")
    assert stage.counted("mahlan_gateway_requests_total", route="POST /v1/checks", status="401") == 2
    said = "".join(record.getMessage() for record in caplog.records if record.name == "mahlan.client")
    assert "unauthorized" in said
    assert not {wrong, HURTFUL} & {said, str(told.value), repr(client)}


async def test_a_key_without_the_scope(opened, stage):
    key = stage.add_key("publish")
    await stage.until_known(key)
    with pytest.raises(AccessError, match="scope"):
        await opened(stage.url, key).check("c-1", HURTFUL, **AUTHOR)


async def test_a_gateway_without_keys(opened, tmp_path):
    async with Stage(tmp_path, {"gateway_auth": "off"}).running() as stage:
        assert (await opened(stage.url).check("c-9", HURTFUL, **AUTHOR)).decision == "nudge"


async def test_a_gateway_that_is_away(opened):
    client = opened(f"http://127.0.0.1:{free_port()}", "mhl_key", tries=2)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        await client.check("c-1", HURTFUL, **AUTHOR)
    assert (await client.try_check("c-1", HURTFUL, **AUTHOR)).reason == "unavailable"
