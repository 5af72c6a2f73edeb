"""The log as a register: whatever order writers come in, freeze, wake up and die in, each event counts once.

A simulation without a broker: the log is a list, writers are states with a batch in their hands, and chance decides who
does what next.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
import pytest

from mahlan.core.insights.terms import Patience
from mahlan.events.codec import encode, envelope_of
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DECIDED, OUTCOMES
from mahlan.insights.intake import take_in
from mahlan.insights.sketches import estimate
from mahlan.insights.state import PROGRESS, PartitionState
from mahlan.insights.step import Rules, Step
from mahlan.runtime.broker import Outgoing, Record
from tests.core.insights.stories import ALL_TERMS, CAMPAIGN
from tests.insights.invented import invent

RULES = Rules(ALL_TERMS, Patience())
NOW = datetime.now(UTC)
EVENTS = 120


@dataclass
class Log:
    """A topic partition: a batch is written as a whole, offsets never change, compaction leaves the last of a key."""

    records: list[tuple[int, Outgoing]] = field(default_factory=list)
    end: int = 0

    def append(self, batch: list[Outgoing]) -> int:
        first = self.end
        self.records += [(first + at, record) for at, record in enumerate(batch)]
        self.end += len(batch)
        return first

    def compact(self) -> None:
        last = {record.key: offset for offset, record in self.records}
        self.records = [(offset, record) for offset, record in self.records if last[record.key] == offset]


@dataclass
class Writer:
    """A worker: its state, and a batch that it has made and not written yet."""

    state: PartitionState = field(default_factory=lambda: PartitionState(0))
    batch: list[Outgoing] = field(default_factory=list)

    def read(self, log: Log) -> None:
        for offset, record in log.records:
            self.state.take(offset, record.key or b"", record.value, record.headers)
        self.state.read_to = max(self.state.read_to, log.end)

    def make(self, events: list[Record], count: int) -> None:
        """A step of the next events of each topic, as far as this writer knows; and some that are in it already."""
        step, applied = Step(self.state, RULES), self.state.progress.applied
        for topic in (DECIDED.name, OUTCOMES.name):
            start = max(0, applied.get(topic, 0) - 3)
            for record in [event for event in events if event.topic == topic][start : start + count]:
                assert take_in(step, record, NOW) is None
        self.batch = self.state.records(step.changes())

    def write(self, log: Log) -> None:
        """Let the batch go; then believe in it only if it lies where it was meant for."""
        batch, self.batch = self.batch, []
        if log.append(batch) == self.state.read_to:
            self.state.accept(batch)
        else:
            self.read(log)


def events(seed: int) -> list[Record]:
    offsets = dict.fromkeys((DECIDED.name, OUTCOMES.name), 0)
    records = []
    for event in invent(CAMPAIGN, f"r{seed}", EVENTS, 20, seed=seed):
        topic = DECIDED.name if isinstance(event, NudgeDecided) else OUTCOMES.name
        value, headers = encode(event, envelope_of(event, id=event.decision_id, source="test", time=""))
        records.append(Record(topic, 0, offsets[topic], event.author_key.encode(), value, headers, 1))
        offsets[topic] += 1
    return records


def kept(state: PartitionState) -> dict[bytes, object]:
    """All that it holds; of sketches, which tell in what order they were filled, how many they hold."""
    plain = {key: value for key, value in state.items() if not key.startswith(b"sketch/")}
    sketches = {key: estimate([value]) for key, value in state.sums.items() if key not in plain}
    return {**{key: orjson.loads(value) for key, value in plain.items()}, **sketches, PROGRESS: state.progress.applied}


def finish(log: Log, records: list[Record]) -> PartitionState:
    """One more worker reads the log and does what is left, and what it then has another one reads."""
    writer = Writer()
    writer.read(log)
    for _ in range(len(records)):
        writer.make(records, 50)
        if not writer.batch:
            break
        writer.write(log)
    log.compact()
    reader = Writer()
    reader.read(log)
    assert kept(reader.state) == kept(writer.state)
    assert not reader.state.misplaced
    return reader.state


def straight(records: list[Record]) -> PartitionState:
    """What comes of the events when nothing happens."""
    return finish(Log(), records)


@pytest.mark.parametrize("seed", range(60))
def test_each_event_counts_once_whoever_writes_when(seed: int):
    chance, log, records = random.Random(seed), Log(), events(seed % 5)
    writers = [Writer() for _ in range(3)]
    for _ in range(chance.randrange(20, 120)):
        at = chance.randrange(len(writers))
        writer = writers[at]
        act = chance.choice(["read", "make", "write", "write", "die", "tidy"])
        if act == "read" and not writer.batch:
            writer.read(log)
        elif act == "make" and not writer.batch:
            writer.make(records, chance.randrange(1, 12))
        elif act == "write" and writer.batch:
            writer.write(log)
        elif act == "die":
            writers[at] = Writer()
        elif act == "tidy":
            tidy(log)
    assert kept(finish(log, records)) == kept(straight(records))


def tidy(log: Log) -> None:
    """Compaction comes so late that some worker has read the log, and written again what was misplaced."""
    writer = Writer()
    writer.read(log)
    batch = writer.state.records({})
    if batch:
        assert log.append(batch) == writer.state.read_to
    log.compact()


def test_a_late_batch_counts_for_nobody_and_is_put_right():
    log, records = Log(), events(1)
    frozen, other = Writer(), Writer()
    frozen.make(records, 5)
    other.make(records, 3)
    other.write(log)
    before = kept(other.state)
    frozen.write(log)  # wakes up, and writes what it had in its hands
    other.read(log)
    assert kept(other.state) == before
    assert other.state.misplaced
    assert kept(frozen.state) == before  # it believes no more in what it wrote than the other does
    tidy(log)
    reader = Writer()
    reader.read(log)
    assert kept(reader.state) == before


def test_a_batch_that_was_written_though_nobody_told_counts_once():
    log, records = Log(), events(1)
    writer = Writer()
    writer.make(records, 5)
    log.append(writer.batch)  # acknowledged to nobody
    writer.read(log)
    assert writer.state.progress.applied[DECIDED.name] == 5
    writer.make(records, 8)  # begins with three that are in it already
    writer.write(log)
    assert writer.state.progress.applied[DECIDED.name] == 10
    assert kept(finish(log, records)) == kept(straight(records))


def test_repairs_of_many_keys_take_several_steps():
    state = PartitionState(0)
    big = b"x" * 300_000
    for offset in range(8):
        key = b"window/c/%d" % offset
        state.take(offset, key, big, (("mahlan_meant_for", b"%d" % offset),))
        state.misplaced.add(key)
    rounds = 0
    while state.misplaced:
        batch = state.records({})
        assert sum(len(record.value or b"") for record in batch) <= 4 * 1024 * 1024 / 2
        state.accept(batch)
        rounds += 1
    assert rounds > 1
    assert state.read_to == 16
