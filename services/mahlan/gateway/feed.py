"""One reader of ``nudges.decided.v1`` for one open stream: nudges as server-sent events, from where the client was.

An event's id is where every partition stood after it (``12.5.0.9``), so that a client that comes back misses none and
sees none twice.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from litestar.response.sse import ServerSentEventMessage
from msgspec import Struct

from mahlan.errors import BrokerError, MahlanError, RecordError, RetryError
from mahlan.events.codec import decode_json
from mahlan.events.ruling import Door, Kind
from mahlan.events.topics import DECIDED
from mahlan.gateway import SERVICE
from mahlan.gateway.problems import ProblemError
from mahlan.runtime.broker import Broker, Positions, Reader, Record
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.retries import Retries

HEARTBEAT = 15.0
"""Seconds without an event until a comment is sent: proxies close what is silent."""
WAIT = 1.0
"""Seconds a poll waits, and so the longest until an end is noticed."""
BATCH = 200

#: Up to 18 digits: an offset is a signed 64-bit number, and a larger one would break the reader.
PLACE = r"^[0-9]{1,18}(\.[0-9]{1,18}){0,4095}$"


class Told(Struct, frozen=True):
    """The part of a decision that says whether it goes out."""

    kind: Kind
    door: Door = "stream"
    platform: str | None = None


def read_place(told: str) -> dict[int, int]:
    """The positions in an event id. Raises ``ProblemError``."""
    if not re.fullmatch(PLACE, told):
        raise ProblemError("invalid_field", "send the id of an event of this stream, or none", "Last-Event-ID")
    return dict(enumerate(map(int, told.split("."))))


def write_place(positions: dict[int, int]) -> str:
    """The event id for these positions."""
    return ".".join(str(positions.get(number, 0)) for number in range(max(positions, default=0) + 1))


@dataclass(slots=True)
class Feed:
    """``place`` is where the client was (None: it wants what comes from now on); ``goes_on`` is asked every second."""

    broker: Broker
    metrics: Metrics
    place: dict[int, int] | None
    wanted: Callable[[Told], bool]
    goes_on: Callable[[], bool]
    _reader: Reader | None = None
    _retries: Retries = field(init=False)
    _positions: dict[int, int] = field(default_factory=dict)
    _spoken: float = 0.0

    def __post_init__(self) -> None:
        self._retries = Retries(self.metrics, SERVICE, longest=WAIT, logged=False)

    async def messages(self) -> AsyncIterator[ServerSentEventMessage]:
        """Until ``goes_on`` says no. While the broker is away there are heartbeats only."""
        self.metrics.gateway_streams.labels(SERVICE).inc()
        try:
            yield self._said("mahlan")
            while self.goes_on():
                for record in await self._poll():
                    self._positions[record.partition] = record.offset + 1
                    if (data := self._data(record)) is not None:
                        yield self._said(data=data)
                if monotonic() - self._spoken >= HEARTBEAT:
                    yield self._said("still here")
        finally:
            self.metrics.gateway_streams.labels(SERVICE).dec()
            if self._reader is not None:
                with suppress(MahlanError):
                    await self._reader.close()

    async def _poll(self) -> list[Record]:
        try:
            if self._reader is None:
                self._reader = await self.broker.reader(DECIDED.name, positions=await self._start())
                self._positions = dict(self._reader.positions())
                self._spoken = 0.0  # tell the place at once: a client that loses us now comes back to it
            records = await self._reader.poll(BATCH, WAIT)
        except RetryError as error:
            await self._retries.wait(error)
            return []
        self._retries.worked()
        return records

    async def _start(self) -> Positions:
        if self.place is None:
            return "end"
        # Partitions that came after the client had gone have nothing that it has seen.
        count = await self.broker.partitions(DECIDED.name)
        if not count:
            raise BrokerError(f"there is no topic {DECIDED.name} yet")
        return {number: self.place.get(number, 0) for number in range(count)}

    def _data(self, record: Record) -> bytes | None:
        try:
            told = decode_json(Told, record.value or b"")
        except RecordError:
            return None
        asked = told.kind == "nudge" and told.door == "stream"
        return record.value if asked and self.wanted(told) else None

    def _said(self, comment: str | None = None, *, data: bytes | None = None) -> ServerSentEventMessage:
        self._spoken = monotonic()
        place = write_place(self._positions) if self._positions else None
        return ServerSentEventMessage(data=data, event="nudge" if data else None, id=place, comment=comment)
