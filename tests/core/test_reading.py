"""A submitted comment, read: what it keeps, whose it is, and when it may be from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mahlan.core.identity import author_key
from mahlan.core.reading import AHEAD, check_time, key_of, read_comment
from mahlan.errors import FieldError
from mahlan.events.comment import CommentSubmitted, Context

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVERYTHING = CommentSubmitted(
    comment_id="c-1",
    text="Enta ghabi awi ya 3am #pause @sara https://page.example",
    occurred_at=NOW,
    revision=3,
    state="draft",
    author_id="sara",
    surface="reply",
    thread_id="t-1",
    parent_id="c-0",
    context=Context(reply_to="mutual"),
    platform="square.example",
)


def test_everything_but_text_and_author_is_kept():
    read = read_comment(EVERYTHING, "k" * 32)
    kept = ("comment_id", "occurred_at", "revision", "state", "surface", "thread_id", "parent_id", "context",
            "platform")  # fmt: skip
    assert [getattr(read, name) for name in kept] == [getattr(EVERYTHING, name) for name in kept]
    assert read.author_key == "k" * 32
    assert (read.language, read.hashtags, read.mentions) == ("arz-Latn", ("pause",), ("sara",))
    assert read.urls == ("https://page.example",)
    assert read.length == len(EVERYTHING.text)
    assert [reading.kind for reading in read.readings] == ["original", "arabic"]


def test_a_hint_tips_what_is_in_doubt():
    for hint in ("en", "arz-Latn"):
        assert read_comment(replace(EVERYTHING, text="men", language_hint=hint), "k" * 8).language == hint


def test_signals_come_from_every_reading():
    assert read_comment(replace(EVERYTHING, text="he called me stupid"), "k" * 8).signals == ("victim_report",)


def test_a_key_is_taken_as_it_is_and_an_id_is_hashed():
    assert key_of(EVERYTHING, "salt") == author_key("sara", "salt")
    assert key_of(replace(EVERYTHING, author_key="given-key"), "") == "given-key"
    with pytest.raises(FieldError, match="MAHLAN_AUTHOR_SALT") as caught:
        key_of(EVERYTHING, "")
    assert caught.value.field == "$.author_id"


def test_a_comment_may_be_a_day_ahead_and_no_more():
    check_time(NOW + AHEAD, NOW)
    with pytest.raises(FieldError) as caught:
        check_time(NOW + AHEAD + timedelta(seconds=1), NOW)
    assert caught.value.field == "$.occurred_at"
