"""An open-loop load generator for Kafka, with a ledger: ``python -m load_tests.kafka_load --rate 200 --seconds 30``.

Comments go in at ``comments.submitted.v1`` when the schedule says so, whether earlier ones came back or not; decisions
and dead letters are read back. Exit status 0: all came out once; 1: some were lost or doubled; 2: could not run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import os
import sys
import time
import uuid
from collections.abc import Callable, Sequence

import orjson

from load_tests.ledger import Ledger, Report
from load_tests.schedule import planned
from load_tests.traffic import Traffic
from mahlan.demo.follower import begin_at, ends_of
from mahlan.errors import BrokerError, MahlanError
from mahlan.events.topics import DEAD_LETTERS, DECIDED
from mahlan.runtime.broker import Broker, Consumer, Producer, Record
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import read_settings

#: Seconds between two looks at the schedule: how late a comment is sent at most on an idle machine.
TICK = 0.005
READ_BACK = [DECIDED.name, *(topic.name for topic in DEAD_LETTERS.values())]

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked for. Times in seconds; ``drain``: how long to wait for the rest while nothing more comes."""

    rate: float
    seconds: float
    toxic_share: float = 0.1
    authors: int = 1000
    arrivals: str = "poisson"
    warm_up: float = 2.0
    drain: float = 20.0
    seed: int = 1


class Run:
    """One load test on one broker."""

    def __init__(self, broker: Broker, load: Load, say: Say) -> None:
        self.name = f"load-{uuid.uuid4().hex[:8]}"
        self.ledger = Ledger()
        self._broker = broker
        self._load = load
        self._say = say
        self._traffic = Traffic(self.name, load.toxic_share, load.authors, load.seed)
        self._sending: set[asyncio.Task[None]] = set()
        self._begun = 0.0

    async def run(self) -> Report:
        """Send, read back, wait for the rest, report."""
        consumer = await self._at_the_end()
        producer = await self._broker.producer()
        self._begun = time.monotonic()
        following = asyncio.create_task(self._follow(consumer))
        try:
            await self._send_all(producer)
            await self._drained(following)
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
            await consumer.close()
            await producer.close()
        return self.ledger.report(self._load.rate, self._load.seconds, self._load.warm_up)

    def _now(self) -> float:
        return time.monotonic() - self._begun

    async def _at_the_end(self) -> Consumer:
        """A reader of what is written from now on."""
        await begin_at(self._broker, self.name, READ_BACK, await ends_of(self._broker, READ_BACK))
        return await self._broker.consumer(READ_BACK, self.name)

    async def _send_all(self, producer: Producer) -> None:
        load, told = self._load, 1.0
        moments = planned(load.rate, load.seconds, "steady" if load.arrivals == "steady" else "poisson", load.seed)
        due: list[float] = []
        for moment in moments:
            while moment > self._now():
                self._send(producer, due)
                due = []
                await asyncio.sleep(TICK)
            due.append(moment)
            if moment >= told:
                told = int(moment) + 1
                self._tell()
        self._send(producer, due)
        await asyncio.gather(*self._sending)

    def _send(self, producer: Producer, due: list[float]) -> None:
        """Hand over what is due and go on: an answer that is late must not hold up what comes after it."""
        if not due:
            return
        first = len(self.ledger.planned)
        numbers = range(first, first + len(due))
        self.ledger.send(due, self._now())
        task = asyncio.create_task(self._deliver(producer, numbers))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, producer: Producer, numbers: range) -> None:
        with contextlib.suppress(BrokerError):
            await producer.send([self._traffic.record(number) for number in numbers])
            self.ledger.acknowledge(numbers)

    async def _follow(self, consumer: Consumer) -> None:
        while True:
            records = await consumer.poll(2000, 0.1)
            now = self._now()
            for record in records:
                self._read(record, now)

    def _read(self, record: Record, now: float) -> None:
        try:
            event = orjson.loads(record.value or b"")
        except orjson.JSONDecodeError:
            return  # somebody else's dead letter: all of ours are JSON
        run, _, number = str(event.get("comment_id", "")).rpartition("-") if isinstance(event, dict) else ("", "", "")
        if run != self.name:
            return
        if record.topic == DECIDED.name:
            self.ledger.decide(int(number), event["decision_id"], event["kind"], now)
        else:
            self.ledger.bury(int(number))

    async def _drained(self, following: asyncio.Task[None]) -> None:
        """Until every comment came to an end, or ``drain`` seconds brought none."""
        left, since = self.ledger.outstanding(), self._now()
        while left and self._now() - since < self._load.drain and not following.done():
            await asyncio.sleep(0.1)
            if self.ledger.outstanding() < left:
                left, since = self.ledger.outstanding(), self._now()
        if following.done():
            following.result()
        # A second decision of the same comment may still be on its way.
        await asyncio.sleep(1.0)

    def _tell(self) -> None:
        ledger = self.ledger
        self._say(f"{self._now():5.0f} s  sent {len(ledger.planned)}  decided {len(ledger.decided)}")


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m load_tests.kafka_load", description=__doc__)
    parser.add_argument("--rate", type=float, required=True, help="comments a second")
    parser.add_argument("--seconds", type=float, required=True, help="for how long")
    parser.add_argument("--bootstrap", help="Kafka, host:port; else KAFKA_BOOTSTRAP_SERVERS and the MAHLAN_ settings")
    parser.add_argument("--toxic-share", type=float, default=0.1, help="share of comments that a nudge is for")
    parser.add_argument("--authors", type=int, default=1000, help="how many people write")
    parser.add_argument("--arrivals", choices=("poisson", "steady"), default="poisson", help="when comments come")
    parser.add_argument("--warm-up", type=float, default=2.0, help="seconds whose latencies are left out")
    parser.add_argument("--drain", type=float, default=20.0, help="seconds without any decision after which to give up")
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same comments")
    parser.add_argument("--json", action="store_true", help="the report as one JSON object")
    return parser.parse_args(given)


def _shown(report: Report) -> str:
    rows = dataclasses.asdict(report)
    kinds = ", ".join(f"{kind} {count}" for kind, count in rows.pop("kinds").items())
    return "\n".join([*(f"{name:>20}  {value}" for name, value in rows.items()), f"{'kinds':>20}  {kinds}"])


async def _measured(options: argparse.Namespace) -> Report:
    settings = read_settings(os.environ)
    if options.bootstrap:
        settings = dataclasses.replace(settings, bootstrap_servers=options.bootstrap)
    names = [field.name for field in dataclasses.fields(Load)]
    broker = open_broker(settings, "mahlan-load")
    try:
        load = Load(**{name: getattr(options, name) for name in names})
        return await Run(broker, load, lambda line: print(line, file=sys.stderr, flush=True)).run()
    finally:
        await broker.close()


def main(given: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; print the report; return the exit status."""
    import uvloop

    options = _arguments(given)
    try:
        report = uvloop.run(_measured(options))
    except MahlanError as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    print(orjson.dumps(report).decode() if options.json else _shown(report))
    return 0 if report.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
