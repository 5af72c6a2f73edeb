"""A published version gains optional fields only: what was written when it came out is still read the same."""

from __future__ import annotations

import pytest

from mahlan.events.codec import decode_json
from mahlan.events.jsonschema import schema
from mahlan.events.topics import BY_EVENT, BY_NAME
from tests.contracts.examples import GOOD

#: What each event required when its version was published. Written by hand, once: it never changes.
REQUIRED = {
    "comments.submitted.v1": "comment_id text occurred_at",
    "comments.normalised.v1": "comment_id revision state author_key surface occurred_at readings language script"
    " length",
    "comments.scored.v1": "comment_id revision state author_key surface occurred_at language script length scores"
    " verdict model",
    "nudges.decided.v1": "decision_id campaign campaign_version comment_id revision state author_key surface language"
    " kind reason model occurred_at decided_at",
    "authors.history.v1": "author_key updated_at",
    "nudges.outcomes.v1": "decision_id comment_id author_key outcome occurred_at",
    "campaigns.brakes.v1": "campaign language level code reason set_at set_by",
    "feedback.suggested.v1": "suggestion_id occurred_at values scores model language length",
}


def test_every_event_is_held():
    assert {topic.name for topic in BY_EVENT.values()} == set(REQUIRED)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_field_that_came_later_is_optional(name):
    assert schema(BY_NAME[name])["required"] == REQUIRED[name].split()


#: Those that tell of no comment.
WITHOUT_PLATFORM = {"authors.history.v1", "campaigns.brakes.v1"}


@pytest.mark.parametrize("name", [name for name in REQUIRED if name not in WITHOUT_PLATFORM])
def test_a_record_from_before_platforms_were_named_is_read_without_one(name):
    for example in GOOD:
        if example.topic.name == name and "platform" not in example.event:
            event = decode_json(example.topic.event, example.data)
            assert event.platform is None
            assert getattr(event, "ruling", None) is None or "ruling" in example.event
            assert getattr(event, "door", "stream") == example.event.get("door", "stream")
