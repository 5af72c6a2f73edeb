"""What the scorer tells of its batches in metrics. Called by ``worker.py``; of models, ``scoring/counting.py``."""

from __future__ import annotations

from collections.abc import Sequence
from time import time

from mahlan.events import topics
from mahlan.runtime.broker import Outgoing
from mahlan.runtime.metrics import Metrics
from mahlan.scorer.record import SERVICE, Item


def count_events(metrics: Metrics, items: Sequence[Item], outgoing: Sequence[Outgoing]) -> None:
    """Events written, and how long each comment has been on its way."""
    events = sum(one.topic == topics.SCORED.name for one in outgoing)
    metrics.events_out.labels(SERVICE, topics.SCORED.name).inc(events)
    observe = metrics.end_to_end_seconds.labels(SERVICE).observe
    now_ms = time() * 1000
    for item in items:
        observe(max(0.0, (now_ms - (item.envelope.received_ms or item.record.timestamp_ms)) / 1000))
