"""Reads what a scenario came to: its board over HTTP, once all is counted, and the topics from where they began."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from mahlan.errors import FatalError
from mahlan.events.topics import BRAKES, DECIDED, OUTCOMES
from mahlan.runtime.broker import Broker, Partition, Record

#: The topics that a board's numbers come from.
COUNTED = (DECIDED, OUTCOMES, BRAKES)
#: Seconds between two looks at the board; longer than the gateway keeps an answer.
LOOK = 3.5
#: The data behind a board may be so many seconds old: it is looked at once a second.
FRESH = 2.0
#: What changes though nothing was counted.
OF_THE_MOMENT = {"as_of", "data_age_seconds"}

#: The gateway is on this machine: whatever proxy is set is not asked.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Numbers = dict[str, Any]


async def read_board(address: str, since: float, patience: float) -> Numbers:
    """The numbers of ``GET /v1/board/{campaign}`` once they hold everything written until ``since`` (seconds, wall).

    That is: told by all partitions, of data that is up to date after then, and the same twice in a row. Raises
    ``FatalError`` when that does not come within ``patience`` seconds.
    """
    before, deadline = Numbers(), time.monotonic() + patience
    while time.monotonic() < deadline:
        numbers = await asyncio.to_thread(_fetch, address)
        if not _is_whole(numbers, since):
            before = {}
        elif before and _counts(before) == _counts(numbers):
            return numbers
        else:
            before = numbers
        await asyncio.sleep(LOOK)
    raise FatalError(f"{address} did not come to an end of counting within {patience:.0f} s")


async def read_log(broker: Broker, starts: Mapping[Partition, int]) -> list[Record]:
    """Every record of the counted topics from ``starts`` (else from the beginning) to their end."""
    names = [topic.name for topic in COUNTED]
    places = [Partition(name, number) for name in names for number in range(await broker.partitions(name))]
    read = await asyncio.gather(*map(broker.read_partition, places))
    return [
        record
        for place, records in zip(places, read, strict=True)
        for record in records
        if record.offset >= starts.get(place, 0)
    ]


def _fetch(address: str) -> Numbers:
    """The numbers as the board has them now; empty while there are none."""
    try:
        with _DIRECT.open(address, timeout=10.0) as answer:
            told = orjson.loads(answer.read())
    except (urllib.error.URLError, OSError):
        return {}
    return dict(told["numbers"] or {}) if told["insights"] == "here" else {}


def _is_whole(numbers: Numbers, since: float) -> bool:
    if not numbers.get("complete") or numbers["data_age_seconds"] is None or numbers["data_age_seconds"] > FRESH:
        return False
    return datetime.fromisoformat(numbers["as_of"]) > datetime.fromtimestamp(since + FRESH, UTC)


def _counts(numbers: Numbers) -> Numbers:
    return {name: value for name, value in numbers.items() if name not in OF_THE_MOMENT}
