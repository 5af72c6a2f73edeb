"""Real processes, killed while they add and send, on a real Kafka: nothing accepted is lost, nothing sent twice."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import textwrap
import uuid
from collections import Counter
from pathlib import Path

import pytest

from mahlan.runtime.broker import Partition, TopicSpec
from mahlan.runtime.kafka import KafkaBroker, KafkaOptions
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.outbox import Outbox, OutboxOptions
from mahlan.runtime.written import event_id
from tests.dispatcher.delivering import until

ROOT = Path(__file__).parents[2]
PARTITIONS = 3
KILLS = 5
#: Adds as fast as it can, and prints the number of each record once it was accepted.
PROGRAM = """
    import asyncio, sys
    from pathlib import Path
    from mahlan.runtime.broker import Outgoing
    from mahlan.runtime.kafka import KafkaBroker, KafkaOptions
    from mahlan.runtime.logs import configure
    from mahlan.runtime.metrics import build_metrics
    from mahlan.runtime.outbox import Outbox, OutboxOptions

    async def main(path, bootstrap, topic, first):
        broker = KafkaBroker(KafkaOptions(bootstrap_servers=bootstrap))
        outbox = Outbox(Path(path), broker, build_metrics(), "gateway", OutboxOptions(max_bytes=10**8, batch=50))
        await outbox.open()
        sending = asyncio.create_task(outbox.run(asyncio.Event()))
        for number in range(int(first), 10**9):
            record = Outgoing(topic, b"author-%d" % (number % 7), b"%d" % number, (("ce_id", b"e-%d" % number),))
            await outbox.add([record])
            print(number, flush=True)

    configure("gateway")
    asyncio.run(main(*sys.argv[1:]))
"""


def run_and_kill(spool: Path, bootstrap: str, topic: str, first: int, count: int) -> list[int]:
    """The numbers of what a process accepted before it was killed, some time after the first ``count``."""
    arguments = [str(spool), bootstrap, topic, str(first)]
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "services")}
    accepted: list[int] = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for line in process.stdout:
            accepted.append(int(line))
            if len(accepted) == count:
                process.kill()
    assert len(accepted) >= count, "the process ended by itself"
    return accepted


async def logs(broker: KafkaBroker, topic: str) -> list[list[str]]:
    read = [await broker.read_partition(Partition(topic, number)) for number in range(PARTITIONS)]
    return [[event_id(record.headers) for record in log] for log in read]


@pytest.mark.timeout(400)
async def test_killed_again_and_again_everything_accepted_is_there_once(kafka: str, tmp_path: Path) -> None:
    broker = KafkaBroker(KafkaOptions(bootstrap_servers=kafka))
    topic = f"test.{uuid.uuid4().hex[:12]}"
    await broker.create_topics([TopicSpec(topic, PARTITIONS)])
    spool, seeded = tmp_path / "spool.db", random.Random(7)
    accepted: list[int] = []
    for kill in range(KILLS):
        first = kill * 1_000_000
        accepted += await asyncio.to_thread(run_and_kill, spool, kafka, topic, first, seeded.randrange(100, 1200))
    metrics = build_metrics()
    outbox = Outbox(spool, broker, metrics, "gateway", OutboxOptions(max_bytes=10**8))
    await outbox.open()
    stop = asyncio.Event()
    sending = asyncio.create_task(outbox.run(stop))
    await until(lambda: outbox.depth == 0)
    stop.set()
    await sending
    await outbox.close()

    found = await logs(broker, topic)
    counts = Counter(name for log in found for name in log)
    assert {f"e-{number}" for number in accepted} - set(counts) == set(), "lost"
    assert {name: count for name, count in counts.items() if count > 1} == {}, "sent twice"
    # What was being accepted at a kill may be there or not: no more than one of each run.
    assert len(counts) <= len(accepted) + KILLS
    for log in found:
        numbers = [int(name.removeprefix("e-")) for name in log]
        assert numbers == sorted(numbers)
