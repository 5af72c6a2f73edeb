"""``POST /v1/checks``: the answer, the record of it, the same answer again, caps, and what is refused."""

from __future__ import annotations

import asyncio

import pytest

from mahlan.core.assignment import decision_id
from mahlan.events.comment import CommentScored
from tests.gateway.stage import CAMPAIGN, FRIENDLY, HURTFUL, Stage


async def test_a_hurtful_draft_gets_a_nudge_in_the_language_of_its_author(stage: Stage) -> None:
    answer = (await stage.check()).json
    assert (answer["decision"], answer["reason"], answer["recorded"]) == ("nudge", "over_band", True)
    assert answer["nudge_id"] == decision_id(CAMPAIGN, "c-1", 0)
    assert (answer["language"], answer["script"]) == ("arz-Latn", "Latn")
    assert answer["wording"]["language"] == "arz-Latn"
    assert answer["labels"]["toxic"] == answer["score"] > 0.9
    assert [HURTFUL[start:end] for start, end in answer["spans"]] == ["7omar"]
    assert (answer["model"], answer["campaign"], answer["band"]) == ("fast@1", CAMPAIGN, "high")
    assert answer["explain"] is None


async def test_a_friendly_draft_gets_none(stage: Stage) -> None:
    answer = (await stage.check(text=FRIENDLY)).json
    assert (answer["decision"], answer["reason"], answer["wording"]) == ("none", "not_toxic", None)
    assert answer["recorded"] is True


async def test_what_is_written_has_scores_and_the_ruling_and_no_text(stage: Stage) -> None:
    answer = (await stage.check(thread_id="t", parent_id="p", surface="reply")).json
    (scored,) = await stage.until_sent(CommentScored, 1)
    assert (scored.comment_id, scored.author_key, scored.state, scored.surface) == ("c-1", "author-1", "draft", "reply")
    assert scored.ruling.kind == "nudge"
    assert scored.ruling.wording.text == answer["wording"]["text"]
    assert scored.scores == answer["labels"]
    (record,) = await stage.records("comments.scored.v1")
    assert dict(record.headers)["ce_id"] == f"check/{answer['nudge_id']}".encode()
    assert record.key == b"author-1"
    assert b"7omar" not in await stage.everything()


async def test_the_same_check_gets_the_same_answer_and_is_written_once(stage: Stage) -> None:
    first = (await stage.check()).json
    stage.clock.forward(hours=3)
    assert (await stage.check()).json == first
    both = await asyncio.gather(*(stage.check("c-2", author_key="author-2") for _ in range(8)))
    assert len({answer.body for answer in both}) == 1
    assert both[0].json["decision"] == "nudge"
    await stage.until_sent(CommentScored, 2)
    assert len(await stage.events(CommentScored)) == 2


async def test_the_same_id_with_other_words_is_a_conflict_until_the_revision_is_raised(stage: Stage) -> None:
    await stage.check()
    other = await stage.check(text=FRIENDLY)
    assert (other.status, other.code, other.json["field"]) == (409, "conflict", "$.revision")
    assert (await stage.check(author_key="author-2")).status == 409
    assert (await stage.check(text=FRIENDLY, revision=1)).json["reason"] == "not_toxic"


async def test_one_nudge_per_draft_and_the_cooldown_hold(stage: Stage) -> None:
    assert (await stage.check()).json["decision"] == "nudge"
    assert (await stage.check(revision=1)).json["reason"] == "already_nudged"
    assert (await stage.check("c-2")).json["reason"] == "cooling_down"
    assert (await stage.check("c-3", author_key="author-2")).json["decision"] == "nudge"
    stage.clock.forward(minutes=11)
    assert (await stage.check("c-4")).json["decision"] == "nudge"
    stage.clock.forward(minutes=11)
    assert (await stage.check("c-5")).json["decision"] == "nudge"
    stage.clock.forward(minutes=11)
    assert (await stage.check("c-6")).json["reason"] == "capped"


async def test_two_checks_of_one_author_at_once_give_one_nudge(stage: Stage) -> None:
    answers = await asyncio.gather(*(stage.check(f"c-{number}") for number in range(10)))
    assert sorted(answer.json["decision"] for answer in answers) == ["nudge", *["suppress"] * 9]


async def test_without_record_nothing_is_remembered_and_nothing_written(stage: Stage) -> None:
    for _ in range(2):
        answer = (await stage.check(record=False)).json
        assert (answer["decision"], answer["recorded"]) == ("nudge", False)
    assert (await stage.check(text=FRIENDLY, record=False)).json["decision"] == "none"
    assert await stage.records("comments.scored.v1") == []
    assert (await stage.check()).json["decision"] == "nudge"
    assert (await stage.check("c-2", record=False)).json["reason"] == "cooling_down"


async def test_explain_tells_how_the_text_was_read_and_where_the_time_went(stage: Stage) -> None:
    text = HURTFUL + " they call me names"
    for _ in range(2):  # also of an answer that was given before
        told = (await stage.check(text=text, explain=True)).json["explain"]
        assert [reading["kind"] for reading in told["readings"]] == ["original", "arabic"]
        assert "حمار" in told["readings"][1]["text"]
        assert told["truncated"] is False
        assert set(told["milliseconds"]) == {"queue", "normalise", "score", "decide", "record"}
        assert all(value >= 0 for value in told["milliseconds"].values())


