"""What the routes work with: built once by ``app.py``, found through the request. Routes import nothing else of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mahlan.campaign_files import Campaigns
from mahlan.core.campaign import Campaign
from mahlan.core.reading import key_of
from mahlan.errors import RetryError
from mahlan.events.comment import CommentSubmitted
from mahlan.gateway import SERVICE
from mahlan.gateway.board.latest import Latest
from mahlan.gateway.checking import Checking, Keep
from mahlan.gateway.decoding import BodyRequest
from mahlan.gateway.histories import Histories
from mahlan.gateway.keys import Key
from mahlan.gateway.perspective.score_map import Fitted
from mahlan.gateway.pool import Pool
from mahlan.gateway.problems import ProblemError
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.broker import Broker, Outgoing
from mahlan.runtime.followed import Followed
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.settings import Settings

RETRY_AFTER = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The gateway's parts. ``stop`` is set when it is asked to end; ``keep`` takes records to be sent to Kafka.

    ``score_map`` is the site's own, for Perspective's attributes; ``latest`` has the numbers of the board.
    """

    settings: Settings
    broker: Broker
    metrics: Metrics
    pool: Pool
    histories: Histories
    brakes: Brakes
    checking: Checking
    keep: Keep
    is_active: Callable[[Key], bool]
    clock: Callable[[], datetime]
    stop: asyncio.Event
    campaign_files: Followed[dict[str, str], Campaigns]
    score_map: Followed[bytes, Fitted]
    latest: Latest

    @property
    def campaigns(self) -> Mapping[str, Campaign]:
        """Every campaign of the folder, by id, as its file is now."""
        return self.campaign_files.value.all

    async def record(self, *records: Outgoing) -> None:
        """Keep records for Kafka; raises ``ProblemError`` where there is no room for them."""
        try:
            await self.keep(records)
        except RetryError:
            self.metrics.gateway_shed.labels(SERVICE, "spool").inc()
            detail = "Kafka is away and the spool is full; try again"
            raise ProblemError("unrecorded", detail, headers=RETRY_AFTER) from None

    def author(self, author_key: str | None, author_id: str | None) -> str:
        """The author's key: as given, or the id hashed with the deployment's salt. Raises ``FieldError``."""
        told = CommentSubmitted(
            comment_id="-", text="", occurred_at=self.clock(), author_key=author_key, author_id=author_id
        )
        return key_of(told, self.settings.author_salt)


def parts_of(request: BodyRequest) -> Parts:
    """The parts behind a request."""
    parts: Parts = request.app.state.parts
    return parts


def key_behind(request: BodyRequest) -> Key:
    """The key that a request showed."""
    key: Key = request.auth
    return key


def platform_for(key: Key, told: str | None) -> str | None:
    """The platform of an event: the key's own. Raises ``ProblemError`` for another's."""
    if key.platform is not None and told not in {None, key.platform}:
        raise ProblemError("forbidden", "this key speaks for another platform", "$.platform")
    return key.platform or told
