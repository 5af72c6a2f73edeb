"""The channel for platforms that want nudges alone, without holdouts and the rest: a Kafka topic."""

from __future__ import annotations

from mahlan.errors import BrokerError, DeliveryError
from mahlan.events.codec import encode
from mahlan.events.envelope import Envelope
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import DELIVERED
from mahlan.runtime.broker import Outgoing, Producer


class KafkaChannel:
    """Implements ``Channel``. Keyed by author; ``ce_id`` is the decision id. Closes the producer it was given."""

    name = "kafka"

    def __init__(self, producer: Producer, topic: str, source: str) -> None:
        self._producer = producer
        self._topic = topic
        self._source = source

    async def deliver(self, decision: NudgeDecided) -> None:
        """Write one record and wait for its acknowledgement."""
        envelope = Envelope(decision.decision_id, DELIVERED.type, self._source, decision.decided_at.isoformat())
        value, headers = encode(decision, envelope)
        try:
            await self._producer.send([Outgoing(self._topic, decision.author_key.encode(), value, headers)])
        except BrokerError as error:
            raise DeliveryError(f"the topic did not take it: {type(error).__name__}") from error

    async def close(self) -> None:
        """Close the producer."""
        await self._producer.close()
