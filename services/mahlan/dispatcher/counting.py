"""What the dispatcher's worker tells of itself: metrics and log lines, in one place so that the loop stays readable."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from mahlan.dispatcher import SERVICE
from mahlan.dispatcher.deciding import Batch
from mahlan.dispatcher.state import PartitionState
from mahlan.errors import FencedError, MahlanError
from mahlan.events.topics import DECIDED, DISPATCHER_DLQ, SCORED
from mahlan.runtime.broker import Partition, Record
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics


@dataclass(slots=True)
class Counting:
    """Counts for one worker.

    ``languages`` get a label of their own, all others are ``other``: a label must not grow with what people send.
    ``places`` holds the broker's timestamp (milliseconds) of the last record polled, by partition.
    """

    metrics: Metrics
    languages: Sequence[str]
    places: dict[Partition, int] = field(default_factory=dict)

    def assigned(self, partitions: int) -> None:
        """The group gave us so many partitions."""
        self.metrics.rebalances.labels(SERVICE).inc()
        logger().info("assigned", partitions=partitions)

    def rejoining(self, error: MahlanError) -> None:
        """The membership ended and another begins."""
        if isinstance(error, FencedError):
            self.metrics.fenced.labels(SERVICE).inc()
        else:
            self.metrics.retries.labels(SERVICE, type(error).__name__).inc()
        logger().warning("rejoining", error_type=type(error).__name__)

    def commit_refused(self, error: MahlanError) -> None:
        """What was written is not committed."""
        self.metrics.retries.labels(SERVICE, "commit").inc()
        logger().warning("commit_refused", error_type=type(error).__name__)

    def remembered(self, states: Iterable[PartitionState]) -> None:
        """How many authors all states remember."""
        self.metrics.authors_remembered.labels(SERVICE).set(sum(state.authors for state in states))

    def erased(self, authors: int) -> None:
        """So many authors were forgotten because they were erased."""
        self.metrics.authors_erased.labels(SERVICE).inc(authors)
        logger().info("erased", authors=authors)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage of a batch, failed or not."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.metrics.stage_seconds.labels(SERVICE, name).observe(time.perf_counter() - started)

    @contextmanager
    def in_flight(self, records: Sequence[Record]) -> Iterator[None]:
        """These records are being worked on."""
        self.metrics.events_in.labels(SERVICE, SCORED.name).inc(len(records))
        self.metrics.batch_records.labels(SERVICE).observe(len(records))
        self.places |= {Partition(record.topic, record.partition): record.timestamp_ms for record in records}
        self.metrics.in_flight.labels(SERVICE).inc(len(records))
        try:
            yield
        finally:
            self.metrics.in_flight.labels(SERVICE).dec(len(records))

    def written(self, batch: Batch, now: datetime) -> None:
        """The batch is in the log."""
        metrics, known = self.metrics, {*self.languages, "mixed", "und"}
        metrics.events_out.labels(SERVICE, DECIDED.name).inc(len(batch.decisions))
        metrics.events_repeated.labels(SERVICE).inc(batch.repeats)
        if batch.errors:
            metrics.events_out.labels(SERVICE, DISPATCHER_DLQ.name).inc(len(batch.errors))
        for error in batch.errors:
            metrics.events_dead.labels(SERVICE, error.reason).inc()
        for made in batch.decisions:
            language = made.language if made.language in known else "other"
            metrics.decisions.labels(SERVICE, made.kind, made.reason, language, made.campaign).inc()
        seconds = now.timestamp()
        for arrived_ms in filter(None, batch.arrivals_ms):
            metrics.end_to_end_seconds.labels(SERVICE).observe(max(0.0, seconds - arrived_ms / 1000))
