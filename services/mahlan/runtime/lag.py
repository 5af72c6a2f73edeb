"""How far behind a consumer is, as metrics: records and seconds. Run beside the loop by scorer and dispatcher."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from time import time

from mahlan.errors import RetryError
from mahlan.runtime.broker import Consumer, Partition
from mahlan.runtime.metrics import Metrics

INTERVAL = 2.0


class LagReporter:
    """Asks the consumer every ``INTERVAL`` seconds. Cancel ``run`` to end it."""

    def __init__(self, consumer: Consumer, places: Mapping[Partition, int], metrics: Metrics, service: str) -> None:
        self._consumer = consumer
        self._places = places
        self._metrics = metrics
        self._service = service

    async def run(self) -> None:
        """For ever; a broker that cannot be asked now is asked again."""
        while True:
            with suppress(RetryError):
                await self.report()
            await asyncio.sleep(INTERVAL)

    async def report(self) -> None:
        """Set both gauges. Seconds: the age of the last record polled where others wait behind it, else 0."""
        now = time()
        lag = await self._consumer.lag()
        ages = [now - self._places[place] / 1000 for place, records in lag.items() if records and place in self._places]
        for partition, records in lag.items():
            self._metrics.lag_records.labels(self._service, partition.topic, str(partition.number)).set(records)
        self._metrics.lag_seconds.labels(self._service).set(max(ages, default=0.0))
