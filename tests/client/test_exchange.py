"""The steps of a call, with a clock and dice that a test sets: when it tries again, and when it gives up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mahlan.client import RequestError, UnavailableError
from mahlan.client.calls import check_call
from mahlan.client.exchange import Pause, Send, exchange
from mahlan.client.replies import Lost, Reply, no_nudge
from mahlan.core.backoff import Backoff

CALL = check_call("c-1", "a text", author_key="author-1")
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
LOST = Lost("gone")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def steps(clock: Clock, timeout: float = 2.0, dice: float = 0.5, **backoff: float):
    given = Backoff(**{"attempts": 3, "first": 0.1, "longest": 2.0, "deadline": 10.0, **backoff})
    return exchange(CALL, given, timeout, lambda: dice, clock, lambda: NOW)


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    return Reply(status, headers, body)


def good() -> Reply:
    import msgspec

    return reply(200, msgspec.json.encode(msgspec.structs.replace(no_nudge("x"), nudge_id="0" * 32, model="m@1",
                                                                  campaign_version="0" * 12)))  # fmt: skip


def test_an_answer_ends_it():
    walk = steps(Clock())
    assert walk.send(None) == Send(2.0)
    with pytest.raises(StopIteration) as done:
        walk.send(good())
    assert done.value.value.reason == "x"


def test_waits_double_and_the_last_failure_is_raised():
    clock = Clock()
    walk = steps(clock)
    assert walk.send(None) == Send(2.0)
    assert walk.send(LOST) == Pause(0.05)
    assert walk.send(None) == Send(2.0)
    assert walk.send(LOST) == Pause(0.1)
    assert walk.send(None) == Send(2.0)
    with pytest.raises(UnavailableError, match="gone"):
        walk.send(LOST)


@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
def test_retry_after_is_kept_in_full(status):
    walk = steps(Clock())
    walk.send(None)
    assert walk.send(reply(status, **{"retry-after": "3"})) == Pause(3.05)


def test_retry_after_may_be_a_date():
    walk = steps(Clock(), dice=0.0)
    walk.send(None)
    assert walk.send(reply(503, **{"retry-after": "Sun, 29 Nov 2026 09:00:04 GMT"})) == Pause(4.0)


def test_a_wait_beyond_the_deadline_is_not_begun():
    walk = steps(Clock())
    walk.send(None)
    with pytest.raises(UnavailableError) as told:
        walk.send(reply(503, **{"retry-after": "10"}))
    assert told.value.retry_after == 10.0


def test_the_last_try_has_only_what_is_left():
    clock = Clock()
    walk = steps(clock, deadline=3.0)
    walk.send(None)
    clock.now += 2.0
    walk.send(LOST)
    clock.now += 0.05
    assert walk.send(None) == Send(pytest.approx(0.95))


def test_a_pause_that_took_too_long_leaves_nothing_to_try():
    clock = Clock()
    walk = steps(clock)
    walk.send(None)
    walk.send(LOST)
    clock.now += 60
    with pytest.raises(UnavailableError, match="over"):
        walk.send(None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422, 500])
def test_what_the_gateway_refused_is_not_asked_again(status):
    walk = steps(Clock())
    walk.send(None)
    body = b'{"type": "urn:mahlan:problem:code", "detail": "mend it", "field": "$.x", "status": 1, "title": ""}'
    with pytest.raises(RequestError) as told:
        walk.send(reply(status, body, **{"content-type": "application/problem+json; charset=utf-8"}))
    assert (str(told.value), told.value.status, told.value.code) == ("$.x: mend it (code)", status, "code")
