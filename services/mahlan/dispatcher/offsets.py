"""How far a partition may be committed while its records are finished out of order. Used by the delivery."""

from __future__ import annotations

from collections.abc import Iterable

from mahlan.runtime.broker import Partition, Record


class Offsets:
    """Records under way. Only an unbroken row of finished ones from the first may be committed."""

    def __init__(self) -> None:
        self._open: dict[Partition, dict[int, bool]] = {}

    def start(self, record: Record) -> None:
        """A record is being worked on; records of a partition start in their order."""
        self._open.setdefault(Partition(record.topic, record.partition), {})[record.offset] = False

    def finish(self, record: Record) -> None:
        """It is done with. Says nothing about a partition that was given up meanwhile."""
        under_way = self._open.get(Partition(record.topic, record.partition), {})
        if record.offset in under_way:
            under_way[record.offset] = True

    def take(self) -> dict[Partition, int]:
        """The offsets to commit, where there is anything new to commit."""
        positions = {place: _finished(under_way) for place, under_way in self._open.items()}
        return {place: at for place, at in positions.items() if at is not None}

    def drop(self, partitions: Iterable[Partition]) -> None:
        """These partitions are no longer ours."""
        for place in partitions:
            self._open.pop(place, None)


def _finished(under_way: dict[int, bool]) -> int | None:
    """Remove the finished ones from the front; the offset after the last of them."""
    after = None
    while under_way:
        offset = next(iter(under_way))
        if not under_way[offset]:
            break
        del under_way[offset]
        after = offset + 1
    return after
