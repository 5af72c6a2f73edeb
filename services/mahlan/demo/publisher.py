"""Puts comments on ``comments.submitted.v1`` as a platform would, at a steady rate. Used by the demo's run.

Half of the comments carry the author's key, half the author's id, which the normaliser hashes with the same salt.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from mahlan.core.identity import author_key
from mahlan.demo.generator import Invented
from mahlan.errors import BrokerError
from mahlan.events import codec
from mahlan.events.comment import CommentSubmitted, Context
from mahlan.events.envelope import Headers
from mahlan.events.topics import SUBMITTED
from mahlan.runtime.broker import Outgoing, Producer

SOURCE = "mahlan/demo"
#: Seconds between two batches: short enough to look steady, long enough to be batches.
TICK = 0.05
#: Records handed to the broker at once at most.
BATCH = 500
#: Tries before a batch counts as not published.
TRIES = 5

#: What a platform may do wrong, in turn: cut JSON, a missing field, a wrong type, bytes that are not UTF-8, an
#: empty value.
DAMAGE = (
    lambda value: value[: len(value) // 2],
    lambda value: value.replace(b'"text":', b'"txt":'),
    lambda value: value.replace(b'"revision":', b'"revision":"x","was":'),
    lambda value: value.replace(b'"text":"', b'"text":"\xff\xfe'),
    lambda value: b"",
)


@dataclass(frozen=True, slots=True)
class Source:
    """Which comments, under which names: ``<run>-<number>.<revision>``. Every ``bad_every``-th record is damaged."""

    run: str
    salt: str
    comments: Iterator[Invented]
    bad_every: int = 0

    def records(self) -> Iterator[tuple[str, Outgoing]]:
        """Name and record of each comment."""
        for position, comment in enumerate(self.comments):
            name = f"{self.run}-{comment.number}.{comment.revision}"
            record = record_of(self.run, self.salt, comment, datetime.now(UTC))
            if self.bad_every and position % self.bad_every == self.bad_every - 1:
                damage = DAMAGE[position // self.bad_every % len(DAMAGE)]
                record = Outgoing(record.topic, record.key, damage(record.value or b""), record.headers)
            yield name, record


def record_of(run: str, salt: str, comment: Invented, occurred_at: datetime) -> Outgoing:
    """The comment as a platform publishes it, written at ``occurred_at``; its CloudEvents id is its name."""
    key = author_key(comment.author, salt)
    by_id = comment.number % 2 == 0
    event = CommentSubmitted(
        comment_id=f"{run}-{comment.number}",
        text=comment.text,
        occurred_at=occurred_at,
        revision=comment.revision,
        state=comment.state,
        author_key=None if by_id else key,
        author_id=comment.author if by_id else None,
        surface=comment.surface,
        context=Context(reply_to=comment.reply_to),
    )
    value, headers = encoded(event, f"{run}-{comment.number}.{comment.revision}", occurred_at)
    return Outgoing(SUBMITTED.name, key.encode(), value, headers)


def encoded(event: Any, name: str, now: datetime) -> tuple[bytes, Headers]:
    """Value and headers of what a platform publishes, under ``name`` as its CloudEvents id."""
    return codec.encode(event, codec.envelope_of(event, id=name, source=SOURCE, time=now.isoformat()))


async def publish(source: Source, producer: Producer, rate: float) -> AsyncGenerator[list[str], None]:
    """Publish all comments at ``rate`` a second (0: as fast as it goes); yield the names the broker acknowledged."""
    records = source.records()
    begun, sent = time.monotonic(), 0
    while True:
        due = int((time.monotonic() - begun) * rate) + 1 - sent if rate else BATCH
        batch = list(islice(records, min(BATCH, due))) if due > 0 else []
        if due > 0 and not batch:
            return
        if batch:
            await send(producer, [record for _, record in batch])
            sent += len(batch)
            yield [name for name, _ in batch]
        if rate:
            await asyncio.sleep(TICK)


async def send(producer: Producer, batch: Sequence[Outgoing]) -> None:
    """Write a batch, trying again. Raises ``BrokerError`` when the broker stays away."""
    for attempt in range(TRIES):
        try:
            await producer.send(batch)
        except BrokerError:
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(2.0**attempt / 4)
        else:
            return
