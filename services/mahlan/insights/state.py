"""The state of one partition, as the topic ``insights.state.v1`` holds it, and which of that topic's records count.

Every step of the state is one batch of records, written as a whole or not at all (``Producer.append``). Its writer
means it to follow what it has read of the log, so each record tells the offset at which its writer wants it. Where it
lies anywhere else, its writer did not know what came before, as with one that was frozen and wakes up after another has
taken its partition over: such a record counts for nobody, its writer included. That makes of Kafka's plain log a
register with compare-and-set: who is not up to date changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from mahlan.events.topics import INSIGHTS_STATE
from mahlan.runtime.broker import Headers, Outgoing, Partition, header

#: The header that holds the offset at which a record's writer wants it, in decimal.
MEANT_FOR = "mahlan_meant_for"
#: Bytes of misplaced keys that a step puts right at most: there must be room for what it is about.
REPAIRED_BYTES = 1024 * 1024
#: What begins a key: the one record of progress, an author, anything that is a sum.
PROGRESS = b"progress"
AUTHOR = b"author/"

Changes = Mapping[bytes, bytes | None]
"""By key the new value; None takes the key away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the partition is taken in: by topic the next offset, and the latest time (ms) that a decision told."""

    applied: dict[str, int] = field(default_factory=dict)
    latest: int = 0


@dataclass(slots=True)
class PartitionState:
    """Keys and values of one partition, as they are in the log up to ``read_to``. Authors apart, since they are many.

    ``misplaced`` are keys whose latest record does not count: compaction would keep it and drop the one before, which
    does, so the next step writes them again. ``lock`` is held by whoever changes anything.
    """

    number: int
    read_to: int = 0
    progress: Progress = field(default_factory=Progress)
    authors: dict[bytes, bytes] = field(default_factory=dict)
    sums: dict[bytes, bytes] = field(default_factory=dict)
    misplaced: set[bytes] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def place(self) -> Partition:
        """Where its log is."""
        return Partition(INSIGHTS_STATE.name, self.number)

    def take(self, offset: int, key: bytes, value: bytes | None, headers: Headers) -> None:
        """Take in one record of the log; those before ``read_to`` have been. Raises nothing for strange ones."""
        if offset < self.read_to:
            return
        self.read_to = offset + 1
        if header(headers, MEANT_FOR) != b"%d" % offset:
            self.misplaced.add(key)
            return
        self._set(key, value)

    def records(self, changes: Changes) -> list[Outgoing]:
        """The batch that makes these changes, and puts right what is misplaced, if nothing comes before it."""
        written = self._repairs() | dict(changes)
        return [
            Outgoing(INSIGHTS_STATE.name, key, value, ((MEANT_FOR, b"%d" % offset),), self.number)
            for offset, (key, value) in enumerate(written.items(), self.read_to)
        ]

    def accept(self, batch: Sequence[Outgoing]) -> None:
        """The batch lies where it was meant for: what it says is so."""
        for record in batch:
            self._set(record.key or b"", record.value)
        self.read_to += len(batch)

    def value(self, key: bytes) -> bytes | None:
        """What the log holds under a key."""
        if key == PROGRESS:
            return encode_progress(self.progress)
        return self.authors.get(key) if key.startswith(AUTHOR) else self.sums.get(key)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Every key with its value, progress apart."""
        yield from self.sums.items()
        yield from self.authors.items()

    def _repairs(self) -> dict[bytes, bytes | None]:
        """Some of what is misplaced, with the values that count."""
        repairs: dict[bytes, bytes | None] = {}
        room = REPAIRED_BYTES
        for key in sorted(self.misplaced):
            repairs[key] = self.value(key)
            room -= len(key) + len(repairs[key] or b"")
            if room < 0:
                break
        return repairs

    def empty(self) -> None:
        """Forget everything, to read it anew."""
        self.read_to, self.progress = 0, Progress()
        for kept in (self.authors, self.sums, self.misplaced):
            kept.clear()

    def _set(self, key: bytes, value: bytes | None) -> None:
        self.misplaced.discard(key)
        if key == PROGRESS:
            self.progress = _decoder.decode(value) if value is not None else Progress()
            return
        kept = self.authors if key.startswith(AUTHOR) else self.sums
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value


_decoder = msgspec.json.Decoder(Progress)


def encode_progress(progress: Progress) -> bytes:
    """As it is kept, in JSON."""
    return msgspec.json.encode(progress)
