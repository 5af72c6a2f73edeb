"""A comment and its scores as one event: all of the one but its text, all of the other."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from mahlan.core.reading import read_comment
from mahlan.events.comment import CommentSubmitted, Context, Verdict
from mahlan.scoring.comments import scored_comment
from mahlan.scoring.model import Scores
from tests.core.policy_cases import campaign

FOUND = Scores({"toxic": 0.75}, Verdict(toxic=True, label="toxic", band="medium", score=0.75), spans=((0, 4),))
SUBMITTED = CommentSubmitted(
    comment_id="c-1",
    text="canaryword #canarytag #فكر_قبل_ما_تنشر @canaryname https://canary.example",
    occurred_at=datetime(2026, 11, 23, tzinfo=UTC),
    revision=2,
    state="draft",
    surface="reply",
    author_key="author-0001",
    context=Context(reply_to="own_thread"),
    platform="square.example",
)


def test_everything_but_the_text_goes_on():
    read = read_comment(SUBMITTED, "author-0001")
    event = scored_comment(read, FOUND, "fast@1", [campaign()])
    kept = ("comment_id", "revision", "state", "author_key", "surface", "occurred_at", "language", "script", "length",
            "truncated", "signals", "context", "platform")  # fmt: skip
    assert [getattr(event, name) for name in kept] == [getattr(read, name) for name in kept]
    assert (event.scores, event.verdict, event.model, event.spans) == (FOUND.scores, FOUND.verdict, "fast@1", ([0, 4],))
    assert event.campaign_tags == ("فكرقبلماتنشر",)
    assert event.ruling is None
    assert b"canary" not in orjson.dumps(event)
