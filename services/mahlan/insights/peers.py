"""The other workers: who has which partition, and what they tell of a campaign. Asked over HTTP, within a bounded time.

Faust tells every worker of a group which partitions the others have and at which address they are reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import aiohttp
import msgspec

from mahlan.insights import SERVICE
from mahlan.insights.shares import Share
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics

Answer = TypeVar("Answer")

#: What the question for a worker's own partitions is told apart by.
OWN = "own"
#: Bytes of an answer at most: a share is a hundred times smaller.
MOST_BYTES = 64 * 1024 * 1024

_SHARES = msgspec.json.Decoder(list[Share])
_NAMES = msgspec.json.Decoder(list[str])

#: By address, the partitions of a worker.
Addresses = Callable[[], Mapping[str, Sequence[int]]]


class Peers:
    """Asks all other workers at once. One that does not answer in time is left out, and counted."""

    def __init__(self, addresses: Addresses, own: str, token: str, seconds: float, metrics: Metrics) -> None:
        self._addresses = addresses
        self._own = own.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._metrics = metrics
        self._session: aiohttp.ClientSession | None = None

    async def shares(self, campaign: str) -> list[Share]:
        """What the others have of a campaign."""
        answers = await self._ask(f"/insights/{campaign}", _SHARES)
        return [share for answer in answers for share in answer]

    async def campaigns(self) -> set[str]:
        """The campaigns that the others know."""
        answers = await self._ask("/insights", _NAMES)
        return {name for answer in answers for name in answer}

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, path: str, decoder: msgspec.json.Decoder[Answer]) -> list[Answer]:
        others = [address.rstrip("/") for address, numbers in self._addresses().items() if numbers]
        answers: list[Answer] = []

        async def ask(address: str) -> None:
            answer = await self._ask_one(address + path, decoder)
            if answer is not None:
                answers.append(answer)

        await asyncio.gather(*(ask(address) for address in others if address != self._own))
        return answers

    async def _ask_one(self, url: str, decoder: msgspec.json.Decoder[Answer]) -> Answer | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        try:
            async with self._session.get(url, params={OWN: "1"}, allow_redirects=False) as response:
                if response.status == 200:
                    return decoder.decode(await response.content.read(MOST_BYTES))
                reason = f"status_{response.status}"
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
            reason = type(error).__name__
        self._metrics.insights_peer_failures.labels(SERVICE).inc()
        logger().warning("peer", reason=reason)
        return None
