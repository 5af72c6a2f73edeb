"""The ledger finds what is planted: a lost comment, a second decision, a dead letter; and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from mahlan.demo.ledger import Ledger
from mahlan.errors import FieldError
from mahlan.events.topics import DECIDED, NORMALISED, SCORED, SUBMITTED
from mahlan.runtime.broker import Record
from mahlan.runtime.dead_letters import dead_letter

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Topics:
    """Writes records as the pipeline would, with offsets that grow."""

    def __init__(self) -> None:
        self.offset = 0
        self.ledger = Ledger("run")

    def put(self, topic: str, value: bytes, headers=(), at_ms: int = 0) -> Record:
        record = Record(topic, 0, self.offset, b"k", value, tuple(headers), at_ms)
        self.offset += 1
        self.ledger.see(record)
        return record

    def submitted(self, number: int, revision: int = 0, run: str = "run", at_ms: int = 1000) -> Record:
        value = orjson.dumps({"comment_id": f"{run}-{number}", "text": f"text {number}"})
        return self.put(SUBMITTED.name, value, [("ce_id", f"{run}-{number}.{revision}".encode())], at_ms)

    def passed(self, topic: str, number: int, revision: int = 0) -> Record:
        return self.put(topic, orjson.dumps({"comment_id": f"run-{number}", "revision": revision}))

    def decided(self, number: int, revision: int = 0, kind: str = "none", at_ms: int = 1100) -> Record:
        event = {
            "comment_id": f"run-{number}",
            "revision": revision,
            "decision_id": f"d{number}.{revision}",
            "kind": kind,
            "reason": "x",
            "language": "en",
            "wording": {"language": "en", "text": "pause?"} if kind == "nudge" else None,
        }
        return self.put(DECIDED.name, orjson.dumps(event), at_ms=at_ms)

    def whole(self, number: int, **decided) -> None:
        self.submitted(number)
        self.passed(NORMALISED.name, number)
        self.passed(SCORED.name, number)
        self.decided(number, **decided)


@pytest.fixture
def topics() -> Topics:
    return Topics()


def names(*numbers: int) -> list[str]:
    return [f"run-{number}.0" for number in numbers]


def test_a_whole_run(topics):
    topics.whole(1, kind="nudge")
    topics.whole(2, kind="holdout", at_ms=1300)
    topics.whole(3, kind="suppress", at_ms=1200)
    report = topics.ledger.report(names(1, 2, 3), 1.0)
    assert (report.submitted, report.normalised, report.scored, report.decided) == (3, 3, 3, 3)
    assert (report.nudged, report.holdout, report.suppressed) == (1, 1, 1)
    assert (report.lost, report.duplicated, report.dead_lettered) == (0, 0, 0)
    assert (report.p50_ms, report.p99_ms) == (200.0, 300.0)
    assert report.is_whole


def test_a_lost_comment_is_found(topics):
    topics.whole(1)
    topics.submitted(2)
    topics.passed(NORMALISED.name, 2)
    report = topics.ledger.report(names(1, 2), 1.0)
    assert (report.lost, report.decided, report.is_whole) == (1, 1, False)


def test_a_comment_that_the_broker_acknowledged_but_does_not_have_is_lost(topics):
    topics.whole(1)
    assert topics.ledger.report(names(1, 2), 1.0).lost == 1


def test_a_second_decision_is_found(topics):
    topics.whole(1)
    topics.decided(1)
    topics.decided(1)
    report = topics.ledger.report(names(1), 1.0)
    assert (report.decided, report.duplicated, report.is_whole) == (1, 2, False)


def test_a_second_scored_event_counts_once(topics):
    topics.whole(1)
    topics.passed(SCORED.name, 1)
    assert topics.ledger.report(names(1), 1.0).scored == 1


def test_two_revisions_are_two_comments(topics):
    topics.whole(1)
    topics.submitted(1, revision=1)
    report = topics.ledger.report(["run-1.0", "run-1.1"], 1.0)
    assert (report.submitted, report.lost) == (2, 1)


def test_a_record_read_again_counts_once(topics):
    topics.submitted(1)
    record = topics.decided(1)
    topics.ledger.see(record)
    assert topics.ledger.report(names(1), 1.0).duplicated == 0


def test_a_dead_letter_is_an_end_whatever_stage_and_whichever_is_read_first(topics):
    bad = Record(SUBMITTED.name, 0, 90, b"k", b"{", (("ce_id", b"run-1.0"),), 5)
    letter = dead_letter(bad, FieldError("no", "$.text"), service="normaliser", now=NOW)
    topics.put(letter.topic, letter.value, letter.headers)
    topics.offset = 90
    topics.put(bad.topic, bad.value, bad.headers)
    topics.submitted(2)
    normalised = topics.passed(NORMALISED.name, 2)
    letter = dead_letter(normalised, FieldError("no", "$.readings"), service="scorer", now=NOW)
    topics.put(letter.topic, letter.value, letter.headers)
    report = topics.ledger.report(names(1, 2), 1.0)
    assert (report.dead_lettered, report.lost, report.decided) == (2, 0, 0)
    assert set(topics.ledger.dead().values()) == {("normaliser", "invalid_field"), ("scorer", "invalid_field")}


def test_records_of_others_are_passed_over(topics):
    topics.submitted(1, run="other")
    topics.put(DECIDED.name, orjson.dumps({"comment_id": "other-1", "revision": 0, "decision_id": "d"}))
    report = topics.ledger.report([], 1.0)
    assert (report.submitted, report.decided) == (0, 0)
    assert report.p50_ms is None


def test_examples_pair_the_comment_with_its_nudge(topics):
    topics.whole(7, kind="nudge")
    assert topics.ledger.examples["en"].text == "text 7"
