"""``POST /v1/nudges/{id}/outcomes``: what authors did, told in time or from a page that closes."""

from __future__ import annotations

import orjson
import pytest

from mahlan.core.assignment import decision_id
from mahlan.events.nudge import NudgeOutcome
from tests.gateway.stage import CAMPAIGN, Stage

NAME = decision_id(CAMPAIGN, "c-1", 0)
BODY = {"comment_id": "c-1", "author_key": "author-1", "outcome": "revised"}


@pytest.mark.parametrize("outcome", ["shown", "revised", "cancelled", "sent_unchanged", "disputed"])
async def test_each_outcome_is_accepted_and_sent(stage: Stage, outcome: str) -> None:
    answer = await stage.report(outcome=outcome, revision=3)
    name = decision_id(CAMPAIGN, "c-1", 3)
    assert (answer.status, answer.json) == (202, {"id": f"{name}/{outcome}", "accepted": True})
    (event,) = await stage.until_sent(NudgeOutcome, 1)
    assert (event.decision_id, event.outcome, event.revision) == (name, outcome, 3)
    assert (event.author_key, event.occurred_at, event.reason) == ("author-1", stage.clock.now, None)
    (record,) = await stage.records("nudges.outcomes.v1")
    assert dict(record.headers)["ce_id"] == f"{name}/{outcome}".encode()
    assert record.key == b"author-1"


async def test_a_dispute_has_a_reason_and_nothing_else_has(stage: Stage) -> None:
    assert (await stage.report(outcome="disputed", reason="joke")).status == 202
    assert [event.reason for event in await stage.until_sent(NudgeOutcome, 1)] == ["joke"]
    wrong = await stage.report(outcome="shown", reason="joke")
    assert (wrong.status, wrong.json["field"]) == (400, "$.reason")
    unknown = await stage.report(outcome="disputed", reason="kanarya")
    assert (unknown.status, unknown.json["field"]) == (400, "$.reason")
    assert b"kanarya" not in unknown.body


async def test_an_id_that_is_not_of_this_comment_is_refused(stage: Stage) -> None:
    answer = await stage.report(nudge_id="0" * 32)
    assert (answer.status, answer.code, answer.json["field"]) == (422, "mismatch", "nudge_id")
    assert (await stage.report(nudge_id="kanarya")).status == 400
    assert await stage.records("nudges.outcomes.v1") == []


async def test_a_closing_page_can_tell_it_with_a_beacon(stage: Stage) -> None:
    """What ``navigator.sendBeacon(url, text)`` sends: no header of our choice, so no preflight and no Authorization."""
    key = stage.add_key("outcomes", origins=("https://site.example",))
    await stage.until_known(key)
    answer = await stage.ask(
        "POST",
        f"/v1/nudges/{NAME}/outcomes?key={key}",
        data=orjson.dumps(BODY),
        key=None,
        headers={"content-type": "text/plain;charset=UTF-8", "origin": "https://site.example"},
    )
    assert answer.status == 202
    assert [event.outcome for event in await stage.until_sent(NudgeOutcome, 1)] == ["revised"]


async def test_the_platform_is_the_keys_and_ids_are_hashed(stage: Stage) -> None:
    key = stage.add_key("outcomes", platform="square.example")
    await stage.until_known(key)
    assert (await stage.report(author_key=None, author_id="somebody", key=key)).status == 202
    (event,) = await stage.until_sent(NudgeOutcome, 1)
    assert event.platform == "square.example"
    assert len(event.author_key) == 32
    assert b"somebody" not in await stage.everything()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": "kanarya"}, "$.outcome"),
        ({"author_key": None}, "$.author_key"),
        ({"occurred_at": "2030-01-01T00:00:00Z"}, "$.occurred_at"),
        ({"revision": 1.5}, "$.revision"),
    ],
)
async def test_a_field_at_fault_is_named_and_not_quoted(stage: Stage, change: dict[str, object], field: str) -> None:
    body = {**BODY, **change}
    answer = await stage.ask("POST", f"/v1/nudges/{NAME}/outcomes", json=body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert b"kanarya" not in answer.body
