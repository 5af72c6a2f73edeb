"""``Mahlan``: the client for code that waits. Safe to share between threads, and across a fork."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar, Unpack

from mahlan.client.calls import (
    Call,
    CheckFields,
    CommentFields,
    OutcomeFields,
    check_call,
    erase_call,
    publish_call,
    publish_calls,
    report_call,
)
from mahlan.client.exchange import Door, Send, Steps
from mahlan.client.failures import ClientError, UnavailableError
from mahlan.client.opening import BUDGET, DEADLINE, TIMEOUT, TRIES, begin, fail_open, patience
from mahlan.client.replies import Lost, Reply
from mahlan.client.transport import LARGEST, TOO_LARGE, TOO_LATE, httpx2, lost
from mahlan.core.backoff import Backoff
from mahlan.events.nudge import OutcomeKind
from mahlan.gateway.shapes import Accepted, CheckAnswer, CommentBody, Line, Receipt

T = TypeVar("T")

THREADS = 64
"""Checks with a budget at the same time; what is beyond waits its turn, within its budget."""


class Mahlan:
    """A gateway at ``url``. Every call is tried again where that may help, and all can be sent twice without harm.

    ``timeout`` is for one try and ``deadline`` for all of a call, in seconds. ``http`` is a client of your own, for
    proxies and certificates; it is left open. Raises ValueError for an ``url`` or ``key`` that cannot be one.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        deadline: float = DEADLINE,
        tries: int = TRIES,
        http: httpx2.Client | None = None,
    ) -> None:
        self._door = Door(url, key, timeout, patience(tries, deadline))
        self._given = http
        self._begin()

    def __repr__(self) -> str:
        return f"Mahlan({self._door.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections. Calls after this fail."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._given is None:
            self._http.close()

    def check(self, comment_id: str, text: str, **fields: Unpack[CheckFields]) -> CheckAnswer:
        """Check a draft. Raises ``ClientError``; ``try_check`` does not."""
        return self._run(check_call(comment_id, text, **fields))

    def try_check(
        self, comment_id: str, text: str, *, budget: float = BUDGET, **fields: Unpack[CheckFields]
    ) -> CheckAnswer:
        """Check a draft within ``budget`` seconds; where there is no answer by then, ``none`` is the answer.

        Its ``reason`` is then ``unavailable``, or ``refused`` where the gateway refused the request. It returns in
        time even where a name cannot be resolved: the request is then left to its thread.
        """
        self._follow_fork()
        call = check_call(comment_id, text, **fields)
        doing = self._threads.submit(self._run, call, patience(self._door.backoff.attempts, budget))
        try:
            return doing.result(max(0.0, budget))
        except TimeoutError:
            doing.cancel()
            return fail_open(UnavailableError(TOO_LATE.why))
        except ClientError as error:
            return fail_open(error)

    def publish(self, comment_id: str, text: str, **fields: Unpack[CommentFields]) -> Accepted:
        """Publish a comment that was posted, or a draft. Raises ``ClientError``."""
        comment = CommentBody(comment_id=comment_id, text=text, **fields)
        return self._run(publish_call(comment, datetime.now(UTC)))

    def publish_many(self, comments: Iterable[CommentBody]) -> list[Line]:
        """Publish many; what came of each, in their order. A bad one costs no other.

        Raises ``ClientError`` when the gateway cannot take more; publish all of them again, none counts twice.
        """
        now = datetime.now(UTC)
        return [line for call in publish_calls(comments, now) for line in self._run(call)]

    def report(
        self, nudge_id: str, outcome: OutcomeKind, *, comment_id: str, **fields: Unpack[OutcomeFields]
    ) -> Accepted:
        """Report what the author did with a nudge; told twice, it counts once. Raises ``ClientError``."""
        return self._run(report_call(nudge_id, outcome, comment_id, **fields))

    def erase(self, author_key: str) -> Receipt:
        """Forget an author. Raises ``ClientError``."""
        return self._run(erase_call(author_key))

    def _run(self, call: Call[T], backoff: Backoff | None = None) -> T:
        self._follow_fork()
        return self._walk(call, begin(call, self._door, backoff))

    def _walk(self, call: Call[T], steps: Steps[T]) -> T:
        told: Reply | Lost | None = None
        while True:
            try:
                step = steps.send(told)
            except StopIteration as done:
                answer: T = done.value
                return answer
            if isinstance(step, Send):
                told = self._send(call, step.seconds)
            else:
                told = None
                time.sleep(step.seconds)

    def _send(self, call: Call[T], seconds: float) -> Reply | Lost:
        until = time.monotonic() + seconds
        body = bytearray()
        request = self._http.stream(
            call.method,
            self._door.address(call),
            content=call.body,
            headers=self._door.headers_of(call),
            timeout=seconds,
        )
        try:
            with request as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        return TOO_LARGE
                    if time.monotonic() > until:
                        return TOO_LATE
                return Reply(answer.status_code, dict(answer.headers), bytes(body))
        except httpx2.RequestError as error:
            return lost(error)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._http = self._given or httpx2.Client()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mahlan")

    def _follow_fork(self) -> None:
        """A child has none of its parent's threads and must not speak on its connections."""
        if self._process != os.getpid():
            self._begin()
