"""What a real insights worker on a real Kafka tells is read whole, field by field: the two agree on the shape."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mahlan.gateway.board.public import publish
from mahlan.gateway.board.source import Source
from tests.insights.conftest import stage as stage  # noqa: PLC0414
from tests.insights.processes import Stage

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


def unread(told: Any, read: Any, path: str = "$") -> list[str]:
    """What is in one and not, or not so, in the other. Times may be written in two ways."""
    if isinstance(told, dict) and isinstance(read, dict):
        missing = [f"{path}.{name}" for name in told.keys() ^ read.keys()]
        return missing + [found for name in told.keys() & read.keys()
                          for found in unread(told[name], read[name], f"{path}.{name}")]  # fmt: skip
    if isinstance(told, list) and isinstance(read, list) and len(told) == len(read):
        return [found for number, (one, other) in enumerate(zip(told, read, strict=True))
                for found in unread(one, other, f"{path}[{number}]")]  # fmt: skip
    return [] if told == read or path.endswith((".as_of", ".hour", ".since")) else [f"{path}: {told!r} {read!r}"]


async def test_everything_it_tells_is_read(stage: Stage) -> None:
    await stage.invent(1500)
    worker = stage.start()
    await stage.check(worker)
    source = Source(f"http://127.0.0.1:{worker.port}", 10.0)
    try:
        told = await stage.answer(worker)
        numbers = await source.fetch(stage.campaign.id)
        assert await source.fetch("nobody-knows") is None
    finally:
        await source.close()
    assert numbers is not None
    volatile = {"as_of": None, "data_age_seconds": None}
    assert unread(told | volatile, msgspec.to_builtins(numbers) | volatile) == []
    assert told["nudges"]["comments"] == 1500
    assert publish(numbers).comments == 1500
