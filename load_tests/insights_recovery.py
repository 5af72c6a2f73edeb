"""How long a worker of insights takes to have its state back, with a million authors in it.

    PYTHONPATH=services:. python -m load_tests.insights_recovery [--authors N] [--partitions N] [--faust]

Starts a Kafka of its own (``KAFKA_BOOTSTRAP_SERVERS`` wins), writes the state of so many authors with three comments
each, kills a worker that has read it, starts another, and prints as JSON: seconds from its start until it answers for
all partitions, the part of them that went into reading, its CPU time until then, and its memory. ``--faust`` leaves the
reading to Faust's own recovery, which is what insights falls back to.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from load_tests.insights_worker import CAMPAIGN, Worker, print_measured
from mahlan.core.assignment import decision_id
from mahlan.core.insights.author import Author, encode_author
from mahlan.core.insights.joining import take_decision
from mahlan.core.insights.tally import Tally
from mahlan.core.insights.terms import Terms
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import INSIGHTS_STATE
from mahlan.insights.keys import author_key
from mahlan.insights.state import PartitionState
from mahlan.runtime.broker import Partition, Producer
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs

COMMENTS = 3
#: Authors written in one batch.
BATCH = 2000


def written_author() -> bytes:
    """An author as they are kept: three comments within the last days, one of them with a hashtag."""
    author, tally, now = Author(), Tally(), datetime.now(UTC)
    for number in range(COMMENTS):
        at = now - timedelta(days=3, minutes=number)
        decision = NudgeDecided(
            decision_id=decision_id(CAMPAIGN, f"c-{number}", 0),
            campaign=CAMPAIGN,
            campaign_version="0" * 12,
            comment_id=f"c-{number}",
            revision=0,
            state="posted",
            author_key="somebody",
            surface="comment",
            language="arz",
            kind="none",
            reason="not_toxic",
            model="fast@1",
            occurred_at=at,
            decided_at=at,
            hashtags=("practicethepause",) if number == 0 else (),
        )
        take_decision(author, decision, Terms(id=CAMPAIGN, tags={"practicethepause": "practicethepause"}), tally)
    return encode_author(author)


def batches(authors: int, number: int, partitions: int) -> Iterator[dict[bytes, bytes]]:
    """The authors of one partition, batch by batch."""
    value = written_author()
    names = range(number, authors, partitions)
    for start in range(0, len(names), BATCH):
        yield {author_key(f"{name:032x}"): value for name in names[start : start + BATCH]}


async def write_state(producer: Producer, authors: int, number: int, partitions: int) -> int:
    """Write one partition's state as a worker does; bytes written."""
    state, size = PartitionState(number), 0
    for changes in batches(authors, number, partitions):
        batch = state.records(changes)
        first = await producer.append(Partition(INSIGHTS_STATE.name, number), batch)
        assert first == state.read_to, "the topic is not empty"
        state.read_to += len(batch)
        size += sum(len(record.key or b"") + len(record.value or b"") for record in batch)
    return size


async def fill(settings: Settings, authors: int) -> int:
    """Write the state of all authors; bytes written."""
    broker = open_broker(settings)
    await broker.create_topics(topic_specs(settings))
    producer = await broker.producer()
    numbers = range(settings.partitions)
    sizes = [await write_state(producer, authors, number, settings.partitions) for number in numbers]
    await producer.close()
    await broker.close()
    return sum(sizes)


def measure(bootstrap: str, arguments: argparse.Namespace) -> dict[str, object]:
    """Fill the topic, read it, kill, read it again."""
    settings = Settings(bootstrap_servers=bootstrap, partitions=arguments.partitions)
    size = asyncio.run(fill(settings, arguments.authors))
    group = f"recovery-{uuid.uuid4().hex[:6]}"
    first = Worker(bootstrap, group, faust=arguments.faust)
    fresh = first.until_answering()
    first.kill()
    second = Worker(bootstrap, group, faust=arguments.faust)
    try:
        seconds = second.until_answering()
        return {
            "authors": arguments.authors,
            "partitions": arguments.partitions,
            "state_megabytes": round(size / 1e6, 1),
            "first_start_seconds": round(fresh, 1),
            "after_kill_seconds": round(seconds, 1),
            "reading_seconds": round(second.reading(), 3),
            "cpu_seconds": second.cpu(),
            "memory_megabytes": second.megabytes(),
            "load_average": round(os.getloadavg()[0], 1),
        }
    finally:
        second.kill()


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--authors", type=int, default=1_000_000)
    parser.add_argument("--faust", action="store_true", help="leave the reading to Faust's own recovery")
    print_measured(parser, measure)


if __name__ == "__main__":
    main()
