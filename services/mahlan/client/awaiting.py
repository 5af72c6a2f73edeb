"""``AsyncMahlan``: the client for asyncio and trio. One for each event loop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar, Unpack

import anyio

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
from mahlan.client.exchange import Door, Send
from mahlan.client.failures import ClientError, UnavailableError
from mahlan.client.opening import BUDGET, DEADLINE, TIMEOUT, TRIES, begin, fail_open, patience
from mahlan.client.replies import Lost, Reply
from mahlan.client.transport import LARGEST, TOO_LARGE, TOO_LATE, httpx2, lost
from mahlan.core.backoff import Backoff
from mahlan.events.nudge import OutcomeKind
from mahlan.gateway.shapes import Accepted, CheckAnswer, CommentBody, Line, Receipt

T = TypeVar("T")


class AsyncMahlan:
    """A gateway at ``url``; as ``Mahlan``, whose arguments and methods these are."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        deadline: float = DEADLINE,
        tries: int = TRIES,
        http: httpx2.AsyncClient | None = None,
    ) -> None:
        self._door = Door(url, key, timeout, patience(tries, deadline))
        self._own = http is None
        self._http = http or httpx2.AsyncClient()

    def __repr__(self) -> str:
        return f"AsyncMahlan({self._door.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close its connections. Calls after this fail."""
        if self._own:
            await self._http.aclose()

    async def check(self, comment_id: str, text: str, **fields: Unpack[CheckFields]) -> CheckAnswer:
        """Check a draft. Raises ``ClientError``; ``try_check`` does not."""
        return await self._run(check_call(comment_id, text, **fields))

    async def try_check(
        self, comment_id: str, text: str, *, budget: float = BUDGET, **fields: Unpack[CheckFields]
    ) -> CheckAnswer:
        """Check a draft within ``budget`` seconds; where there is no answer by then, ``none`` is the answer.

        Its ``reason`` is then ``unavailable``, or ``refused`` where the gateway refused the request.
        """
        call = check_call(comment_id, text, **fields)
        with anyio.move_on_after(budget):
            try:
                return await self._run(call, patience(self._door.backoff.attempts, budget))
            except ClientError as error:
                return fail_open(error)
        return fail_open(UnavailableError(TOO_LATE.why))

    async def publish(self, comment_id: str, text: str, **fields: Unpack[CommentFields]) -> Accepted:
        """Publish a comment that was posted, or a draft. Raises ``ClientError``."""
        comment = CommentBody(comment_id=comment_id, text=text, **fields)
        return await self._run(publish_call(comment, datetime.now(UTC)))

    async def publish_many(self, comments: Iterable[CommentBody]) -> list[Line]:
        """Publish many; what came of each, in their order. A bad one costs no other.

        Raises ``ClientError`` when the gateway cannot take more; publish all of them again, none counts twice.
        """
        now = datetime.now(UTC)
        return [line for call in publish_calls(comments, now) for line in await self._run(call)]

    async def report(
        self, nudge_id: str, outcome: OutcomeKind, *, comment_id: str, **fields: Unpack[OutcomeFields]
    ) -> Accepted:
        """Report what the author did with a nudge; told twice, it counts once. Raises ``ClientError``."""
        return await self._run(report_call(nudge_id, outcome, comment_id, **fields))

    async def erase(self, author_key: str) -> Receipt:
        """Forget an author. Raises ``ClientError``."""
        return await self._run(erase_call(author_key))

    async def _run(self, call: Call[T], backoff: Backoff | None = None) -> T:
        steps = begin(call, self._door, backoff)
        told: Reply | Lost | None = None
        while True:
            try:
                step = steps.send(told)
            except StopIteration as done:
                answer: T = done.value
                return answer
            if isinstance(step, Send):
                told = await self._send(call, step.seconds)
            else:
                told = None
                await anyio.sleep(step.seconds)

    async def _send(self, call: Call[T], seconds: float) -> Reply | Lost:
        with anyio.move_on_after(seconds):
            return await self._answer(call)
        return TOO_LATE

    async def _answer(self, call: Call[T]) -> Reply | Lost:
        body = bytearray()
        request = self._http.stream(
            call.method,
            self._door.address(call),
            content=call.body,
            headers=self._door.headers_of(call),
            timeout=None,  # the caller's clock covers connecting, sending and reading together
        )
        try:
            async with request as answer:
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        return TOO_LARGE
                return Reply(answer.status_code, dict(answer.headers), bytes(body))
        except httpx2.RequestError as error:
            return lost(error)
