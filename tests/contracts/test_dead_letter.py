"""A dead letter tells where it came from and why, in headers, and gives the original headers back for a replay."""

from __future__ import annotations

from datetime import UTC, datetime

from mahlan.errors import FieldError, RecordError
from mahlan.events import dead_letter as letters
from mahlan.events.dead_letter import DeadLetter
from mahlan.runtime.broker import Record
from mahlan.runtime.dead_letters import dead_letter

NOW = datetime(2026, 3, 1, 18, 15, tzinfo=UTC)
ORIGINAL = (("ce_id", b"e-1"), ("x", b"\xff"), ("x", b"second"))
NO_TEXT = FieldError("text is missing", "$.text")


def letter(error: RecordError = NO_TEXT, headers=ORIGINAL):
    record = Record("comments.submitted.v1", 2, 40, b"key", b"{", headers)
    return dead_letter(record, error, service="normaliser", now=NOW)


def test_bytes_and_key_are_kept_and_the_reason_is_told():
    sent = letter()
    assert (sent.topic, sent.key, sent.value) == ("normaliser.dlq.v1", b"key", b"{")
    assert letters.read(sent.headers) == DeadLetter(
        "normaliser", "comments.submitted.v1", 2, 40, "invalid_field", "$.text", "text is missing", NOW.isoformat()
    )


def test_original_headers_come_back_in_order_and_with_repeats():
    assert letters.original_headers(letter().headers) == ORIGINAL


def test_a_replayed_letter_that_fails_again_tells_only_its_last_failure():
    again = letter(FieldError("state", "$.state"), headers=letter().headers)
    assert [name for name, _ in again.headers].count("mahlan_dead_reason") == 1
    assert letters.read(again.headers).field == "$.state"


def test_a_record_that_is_no_dead_letter_is_told_apart():
    assert letters.read(ORIGINAL) is None
    assert letters.read(()) is None


def test_a_forged_or_damaged_letter_is_none_and_never_an_exception():
    good = letter().headers
    for name in ("mahlan_dead_offset", "mahlan_dead_partition"):
        assert letters.read(tuple((key, b"many" if key == name else value) for key, value in good)) is None
    assert letters.read(tuple((key, None) for key, _ in good)) is None
