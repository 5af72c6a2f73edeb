"""A call with its tries, without a socket: says what to send and how long to wait, and is told what came back.

Both clients drive the same generator; only sending and sleeping differ.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TypeVar
from urllib.parse import urlsplit

from mahlan import __version__
from mahlan.client.calls import Call
from mahlan.client.failures import ClientError, UnavailableError
from mahlan.client.replies import Lost, Reply, read_reply
from mahlan.core.backoff import Backoff

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """Send the request; an answer that takes longer than ``seconds`` is lost."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next try."""

    seconds: float


Steps = Generator[Send | Pause, Reply | Lost | None, T]


@dataclass(frozen=True, slots=True, repr=False)
class Door:
    """Where the gateway is and what opens it. ``timeout`` is for one try, ``backoff`` for all tries of a call."""

    url: str
    key: str | None
    timeout: float
    backoff: Backoff
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_key(self.key)
        self.headers["User-Agent"] = f"mahlan-python/{__version__}"
        if self.key is not None:
            self.headers["Authorization"] = f"Bearer {self.key}"

    def address(self, call: Call[T]) -> str:
        """The call's URL."""
        return self.url.rstrip("/") + call.path

    def headers_of(self, call: Call[T]) -> dict[str, str]:
        """The call's headers."""
        return {**self.headers, "Content-Type": call.kind} if call.body else self.headers


def exchange(
    call: Call[T],
    backoff: Backoff,
    timeout: float,
    dice: Callable[[], float],
    clock: Callable[[], float],
    now: Callable[[], datetime],
) -> Steps[T]:
    """The steps of a call until it has its answer; raises ``ClientError`` when it has none.

    A wait that the gateway asked for (``Retry-After``) is kept in full, or not begun where it passes the deadline.
    """
    begun = clock()
    for failed in count(1):
        left = backoff.deadline - (clock() - begun)
        told = (yield Send(min(timeout, left))) if left > 0 else Lost("the time for this call is over")
        outcome = read_reply(call, told or Lost("no answer"), now())
        if not isinstance(outcome, ClientError):
            return outcome
        wait = None
        if isinstance(outcome, UnavailableError):
            wait = backoff.wait(failed, clock() - begun, dice(), outcome.retry_after)
        if wait is None:
            raise outcome
        yield Pause(wait)
    raise AssertionError


def _check_url(url: str) -> None:
    """Raises ValueError; a password in an address would end up in errors and logs of others."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("url must be the gateway's address, such as https://mahlan.example")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("url must have no user, password, query or fragment: give the key as key")


def _check_key(key: str | None) -> None:
    if key is not None and not (key.isascii() and key.isprintable() and key and " " not in key):
        raise ValueError("key has a character that no key has, such as a space or a line's end: copy it again")
