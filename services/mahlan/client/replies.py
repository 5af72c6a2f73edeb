"""What came back, read: an answer, or the error it stands for. Pure; used by ``exchange.py`` and both clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from mahlan.client.calls import Call
from mahlan.client.failures import AccessError, AnswerError, ClientError, ConflictError, RequestError, UnavailableError
from mahlan.core.backoff import read_retry_after
from mahlan.gateway.shapes import CheckAnswer

T = TypeVar("T")

UNAVAILABLE = "unavailable"
"""The reason of a check that nobody answered in time: post the comment."""
REFUSED = "refused"
"""The reason of a check that the gateway refused, for its key or a field: post the comment, read the log."""

PROBLEM = "urn:mahlan:problem:"
#: Asking again may help. 502 is of a proxy whose gateway is away; 408 of one that waited for us.
AGAIN = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer. ``headers`` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer; ``why`` in fixed words."""

    why: str


class Problem(msgspec.Struct):
    """The body of a gateway's error (RFC 9457)."""

    type: str
    detail: str = ""
    field: str | None = None


def read_reply(call: Call[T], reply: Reply | Lost, now: datetime) -> T | ClientError:
    """The answer to the call, or the error to raise. Nothing of the body of a stranger's answer is told."""
    if isinstance(reply, Lost):
        return UnavailableError(reply.why)
    if reply.status in AGAIN:
        wait = read_retry_after(reply.headers.get("retry-after"), now)
        return UnavailableError(f"the gateway cannot answer now (status {reply.status})", wait)
    if 200 <= reply.status < 300:
        try:
            return call.read(reply.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return AnswerError(f"status {reply.status}, but the body is not what a gateway of this version answers")
    return _refused(reply)


def _refused(reply: Reply) -> ClientError:
    problem = _problem(reply)
    if problem is None:
        return AnswerError(f"status {reply.status} from something that is no mahlan gateway: check the address")
    kinds = {401: AccessError, 403: AccessError, 409: ConflictError}
    kind = kinds.get(reply.status, RequestError)
    code = problem.type.removeprefix(PROBLEM)
    where = f"{problem.field}: " if problem.field else ""
    return kind(f"{where}{problem.detail} ({code})", reply.status, code, problem.field)


def _problem(reply: Reply) -> Problem | None:
    if reply.headers.get("content-type", "").partition(";")[0] != "application/problem+json":
        return None
    try:
        problem = msgspec.json.decode(reply.body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return problem if problem.type.startswith(PROBLEM) else None


def no_nudge(reason: str) -> CheckAnswer:
    """The answer where there is none: post the comment. It has no nudge to report on."""
    return CheckAnswer(
        nudge_id="",
        decision="none",
        reason=reason,
        campaign="",
        campaign_version="",
        language="und",
        script="",
        labels={},
        label=None,
        band="none",
        score=0.0,
        spans=[],
        wording=None,
        model="",
        recorded=False,
    )
