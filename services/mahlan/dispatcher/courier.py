"""Takes a nudge to every channel, again until it arrives, is refused or is too late. Used by the delivery."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from mahlan.core.backoff import Backoff
from mahlan.dispatcher import SERVICE
from mahlan.dispatcher.channels.channel import Channel
from mahlan.errors import DeliveryError, GoneError, InternalError, OversizeError, RecordError, UndeliveredError
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DISPATCHER_DLQ
from mahlan.runtime.broker import Producer, Record
from mahlan.runtime.dead_letters import dead_letter
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.retries import retried


@dataclass(frozen=True, slots=True)
class Courier:
    """``deliver`` is total: a nudge arrives or becomes a dead letter. Clock, dice and sleep are injected."""

    channels: Sequence[Channel]
    producer: Producer
    backoff: Backoff
    metrics: Metrics
    clock: Callable[[], datetime]
    dice: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    timer: Callable[[], float] = time.monotonic

    async def deliver(self, record: Record, decision: NudgeDecided) -> None:
        """To all channels at once; each has its own tries and its own dead letter."""
        await asyncio.gather(*(self._to(channel, record, decision) for channel in self.channels))

    async def _to(self, channel: Channel, record: Record, decision: NudgeDecided) -> None:
        try:
            await self._try(channel, decision)
        except RecordError as error:
            self._count(channel, error.reason)
            if isinstance(error, GoneError):
                self.metrics.channel_stopped.labels(SERVICE, channel.name).set(1)
            logger().warning("undelivered", channel=channel.name, decision_id=decision.decision_id, reason=error.reason)
            await self.bury(record, error)
        else:
            self._count(channel, "delivered")

    async def _try(self, channel: Channel, decision: NudgeDecided) -> None:
        started, failed = self.timer(), 0
        while True:
            try:
                with self._timed(channel):
                    await channel.deliver(decision)
            except DeliveryError as error:
                failed += 1
                wait = self.backoff.wait(failed, self.timer() - started, self.dice(), error.retry_after)
                if wait is None:
                    raise UndeliveredError(f"{channel.name}: given up after {failed} tries; last: {error}") from error
                self._count(channel, "retried")
                await self.sleep(wait)
            except RecordError:
                raise
            except Exception as error:
                # A channel is an extension: its bug must not stall a partition.
                raise InternalError(f"{type(error).__name__} in channel {channel.name}; this is a bug") from error
            else:
                return

    async def bury(self, record: Record, error: RecordError) -> None:
        """Write the dead letter, however long the broker takes; without its value where that is too large."""
        letter = dead_letter(record, error, service=SERVICE, now=self.clock())
        try:
            await retried(lambda: self.producer.send([letter]), self.metrics, SERVICE)
        except OversizeError:
            short = replace(letter, value=None)
            await retried(lambda: self.producer.send([short]), self.metrics, SERVICE)
        self.metrics.events_dead.labels(SERVICE, error.reason).inc()
        self.metrics.events_out.labels(SERVICE, DISPATCHER_DLQ.name).inc()

    @contextmanager
    def _timed(self, channel: Channel) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.metrics.delivery_seconds.labels(SERVICE, channel.name).observe(spent)

    def _count(self, channel: Channel, result: str) -> None:
        self.metrics.deliveries.labels(SERVICE, channel.name, result).inc()