async def test_spans_count_what_the_client_counts(stage: Stage) -> None:
    text = "🙂🙂 " + HURTFUL
    characters = (await stage.check("c-1", text, record=False)).json["spans"]
    units = (await stage.check("c-1", text, record=False, offset_unit="utf16")).json["spans"]
    assert [text[start:end] for start, end in characters] == ["7omar"]
    encoded = text.encode("utf-16-le")
    assert [encoded[2 * start : 2 * end].decode("utf-16-le") for start, end in units] == ["7omar"]
    assert units != characters
    first = (await stage.check("c-2", text)).json
    again = (await stage.check("c-2", text, offset_unit="utf16")).json
    assert (first["spans"], again["spans"]) == (characters, units)


async def test_an_author_id_is_hashed_as_the_stream_does(stage: Stage) -> None:
    answer = await stage.check(author_key=None, author_id="somebody@example.org")
    assert answer.status == 200
    (scored,) = await stage.until_sent(CommentScored, 1)
    assert len(scored.author_key) == 32
    assert b"somebody@example.org" not in await stage.everything()


async def test_context_and_hints_reach_the_decision(stage: Stage) -> None:
    mutual = await stage.check(context={"reply_to": "mutual"})
    assert mutual.json["reason"] == "mutual"
    assert (await stage.check("c-2", "#فكر_قبل_ما_تنشر " + HURTFUL)).json["reason"] == "campaign_tag"


async def test_an_empty_text_and_a_very_long_one_are_answered(stage: Stage) -> None:
    assert (await stage.check("c-1", "")).json["decision"] == "none"
    long = (await stage.check("c-2", "la " * 30_000, explain=True)).json
    assert long["explain"]["truncated"] is True


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"comment_id": ""}, "$.comment_id"),
        ({"comment_id": None}, "$.comment_id"),
        ({"text": 5}, "$.text"),
        ({"revision": -1}, "$.revision"),
        ({"revision": "1"}, "$.revision"),
        ({"revision": 2**70}, "$.revision"),
        ({"surface": "kanarya"}, "$.surface"),
        ({"context": {"reply_to": "kanarya"}}, "$.context.reply_to"),
        ({"author_key": None}, "$.author_key"),
        ({"author_key": "short"}, "$.author_key"),
        ({"offset_unit": "bytes"}, "$.offset_unit"),
        ({"record": "yes"}, "$.record"),
    ],
)
async def test_a_field_at_fault_is_named_and_not_quoted(stage: Stage, change: dict[str, object], field: str) -> None:
    answer = await stage.ask(
        "POST", "/v1/checks", json={"comment_id": "c", "text": "kanarya", "author_key": "author-1", **change}
    )
    assert (answer.status, answer.code, answer.json["field"]) == (400, "invalid_field", field)
    assert b"kanarya" not in answer.body
    assert set(answer.json) == {"type", "title", "status", "detail", "field"}


async def test_somebody_in_danger_is_shown_support_and_nothing_is_counted_against_them(stage: Stage) -> None:
    answer = (await stage.check(text="ana 3ayza amoot ya 7omar", language_hint="arz-Latn")).json
    assert (answer["decision"], answer["reason"], answer["wording"]) == ("suppress", "self_harm", None)
    assert (answer["label"], answer["band"], answer["score"], answer["spans"]) == (None, "none", 0.0, [])
    support = answer["support"]
    assert (support["language"], support["direction"], support["help"]) == ("arz-Latn", "ltr", [])
    assert "mohem" in support["text"]
    (scored,) = await stage.until_sent(CommentScored, 1)
    assert scored.verdict.toxic is False
    assert scored.ruling.support.text == support["text"]
    assert (await stage.check("c-2")).json["decision"] == "nudge", "no cap knows of it"


async def test_staff_and_bots_are_not_asked(stage: Stage) -> None:
    for number, role in enumerate(("staff", "bot")):
        answer = (await stage.check(f"c-{number}", context={"author_role": role})).json
        assert (answer["decision"], answer["reason"], answer["support"]) == ("suppress", "staff_or_bot", None)
    assert (await stage.check("c-9", context={"author_role": "person"})).json["decision"] == "nudge"


async def test_an_author_keeps_their_arm_and_only_some_arms_mark_the_words(stage: Stage) -> None:
    arms: dict[str, set[bool]] = {}
    for number in range(24):
        drafts = [
            await stage.check(f"c-{number}-{n}", author_key=f"author-{number:03}", record=False) for n in range(2)
        ]
        (first, second) = (draft.json for draft in drafts)
        assert first["wording"]["arm"] == second["wording"]["arm"]
        assert first["wording"]["thanks"]
        arms.setdefault(first["wording"]["arm"], set()).add(first["wording"]["marks"])
        assert [HURTFUL[start:end] for start, end in first["spans"]] == ["7omar"]
    assert arms == {"plain": {False}, "highlight": {True}, "norm": {True}}
