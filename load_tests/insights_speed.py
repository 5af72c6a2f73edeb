"""How many decisions and outcomes a second one worker of insights counts.

    PYTHONPATH=services:. python -m load_tests.insights_speed [--comments N] [--authors N]

Starts a Kafka of its own (``KAFKA_BOOTSTRAP_SERVERS`` wins), writes the decisions of so many comments, one nudge in ten
with two outcomes, starts a worker and prints as JSON how long it took from its first count to its last, and the CPU
time of an event.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson

from load_tests.insights_worker import CAMPAIGN, PATIENCE, Worker, print_measured
from mahlan.core.assignment import decision_id
from mahlan.events.codec import encode, envelope_of
from mahlan.events.nudge import NudgeDecided, NudgeOutcome
from mahlan.events.ruling import Wording
from mahlan.events.topics import DECIDED, OUTCOMES
from mahlan.runtime.broker import Outgoing
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs

WORDING = Wording(id="w", language="en", direction="ltr", text="Again?", edit="Edit", send="Send", dispute="Wrong")


def events(comments: int, authors: int) -> Iterator[NudgeDecided | NudgeOutcome]:
    """Decisions of as many comments as wanted, and what came of the nudges."""
    now, run = datetime.now(UTC), uuid.uuid4().hex[:8]
    for number in range(comments):
        comment, author, at = f"{run}-{number}", f"{run}-{number % authors:08d}", now - timedelta(seconds=number % 3600)
        asked = number % 10 == 0
        name = decision_id(CAMPAIGN, comment, 0)
        yield NudgeDecided(
            decision_id=name,
            campaign=CAMPAIGN,
            campaign_version="0" * 12,
            comment_id=comment,
            revision=0,
            state="posted",
            author_key=author,
            surface="comment",
            language="arz",
            kind="nudge" if asked else "none",
            reason="over_band" if asked else "not_toxic",
            band="high" if asked else "none",
            model="fast@1",
            occurred_at=at,
            decided_at=at,
            wording=WORDING if asked else None,
            hashtags=("practicethepause",) if number % 3 == 0 else (),
        )
        for told in ("shown", "revised") if asked else ():
            yield NudgeOutcome(decision_id=name, comment_id=comment, author_key=author, outcome=told, occurred_at=at)


async def publish(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the events; how many."""
    broker = open_broker(settings)
    await broker.create_topics(topic_specs(settings))
    producer, batch, count = await broker.producer(), list[Outgoing](), 0
    for event in events(arguments.comments, arguments.authors):
        value, headers = encode(event, envelope_of(event, id=event.decision_id, source="load", time=""))
        topic = DECIDED.name if isinstance(event, NudgeDecided) else OUTCOMES.name
        batch.append(Outgoing(topic, event.author_key.encode(), value, headers))
        count += 1
        if len(batch) == 5000:
            await producer.send(batch)
            batch = []
    await producer.send(batch)
    await producer.close()
    await broker.close()
    return count


def count_all(bootstrap: str, arguments: argparse.Namespace) -> tuple[float, float]:
    """Seconds that a worker took from its first count to its last, and its CPU seconds meanwhile."""
    worker = Worker(bootstrap, f"speed-{uuid.uuid4().hex[:6]}", faust=False)
    try:
        worker.until_answering()
        began = cpu = 0.0
        while time.monotonic() - worker.started < PATIENCE:
            told = worker.get(f"http://127.0.0.1:{worker.port}/insights/{CAMPAIGN}")
            counted = orjson.loads(told)["nudges"]["comments"] if told else 0
            if counted and not began:
                began, cpu = time.monotonic(), worker.cpu()
            if counted >= arguments.comments:
                return time.monotonic() - began, worker.cpu() - cpu
            time.sleep(0.1)
        raise TimeoutError("the worker does not come to an end")
    finally:
        worker.kill()


def measure(bootstrap: str, arguments: argparse.Namespace) -> dict[str, object]:
    """Write the events, count them."""
    count = asyncio.run(publish(Settings(bootstrap_servers=bootstrap, partitions=arguments.partitions), arguments))
    seconds, cpu = count_all(bootstrap, arguments)
    return {
        "events": count,
        "seconds": round(seconds, 1),
        "per_second": round(count / seconds),
        "cpu_us_per_event": round(cpu / count * 1e6),
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--authors", type=int, default=20_000)
    print_measured(parser, measure)


if __name__ == "__main__":
    main()
