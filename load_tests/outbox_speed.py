"""How long the gateway's outbox takes to have an event on the disk, beside what the disk itself takes.

    PYTHONPATH=services:. python load_tests/outbox_speed.py [--folder FOLDER] [--adds N]

Prints milliseconds of one ``add``, by how many wait for theirs at the same time, while the broker takes what is added
(each also costs a mark, a deletion and now and then a sweep) and while it is away. Beside it: a bare commit of SQLite
with a rollback journal, one with a write-ahead log, and an fsync, in turns, so that all meet the same neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from load_tests.ranks import rank
from mahlan.runtime.broker import Outgoing, TopicSpec
from mahlan.runtime.logs import configure
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.outbox import Outbox, OutboxOptions

VALUE = b"x" * 600
TOPIC = "kept.v1"


def bare(path: Path, journal: str) -> Callable[[], None]:
    """A commit of one row."""
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("locking_mode=EXCLUSIVE", f"journal_mode={journal}", "synchronous=FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, value BLOB)")
    return lambda: db.execute("INSERT INTO records (value) VALUES (?)", (VALUE,)) and None


def synced(path: Path) -> Callable[[], None]:
    """The same bytes appended to a file and synced."""
    file = path.open("ab", buffering=0)

    def append() -> None:
        file.write(VALUE)
        os.fsync(file.fileno())

    return append


def timed(works: dict[str, Callable[[], None]], count: int) -> dict[str, list[float]]:
    """Milliseconds of each, sorted; in turns."""
    took: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(count):
        for name, work in works.items():
            begun = time.perf_counter()
            work()
            took[name].append((time.perf_counter() - begun) * 1000)
    return {name: sorted(each) for name, each in took.items()}


async def outbox(path: Path, adders: int, count: int, *, away: bool) -> list[float]:
    """Milliseconds of each of so many adds, sorted, by ``adders`` that each wait for theirs."""
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(TOPIC, 1)])
    broker.away = away
    kept = Outbox(path, broker, build_metrics(), "gateway", OutboxOptions(max_bytes=10**9))
    await kept.open()
    stop = asyncio.Event()
    sending = asyncio.create_task(kept.run(stop))
    took: list[float] = []
    numbers = iter(range(count))

    async def add() -> None:
        for number in numbers:
            begun = time.perf_counter()
            await kept.add([Outgoing(TOPIC, b"author", VALUE, (("ce_id", b"e-%d" % number),))])
            took.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(add() for _ in range(adders)))
    stop.set()
    await sending
    await kept.close()
    return sorted(took)


def show(name: str, took: list[float]) -> None:
    """A line."""
    print(f"{name:34} p50 {rank(took, 50):7.2f} ms   p95 {rank(took, 95):7.2f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(), help="on the disk in question (default: this one)")
    parser.add_argument("--adds", type=int, default=200)
    given = parser.parse_args()
    configure("gateway", level="error")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        works = {
            "bare commit, rollback journal": bare(folder / "a.db", "TRUNCATE"),
            "bare commit, write-ahead log": bare(folder / "b.db", "WAL"),
            "bare fsync": synced(folder / "c"),
        }
        alone = timed(works, given.adds // 2)
        for work, took in alone.items():
            show(work, took)
        for adders, away in ((1, True), (16, True), (1, False), (16, False)):
            run = partial(outbox, folder / f"{adders}{away}.spool", adders, given.adds * adders, away=away)
            took = asyncio.run(run())
            show(f"outbox, {adders} at once, broker {'away' if away else 'there'}", took)
            if adders == 1 and away:
                first = took
    print(f"outbox : bare commit with a rollback journal = {rank(first, 50) / rank(alone[next(iter(works))], 50):.2f}")
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
