"""Asks the insights service for a campaign's numbers. Called by ``latest.py``.

aiohttp, since the dispatcher and Faust bring it to every machine that runs more than the gateway; httpx2 is the
client's alone.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import aiohttp

from mahlan.errors import InsightsError, RecordError, SettingsError
from mahlan.events.codec import decode_json
from mahlan.gateway.board.numbers import Numbers
from mahlan.runtime.settings import Settings

LARGEST = 4_000_000
"""Bytes of an answer at most: a year of days is some 100 kB."""


AFTER_ITS_PEERS = 1.0
"""Seconds the service has after it stopped waiting for its other workers: half an answer must not come too late."""
SHARE = 0.8
"""Of the time that a request here may take: it must end in an answer, whatever the service does."""


class Source:
    """The service at ``url``, which has ``patience`` seconds for an answer. Made within the event loop."""

    def __init__(self, url: str, patience: float, token: str = "") -> None:
        self._url = check_url(url)
        # No proxy and no cookies: it is a service of the same deployment. A redirect is nothing it would send.
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=patience),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    async def fetch(self, campaign: str) -> Numbers | None:
        """The numbers; None where it knows nothing of the campaign yet. Raises ``InsightsError``."""
        address = f"{self._url}/insights/{quote(campaign, safe='')}"
        try:
            async with self._session.get(address, allow_redirects=False) as answer:
                if answer.status == 404:
                    return None
                if answer.status != 200:
                    raise InsightsError(f"the insights service answered {answer.status}", "refused")
                return _read(campaign, await _body(answer))
        except TimeoutError as error:
            raise InsightsError("the insights service did not answer in time", "timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            raise InsightsError("the insights service cannot be reached", "unreachable") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def open_source(settings: Settings) -> Source | None:
    """The service that the settings name; None where they name none. Raises ``SettingsError``."""
    if not settings.gateway_insights_url:
        return None
    patience = min(settings.insights_peer_timeout + AFTER_ITS_PEERS, settings.gateway_timeout * SHARE)
    return Source(settings.gateway_insights_url, patience, settings.insights_token)


def check_url(url: str) -> str:
    """The address without a slash at its end. Raises ``SettingsError``."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError("MAHLAN_GATEWAY_INSIGHTS_URL: write http://HOST:PORT, where `mahlan run insights` answers")
    return url.rstrip("/")


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > LARGEST:
            raise InsightsError("the insights service sent too much", "unreadable")
    return bytes(body)


def _read(campaign: str, body: bytes) -> Numbers:
    try:
        numbers = decode_json(Numbers, body)
    except RecordError as error:
        raise InsightsError(
            f"the insights service sent what is no board: {error} ({error.field})", "unreadable"
        ) from None
    if numbers.campaign != campaign:
        raise InsightsError("the insights service sent another campaign's numbers", "unreadable")
    return numbers
