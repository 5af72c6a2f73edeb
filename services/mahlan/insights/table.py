"""The Faust table that keeps the state: how Faust assigns it, and how it comes back after a restart or a rebalance.

Faust moves the table's partitions together with those of the source topics, and lets no event through before the table
is complete. What it does not do for a table, and is done here instead:

- Faust sends changelog records one by one, waits a tenth of a second for each before it commits anyway
  (``ProducerBuffer.flush_atmost``), and logs those that failed: a kill leaves some keys ahead of others. Our keeper
  writes whole steps and acknowledges events after that, so nothing is ever set through this table.
- Faust's recovery hands every record over singly; the table is read in bulk before it (``Recovery``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, cast

import faust
from faust.stores import base
from faust.tables import recovery
from faust.types import TP
from yarl import URL

from mahlan.events.topics import INSIGHTS_STATE
from mahlan.insights.state import PartitionState
from mahlan.runtime.logs import logger


class Keeping(Protocol):
    """Who keeps the states: ``Keeper``."""

    async def read(self, states: Sequence[PartitionState]) -> None:
        """Read what is new in the logs of partitions that have just come."""

    async def begin(self, states: Sequence[PartitionState]) -> None:
        """These are ours now, and complete: their events come next."""


#: Faust ends its recovery without a word where a part of it takes longer than its own 90 s.
BULK_SECONDS = 60.0


class Store(base.Store[Any, Any]):
    """The table's data: the state of each partition that is ours. As a mapping, (partition, key) to value."""

    def __init__(
        self, states: dict[int, PartitionState], keeping: Keeping, app: Any, table: Any, **options: Any
    ) -> None:
        super().__init__(URL("mahlan://"), app, table, **options)
        self.states = states
        self._keeping = keeping

    def of(self, number: int) -> PartitionState:
        """The state of a partition, a new one where there is none."""
        return self.states.setdefault(number, PartitionState(number))

    def persisted_offset(self, tp: TP) -> int | None:
        """Up to where a partition is known here; asked when recovery begins."""
        state = self.states.get(tp.partition)
        return state.read_to - 1 if state is not None and state.read_to else None

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: Any, to_value: Any) -> None:
        """What Faust read itself: normally nothing, or the little that came after the bulk."""
        for event in batch:
            message = event.message
            headers = tuple((message.headers or {}).items()) if isinstance(message.headers, dict) else message.headers
            self.of(message.partition).take(message.offset, message.key, message.value, tuple(headers or ()))

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """What is not ours any more is forgotten."""
        ours = {tp.partition for tp in active_tps}
        for number in set(self.states) - ours:
            del self.states[number]
        await self._keeping.begin([self.of(number) for number in sorted(ours)])

    def __getitem__(self, key: tuple[int, bytes]) -> bytes:
        number, name = key
        state = self.states.get(number)
        value = state.value(name) if state is not None else None
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        try:
            self[key]  # type: ignore[index]
        except (KeyError, TypeError, ValueError):
            return False
        return True

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return ((state.number, key) for state in self.states.values() for key, _ in state.items())

    def __len__(self) -> int:
        return sum(len(state.authors) + len(state.sums) for state in self.states.values())

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("the keeper writes whole steps: nothing is set singly")

    def __delitem__(self, key: Any) -> None:
        raise TypeError("the keeper writes whole steps: nothing is deleted singly")

    def reset_state(self) -> None:
        """Faust asks for it: there is nothing on disk."""

    async def backup_partition(self, tp: Any, flush: bool = True, purge: bool = False, keep: int = 1) -> None:
        """Faust asks for it: the log is the backup."""

    def restore_backup(self, tp: Any, latest: bool = True, backup_id: int = 0) -> None:
        """Faust asks for it: the log is the backup."""


class StateTable(faust.Table[Any, Any]):
    """The table, on the topic that is ours instead of one that Faust names and creates."""

    def __init__(self, app: faust.App, states: dict[int, PartitionState], keeping: Keeping) -> None:
        self._states = states
        self._keeping = keeping
        topic = app.topic(
            INSIGHTS_STATE.name, key_serializer="raw", value_serializer="raw", compacting=True, allow_empty=True
        )
        super().__init__(app, name="insights-state", changelog_topic=topic, key_type=bytes, value_type=bytes)

    @property
    def store(self) -> Store:
        """The table's data."""
        return cast("Store", self.data)

    def _new_store(self) -> Store:
        return Store(
            self._states, self._keeping, self.app, self, table_name=self.name, key_type=bytes, value_type=bytes
        )


class Recovery(recovery.Recovery):
    """Faust's recovery with the bulk of the log read before it, several partitions at once."""

    def __init__(self, app: faust.App, store: Store, keeping: Keeping) -> None:
        super().__init__(app, app.tables, beacon=app.tables.beacon, loop=app.loop)
        self._store = store
        self._keeping = keeping

    async def _build_offsets(self, consumer: Any, tps: set[TP], destination: Any, title: str) -> None:
        try:
            async with asyncio.timeout(BULK_SECONDS):
                await self._keeping.read([self._store.of(tp.partition) for tp in sorted(tps)])
        except TimeoutError:
            logger().warning("rebuild_slow", seconds=BULK_SECONDS)
        for tp in tps:
            destination[tp] = self._store.persisted_offset(tp)
        await super()._build_offsets(consumer, tps, destination, title)


def add_table(app: faust.App, states: dict[int, PartitionState], keeping: Keeping) -> StateTable:
    """Give the app its table, which keeps its data in ``states``."""
    table, tables = StateTable(app, states, keeping), cast("Any", app.tables)
    tables.add(table)
    tables._recovery = Recovery(app, table.store, keeping)
    return table
