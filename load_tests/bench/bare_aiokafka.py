"""A contender: bare aiokafka, getmany, normalise, send, flush, commit. No Faust, no dead letters, no metrics."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from mahlan.events import topics
from mahlan.normaliser.record import normalised
from mahlan.runtime.kafka_consumer import to_record


async def main(bootstrap: str, output: str) -> None:
    """Until killed."""
    consumer = AIOKafkaConsumer(
        topics.SUBMITTED.name,
        bootstrap_servers=bootstrap,
        group_id=f"bench-{os.getpid()}",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await consumer.start()
    await producer.start()
    while True:
        fetched = await consumer.getmany(timeout_ms=500, max_records=500)
        now = datetime.now(UTC)
        for batch in fetched.values():
            for raw in batch:
                out = normalised(to_record(raw), "salt", now).outgoing
                await producer.send(output, out.value, key=out.key, headers=list(out.headers))
        await producer.flush()
        if fetched:
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
