"""The dispatcher's loop: scored comments in, one decision each out. Run by ``dispatcher/app.py``.

Exactly one decision per (campaign, comment, revision), without transactions (consumers that read uncommitted, the
default, would see aborted decisions):

- What was decided is remembered by partition, and read back from the log whenever a partition comes to us and
  whenever a write failed, so that nobody guesses what was written.
- Decisions are acknowledged before histories are written, and both before offsets are committed: a history never
  tells of a decision that is not in the log.
- Before every write the worker proves that it still is a member of the group (``dispatcher/lease.py``), and its
  producer asks the lease again when the bytes are about to leave.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from mahlan.core.campaign import Campaign
from mahlan.dispatcher import SERVICE
from mahlan.dispatcher.counting import Counting
from mahlan.dispatcher.deciding import Batch, decide_batch, history_record
from mahlan.dispatcher.erasures import follow_erasures
from mahlan.dispatcher.lease import Lease
from mahlan.dispatcher.memberships import Memberships
from mahlan.dispatcher.rebuild import rebuild
from mahlan.dispatcher.state import PartitionState
from mahlan.errors import BrokerError, OversizeError
from mahlan.events.topics import SCORED
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.broker import Broker, Consumer, Partition, Producer, Record
from mahlan.runtime.http import Health
from mahlan.runtime.lag import LagReporter
from mahlan.runtime.logs import logger
from mahlan.runtime.loop import positions_after
from mahlan.runtime.retries import Retries


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """How the worker works. Times in seconds.

    ``settle`` is waited after a failed write before the log is read: a request that timed out here may still be
    on its way into it.
    """

    group: str
    source: str
    batch: int
    max_wait: float
    tail: int
    session_timeout: float
    settle: float = 1.0


@dataclass(slots=True)
class Worker:
    """One member of the dispatcher's group. ``campaign`` may be replaced between batches."""

    broker: Broker
    producer: Producer
    campaign: Campaign
    brakes: Brakes
    options: WorkerOptions
    counting: Counting
    health: Health
    beat: Callable[[], None]
    lease: Lease
    clock: Callable[[], datetime]
    states: dict[int, PartitionState] = field(default_factory=dict)
    _epoch: int = 0
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _memberships: Memberships = field(init=False)

    def __post_init__(self) -> None:
        self._memberships = Memberships(self.counting.rejoining)

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set. Leaves the group and joins it again when the group or the broker let us down."""
        await self._memberships.run(self._belong, stop)

    async def _belong(self, stop: asyncio.Event) -> None:
        """One membership of the group, from joining it to leaving it."""
        consumer = await self.broker.consumer(
            [SCORED.name], self.options.group, on_assigned=self._assigned, on_revoked=self._revoked
        )
        lag = LagReporter(consumer, self.counting.places, self.counting.metrics, SERVICE)
        reporting = asyncio.create_task(lag.run())
        erasing = asyncio.create_task(follow_erasures(self.broker, self.states, self.clock, self.counting))
        try:
            while not stop.is_set():
                self.beat()
                if erasing.done():
                    erasing.result()
                records = await consumer.poll(self.options.batch, self.options.max_wait)
                if records:
                    with self.counting.in_flight(records):
                        await self._handle(consumer, records)
        finally:
            reporting.cancel()
            erasing.cancel()
            self._give_up()
            with suppress(BrokerError):
                await consumer.close()
            await asyncio.gather(erasing, return_exceptions=True)

    async def _assigned(self, partitions: Sequence[Partition]) -> None:
        self.counting.assigned(len(partitions))
        self._give_up()
        try:
            await self._build([partition.number for partition in partitions], self._epoch)
        except BrokerError:
            logger().warning("rebuild_postponed", count=len(partitions))  # the first batch tries again
        self.health.ready = True

    async def _revoked(self, partitions: Sequence[Partition]) -> None:
        self._give_up()
        # What is being written now is still ours: let it be written and committed, but do not hold the group up.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._writing.acquire(), self.options.session_timeout / 2)
            self._writing.release()

    def _give_up(self) -> None:
        """Forget everything; batches that were polled before are not written any more."""
        self._epoch += 1
        self.states.clear()
        self.lease.end()

    async def _build(self, numbers: Sequence[int], epoch: int) -> None:
        """Rebuild the states that are missing. Raises ``BrokerError``."""
        for number in numbers:
            if number not in self.states:
                state = await rebuild(self.broker, number, self.options.tail, self.clock(), self.counting.metrics)
                if self._epoch == epoch:
                    self.states[number] = state
        self.counting.remembered(self.states.values())

    async def _handle(self, consumer: Consumer, records: Sequence[Record]) -> None:
        """Decide, write and commit, again until it worked or the partitions are no longer ours."""
        epoch, retries, whole = self._epoch, Retries(self.counting.metrics, SERVICE), True
        numbers = sorted({record.partition for record in records})
        while self._epoch == epoch:
            try:
                await self._build(numbers, epoch)
                async with self._writing:
                    if self._epoch == epoch:
                        await self._write(consumer, records, epoch, whole=whole)
            except (BrokerError, OversizeError) as error:
                whole = whole and not isinstance(error, OversizeError)
                # Nobody knows what was written: the log does, once nothing is under way any more.
                for number in numbers:
                    self.states.pop(number, None)
                await retries.wait(error)
                await asyncio.sleep(self.options.settle)
            else:
                return

    async def _write(self, consumer: Consumer, records: Sequence[Record], epoch: int, *, whole: bool) -> None:
        start = _first_offsets(records)
        batch = self._decide(records, whole=whole)
        await self.lease.renew(lambda: consumer.commit(start))
        if self._epoch != epoch:
            return
        with self.counting.stage("write"):
            await self.producer.send(batch.outgoing)
        await self._write_histories(consumer, start, epoch)
        await self._commit(consumer, positions_after(records))
        self._memberships.worked()
        self.counting.written(batch, self.clock())
        self.counting.remembered(self.states.values())

    def _decide(self, records: Sequence[Record], *, whole: bool) -> Batch:
        now = self.clock()
        for state in self.states.values():
            state.expire(now)
        with self.counting.stage("decide"):
            source = self.options.source
            return decide_batch(records, self.states, self.campaign, self.brakes, now, source, whole=whole)

    async def _write_histories(self, consumer: Consumer, start: Mapping[Partition, int], epoch: int) -> None:
        states = {place.number: self.states[place.number] for place in start if place.number in self.states}
        if not any(state.unwritten() for state in states.values()):
            return
        await self.lease.renew(lambda: consumer.commit(start))
        if self._epoch == epoch:
            changed = {number: state.unwritten() for number, state in states.items()}
            told = [(number, *one) for number, authors in changed.items() for one in authors.items()]
            await self.producer.send(
                [history_record(author, history, number, self.options.source) for number, author, history in told]
            )
            for number, sent in changed.items():
                states[number].written(sent)

    async def _commit(self, consumer: Consumer, positions: Mapping[Partition, int]) -> None:
        try:
            await self.lease.prove(lambda: consumer.commit(positions))
        except BrokerError as error:
            # All of it is in the log: whoever reads these records again finds that out and drops them.
            self.counting.commit_refused(error)


def _first_offsets(records: Sequence[Record]) -> dict[Partition, int]:
    """Where the batch begins in each partition."""
    first: dict[Partition, int] = {}
    for record in records:
        first.setdefault(Partition(record.topic, record.partition), record.offset)
    return first
