"""What is remembered of authors, whoever decided: histories as the topic tells them, and our own rulings at once.

Followed without a group, since every gateway needs all of it. Without the broker the gateway goes on with what it
knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from mahlan.core.history import KEPT_FOR, is_expired, merge, no_history, remember, since_erasure
from mahlan.errors import RecordError
from mahlan.events.codec import decode
from mahlan.events.nudge import AuthorHistory, NudgeDecided
from mahlan.events.topics import HISTORY
from mahlan.gateway import SERVICE
from mahlan.runtime.broker import Broker, Record
from mahlan.runtime.erasure import author_of, erased_at
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.topic_follower import TopicFollower


class Histories:
    """Authors' histories in memory. ``caught_up`` is set once all that was in the topic at the start is read."""

    def __init__(self, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._follower = TopicFollower(HISTORY.name, self.learn, metrics, SERVICE)
        self.caught_up = self._follower.caught_up
        self._metrics = metrics
        self._clock = clock
        self._known: dict[str, AuthorHistory] = {}
        self._erased: dict[str, datetime] = {}

    def of(self, author_key: str, now: datetime) -> AuthorHistory:
        """What is remembered of an author; an empty history where nothing is."""
        return self._known.get(author_key) or no_history(author_key, now)

    def apply(self, decision: NudgeDecided) -> None:
        """Remember a decision of ours at once: the next check of this author may come before the topic tells of it."""
        before = self.of(decision.author_key, decision.decided_at)
        after = remember(before, decision)
        if after is not before:
            self._keep(after)

    def withdraw(self, decision: NudgeDecided) -> None:
        """Forget a decision that could not be recorded: nobody was asked."""
        known = self._known.get(decision.author_key)
        if known is not None:
            left = tuple(past for past in known.nudges if past.decision_id != decision.decision_id)
            self._known[known.author_key] = AuthorHistory(
                author_key=known.author_key, updated_at=known.updated_at, nudges=left
            )

    def forget(self, author_key: str, erased_at: datetime) -> None:
        """The author was erased: what was decided until then is forgotten, also what the topic still tells of it."""
        self._erased[author_key] = max(erased_at, self._erased.pop(author_key, erased_at))
        known = self._known.pop(author_key, None)
        left = since_erasure(known, self._erased[author_key]) if known else None
        if left is not None and left.nudges:
            self._keep(left)

    async def follow(self, broker: Broker) -> None:
        """Until cancelled. A broker that is away is tried again and again."""
        await self._follower.follow(broker)

    async def wait_known(self, seconds: float) -> None:
        """Until the topic was read whole; after so many seconds go on with what is known, and say so."""
        if not await self._follower.is_known(seconds):
            logger().warning("histories_unknown", seconds=seconds)

    def learn(self, records: Sequence[Record]) -> None:
        """Take over what the topic says."""
        unread = 0
        for record in records:
            try:
                self._learn(record)
            except RecordError:
                unread += 1
        if unread:
            logger().warning("histories_skipped", count=unread)
        if not records:
            self._expire(self._clock())
        self._metrics.authors_remembered.labels(SERVICE).set(len(self._known))

    def _learn(self, record: Record) -> None:
        if record.value is None:
            self.forget(author_of(record), erased_at(record, self._clock()))
            return
        told: AuthorHistory = decode(AuthorHistory, record.value, record.headers).event
        if (erased := self._erased.get(told.author_key)) is not None:
            told = since_erasure(told, erased)
        known = self._known.get(told.author_key)
        self._keep(merge(known, told) if known else told)

    def _expire(self, now: datetime) -> None:
        # Both are in the order of their last change: the first that is fresh ends the search.
        while self._known and is_expired(oldest := next(iter(self._known.values())), now):
            del self._known[oldest.author_key]
        while self._erased and next(iter(self._erased.values())) <= now - KEPT_FOR:
            del self._erased[next(iter(self._erased))]

    def _keep(self, history: AuthorHistory) -> None:
        self._known.pop(history.author_key, None)
        self._known[history.author_key] = history
