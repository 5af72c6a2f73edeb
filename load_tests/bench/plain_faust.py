"""A contender: the plain Faust agent a newcomer writes. One record in, normalise, ``await topic.send``."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from typing import Any

import faust

from mahlan.events import topics
from mahlan.normaliser.record import normalised
from mahlan.streams.message import to_record


async def main(bootstrap: str, output: str) -> None:
    """Until killed."""
    app = faust.App(
        f"bench-{os.getpid()}",
        broker=f"kafka://{bootstrap}",
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        web_enabled=False,
        datadir=tempfile.mkdtemp(),
        broker_session_timeout=10,
        broker_heartbeat_interval=3,
    )
    source = app.topic(topics.SUBMITTED.name, key_serializer="raw", value_serializer="raw")
    sink = app.topic(output, key_serializer="raw", value_serializer="raw")

    async def agent(stream: Any) -> None:
        async for event in stream.events():
            out = normalised(to_record(event.message), "salt", datetime.now(UTC)).outgoing
            await sink.send(key=out.key, value=out.value, headers=dict(out.headers))

    app.agent(source)(agent)
    await app.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
