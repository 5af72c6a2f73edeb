"""The HTTP library, or a word on how to get it. Imported by both clients; nothing else of mahlan imports it."""

from __future__ import annotations

from typing import Final

try:
    import httpx2
except ModuleNotFoundError as error:  # pragma: no cover (the tests have it)
    message = "mahlan.client needs the extra 'client', which is not installed: pip install 'mahlan[client]'"
    raise ModuleNotFoundError(message, name=error.name) from None

from mahlan.client.replies import Lost

__all__ = ["LARGEST", "TOO_LARGE", "TOO_LATE", "httpx2", "lost"]

LARGEST: Final = 8_000_000
"""Bytes of an answer at most. What is larger is no gateway's."""
TOO_LATE: Final = Lost("the gateway did not answer in time")
TOO_LARGE: Final = Lost("the answer is too large to be a gateway's")


def lost(error: httpx2.RequestError) -> Lost:
    """Why there is no answer, without the library's words: they may quote the request."""
    if isinstance(error, httpx2.TimeoutException):
        return TOO_LATE
    if isinstance(error, httpx2.ConnectError):
        return Lost("the gateway cannot be reached")
    return Lost("the connection broke off before the answer was there")
