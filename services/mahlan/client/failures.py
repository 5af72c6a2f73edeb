"""What can go wrong between a platform and its gateway. No message holds a key, a text or an id.

::

    ClientError
    ├── UnavailableError       nobody answered, or not now        -> it was tried again; post the comment
    ├── AnswerError            what answered is not a gateway     -> look at the address and at proxies
    └── RequestError           the gateway refused the request    -> mend ``field``
        ├── AccessError            the key: unknown, expired, without the scope, of another origin or platform
        └── ConflictError          the same id and revision with other words: raise ``revision``
"""

from __future__ import annotations

from mahlan.errors import MahlanError


class ClientError(MahlanError):
    """Root of what the client raises."""


class UnavailableError(ClientError):
    """No answer within the time, or the gateway has too much to do. ``retry_after``: seconds it asked for."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AnswerError(ClientError):
    """An answer that no gateway gives: of a proxy, or of another program at that address."""


class RequestError(ClientError):
    """The gateway's problem: its ``status``, its ``code`` (docs/gateway.md) and the ``field`` at fault."""

    def __init__(self, message: str, status: int, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field


class AccessError(RequestError):
    """This key may not do that."""


class ConflictError(RequestError):
    """This ``comment_id`` and ``revision`` stand for another text or author."""
