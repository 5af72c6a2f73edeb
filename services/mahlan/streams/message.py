"""A message of Faust's as a record of ours, and how far the messages of a partition are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mahlan.runtime.broker import Record


class Pending(Protocol):
    """A record of Faust's that can be acknowledged: ``faust.Event``."""

    message: Any
    ack: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """How far one partition is done: the next offset, and when the last record of it had arrived."""

    next_offset: int
    timestamp_ms: int


#: By topic and partition.
Places = Mapping[tuple[str, int], Place]


def to_record(message: Any) -> Record:
    """Faust's message as ours. Its timestamp is in seconds, ours in milliseconds."""
    return Record(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        tuple(message.headers or ()),
        int((message.timestamp or 0) * 1000),
    )
