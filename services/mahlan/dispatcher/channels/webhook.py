"""The signed webhook: Standard Webhooks 1.0 headers, so that platforms verify it with a library they have.

Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md. ``webhook-id`` is the decision id: the same on
every try, so that the platform drops repeats. ``docs/channels.md`` shows a receiver.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
import orjson
from standardwebhooks.webhooks import Webhook

from mahlan.core.backoff import read_retry_after
from mahlan.dispatcher.channels.addresses import BlockedAddressError, open_any_socket, open_public_socket
from mahlan.errors import DeliveryError, GoneError, RefusedError, SettingsError
from mahlan.events.nudge import NudgeDecided

TYPE = "nudge.decided"
#: 4xx answers that are about this moment, not about the request.
_FOR_NOW = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
#: The spec's shortest secret, in bytes.
_SHORTEST_SECRET = 24


class WebhookChannel:
    """Implements ``Channel``. ``secrets`` newest first: while keys rotate, each of them signs.

    Redirects are not followed: the address was judged before, the new one was not. Times in seconds.
    """

    name = "webhook"

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        *,
        timeout: float = 5.0,
        allow_private: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = checked_url(url, allow_private=allow_private)
        self._signers = [_signer(secret) for secret in secrets]
        if not self._signers:
            raise SettingsError("MAHLAN_WEBHOOK_SECRETS is empty: the webhook channel signs what it sends")
        self._factory = open_any_socket if allow_private else open_public_socket
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._gone = False

    async def deliver(self, decision: NudgeDecided) -> None:
        """POST once and judge the answer; its body is neither read nor logged."""
        if self._gone:
            raise GoneError("the webhook answered 410 Gone earlier; restart the dispatcher once it is back")
        body = payload(decision)
        headers = self._headers(decision.decision_id, body)
        try:
            async with self._open().post(self._url, data=body, headers=headers, allow_redirects=False) as response:
                self._judge(response.status, response.headers.get("Retry-After"))
        except (aiohttp.ClientError, OSError) as error:  # a timeout is an OSError too
            raise _unreachable(error) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # Made at the first delivery: aiohttp wants a running loop. No proxy from the environment, no cookies kept.
        if self._session is None:
            connector = aiohttp.TCPConnector(socket_factory=self._factory, limit=0)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        return self._session

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        now = self._clock()
        signatures = [signer.sign(message_id, now, body.decode()) for signer in self._signers]
        return {
            "content-type": "application/json",
            "user-agent": "mahlan",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def _judge(self, status: int, retry_after: str | None) -> None:
        if 200 <= status < 300:
            return
        if status == HTTPStatus.GONE:
            self._gone = True
            raise GoneError("the webhook answered 410 Gone")
        if 300 <= status < 400:
            raise RefusedError(f"the webhook answered {status}: redirects are not followed, set the final address")
        if 400 <= status < 500 and status not in _FOR_NOW:
            raise RefusedError(f"the webhook answered {status}")
        raise DeliveryError(f"the webhook answered {status}", read_retry_after(retry_after, self._clock()))


def payload(decision: NudgeDecided) -> bytes:
    """The body: the spec's ``type``, ``timestamp``, ``data``, the last being the event as its schema has it."""
    return orjson.dumps({"type": TYPE, "timestamp": decision.decided_at, "data": decision})


def checked_url(url: str, *, allow_private: bool) -> str:
    """The URL, if a webhook may go there. Raises ``SettingsError`` that does not repeat it: it may hold a token."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise SettingsError("MAHLAN_WEBHOOK_URL is not a URL: write https://HOST/PATH") from None
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise SettingsError(
            "MAHLAN_WEBHOOK_URL must begin with https:// (http:// only with MAHLAN_WEBHOOK_ALLOW_PRIVATE)"
        )
    if not parts.hostname or parts.username is not None:
        raise SettingsError("MAHLAN_WEBHOOK_URL needs a host, and no user name or password")
    return url


def _signer(secret: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _SHORTEST_SECRET:
        raise SettingsError(
            f"MAHLAN_WEBHOOK_SECRETS: each is whsec_ and at least {_SHORTEST_SECRET} random bytes in base64"
        )
    return Webhook(secret)


def _unreachable(error: BaseException) -> DeliveryError | RefusedError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BlockedAddressError):
            return RefusedError("the webhook's address is not public; see MAHLAN_WEBHOOK_ALLOW_PRIVATE")
        cause = getattr(cause, "os_error", None) or cause.__cause__
    return DeliveryError(f"the webhook did not answer: {type(error).__name__}")
