"""Between Faust's agent and the state topic: take events in, write what they change, and only then acknowledge them.

Each owned partition goes on step by step. A step takes what has gathered since the last one, is written as one batch,
and counts if that batch lies where it was meant for (``insights/state.py``). Otherwise, or when nobody knows, the log
is read and the same events are tried again on what it holds; those that are in it already are skipped.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mahlan.errors import BrokerError, FatalError, OversizeError, StateError
from mahlan.events.topics import INSIGHTS_STATE
from mahlan.insights import SERVICE
from mahlan.insights.counting import count_step
from mahlan.insights.intake import TOPICS, take_in
from mahlan.insights.loading import find_places, read_on
from mahlan.insights.state import PartitionState
from mahlan.insights.step import Rules, Step
from mahlan.insights.sweep import Sweep
from mahlan.runtime.broker import Broker, Outgoing, Producer
from mahlan.runtime.http import Health
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.retries import Retries, retried
from mahlan.streams.message import Pending, Place, to_record

#: Steps' worth of events that may wait; then the agent waits, and through it the fetcher.
WAITING_STEPS = 8
#: Seconds that a partition may be behind and still count as read.
UP_TO_DATE = 10.0
#: What an event may be late by and still count for what is closed.
LATENESS_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperOptions:
    """``batch`` events a step at most; a step every ``interval`` seconds, unless a batch is full before.

    A partition of which nothing came for ``idle`` seconds, with nothing left to read, is up to date with the clock. All
    its authors are looked at for what is over every ``sweep`` seconds, or as often as that can be done.
    """

    batch: int
    interval: float
    idle: float = 60.0
    sweep: float = 2.0


@dataclass(slots=True)
class Keeper:
    """Keeps the states of the partitions that are ours. One task runs ``run``; ``rules`` may be replaced meanwhile.

    ``places`` tells how far each partition is done. ``age`` is asked how many seconds ago a partition was up to date.
    """

    states: Mapping[int, PartitionState]
    broker: Broker
    producer: Producer
    rules: Rules
    metrics: Metrics
    options: KeeperOptions
    health: Health
    places: dict[tuple[str, int], Place] = field(default_factory=dict)
    age: Callable[[int], float | None] = lambda _: None
    clock: Callable[[], float] = time.time
    _waiting: dict[int, deque[Pending]] = field(default_factory=lambda: defaultdict(deque))
    _heard: dict[int, float] = field(default_factory=dict)
    _sweeps: dict[int, Sweep] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _space: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: bool = False
    _failure: FatalError | None = None

    async def add(self, event: Pending) -> None:
        """Take one event; waits while too many are waiting already."""
        self._waiting[event.message.partition].append(event)
        waiting = sum(map(len, self._waiting.values()))
        if waiting >= self.options.batch:
            self._news.set()
        if waiting > WAITING_STEPS * self.options.batch:
            self._space.clear()
            await self._space.wait()

    def release(self) -> None:
        """Partitions are on the move: what waits will be read again by whoever has them then."""
        self._waiting.clear()
        self._sweeps.clear()
        self._space.set()

    def close(self) -> None:
        """Let ``run`` return once everything taken is written and acknowledged."""
        self._closed = True
        self._news.set()
        self._space.set()

    async def read(self, states: Sequence[PartitionState]) -> None:
        """Read what is new of these partitions' states, several at once."""
        await asyncio.gather(*(self._read(state) for state in states))

    async def begin(self, states: Sequence[PartitionState]) -> None:
        """These partitions are ours now, and read. What an operator must put right ends ``run``."""
        try:
            found = await retried(lambda: find_places(self.broker, states, TOPICS), self.metrics, SERVICE)
            self.places |= {place: Place(offset, 0) for place, offset in found.items()}
        except FatalError as error:
            self._failure = error
            self.close()
        for state in states:
            self._heard[state.number] = time.monotonic()
        self.metrics.rebalances.labels(SERVICE).inc()
        self.health.ready = self._failure is None

    async def run(self) -> None:
        """Until closed and empty. Raises ``FatalError``."""
        while not self._closed or any(self._waiting.values()):
            await self._wait()
            if self._failure is not None:
                break
            for number in set(self._waiting) - set(self.states):
                del self._waiting[number]
            await asyncio.gather(*(self._advance(state) for state in list(self.states.values())))
            self._space.set()
            self.metrics.authors_remembered.labels(SERVICE).set(sum(len(s.authors) for s in self.states.values()))
        if self._failure is not None:
            raise self._failure

    async def _wait(self) -> None:
        if not self._closed:
            try:
                async with asyncio.timeout(self.options.interval):
                    await self._news.wait()
            except TimeoutError:
                pass
        self._news.clear()

    async def _read(self, state: PartitionState) -> None:
        async with state.lock:
            await retried(lambda: read_on(self.broker, state, self.metrics), self.metrics, SERVICE)

    async def _advance(self, state: PartitionState) -> None:
        """One step of one partition."""
        async with state.lock:
            waiting = self._waiting[state.number]
            events = [waiting.popleft() for _ in range(min(len(waiting), self.options.batch))]
            sweep = self._sweeps.setdefault(state.number, Sweep(self.options.sweep))
            swept, retries = sweep.take(state), Retries(self.metrics, SERVICE)
            while self.states.get(state.number) is state and (events or swept):
                try:
                    if await self._write(state, events, swept):
                        self._done(state, events)
                        return
                    await read_on(self.broker, state, self.metrics)
                except OversizeError:
                    if swept:
                        sweep.put_back(swept[len(swept) // 2 :])
                        swept = swept[: len(swept) // 2]
                    else:
                        events = _halved(waiting, events)
                except BrokerError as error:
                    await retries.wait(error)
                    await retried(lambda: read_on(self.broker, state, self.metrics), self.metrics, SERVICE)

    async def _write(self, state: PartitionState, events: Sequence[Pending], swept: Sequence[bytes]) -> bool:
        """Try one step on the state as it is; whether it counts. Raises ``BrokerError``, ``OversizeError``."""
        with self.metrics.stage_seconds.labels(SERVICE, "count").time():
            step, letters = self._step(state, events, swept)
            batch = state.records(step.changes())
        if letters:
            await self.producer.send([letter for letter, _ in letters])
        if batch:
            with self.metrics.stage_seconds.labels(SERVICE, "write").time():
                first = await self.producer.append(state.place, batch)
            if first != state.read_to:
                self.metrics.insights_misplaced.labels(SERVICE).inc()
                logger().warning("misplaced", partition=state.number, records=len(batch))
                return False
            state.accept(batch)
        count_step(self.metrics, step, [reason for _, reason in letters])
        return True

    def _step(
        self, state: PartitionState, events: Sequence[Pending], swept: Sequence[bytes]
    ) -> tuple[Step, list[tuple[Outgoing, str]]]:
        step, letters = Step(state, self.rules), list[tuple[Outgoing, str]]()
        now, until = datetime.fromtimestamp(self.clock(), UTC), self._told_until(state)
        if until is not None:
            for key in swept:
                step.close(key, until, int(self.clock() * 1000))
            if swept and self._sweeps[state.number].prunes:
                step.prune(int(self.clock() * 1000))
        for event in events:
            letter = take_in(step, to_record(event.message), now)
            if letter is not None:
                letters.append(letter)
        return step, letters

    def _told_until(self, state: PartitionState) -> int | None:
        """The time (milliseconds) that events have told so far; None while there is more to read.

        After some silence it is the clock's: nobody has anything more to tell of the time before.
        """
        age, now = self.age(state.number), int(self.clock() * 1000)
        if age is None or age > UP_TO_DATE:
            return None
        silent = time.monotonic() - self._heard.get(state.number, 0.0) >= self.options.idle
        return (now if silent else min(now, state.progress.latest)) - LATENESS_MS

    def _done(self, state: PartitionState, events: Sequence[Pending]) -> None:
        if not events:
            return
        self._heard[state.number] = time.monotonic()
        for event in events:
            event.ack()
            message = event.message
            self.places[message.topic, message.partition] = Place(message.offset + 1, int(message.timestamp * 1000))


def _halved(waiting: deque[Pending], events: list[Pending]) -> list[Pending]:
    """The first half of the events; the others wait again. One batch must hold all that a step changes."""
    if len(events) == 1:
        raise StateError(f"what one event changes is larger than {INSIGHTS_STATE.name} takes: raise max.message.bytes")
    half = len(events) // 2
    waiting.extendleft(reversed(events[half:]))
    return events[:half]
