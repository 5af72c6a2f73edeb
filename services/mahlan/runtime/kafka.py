"""The broker of production: Apache Kafka through aiokafka. Opened by services and the CLI with ``open_broker``.

Producers are idempotent and wait for all in-sync replicas; whole batches are handed over, one per partition, because
a record at a time costs ten times as much. Consumers read committed records and commit by hand.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code
from aiokafka.helpers import create_ssl_context

from mahlan.errors import BrokerError, SettingsError
from mahlan.runtime.broker import Guard, Partition, PartitionsHook, Positions, Record, TopicSpec
from mahlan.runtime.kafka_consumer import KafkaConsumer, translated
from mahlan.runtime.kafka_producer import KafkaProducer
from mahlan.runtime.kafka_reader import KafkaReader, find_positions, read_end
from mahlan.runtime.settings import Settings

#: Seconds until every broker knows the leader of a new topic; far more than it takes.
_LEADERS_WITHIN = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaOptions:
    """How to reach Kafka. Times in seconds; ``ca_file`` is a PEM file, empty for the system's authorities."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    client_id: str = "mahlan"
    session_timeout: float = 10.0
    heartbeat_interval: float = 3.0
    request_timeout: float = 15.0
    delivery_timeout: float = 30.0

    def connection(self) -> dict[str, Any]:
        """What every aiokafka client is given. Raises ``SettingsError`` for a certificate file it cannot read."""
        given: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": self.client_id,
            "security_protocol": self.security_protocol,
            "request_timeout_ms": int(self.request_timeout * 1000),
        }
        if self.security_protocol.endswith("SSL"):
            given["ssl_context"] = self.tls()
        if self.security_protocol.startswith("SASL"):
            given["sasl_mechanism"] = self.sasl_mechanism
            given["sasl_plain_username"] = self.username
            given["sasl_plain_password"] = self.password
        return given

    def tls(self) -> Any:
        """The context of an encrypted connection. Raises ``SettingsError`` for a certificate file it cannot read."""
        try:
            return create_ssl_context(cafile=self.ca_file or None)
        except OSError as error:  # a missing file, or one that holds no certificate (ssl.SSLError)
            raise SettingsError(
                f"MAHLAN_KAFKA_CA_FILE cannot be used ({type(error).__name__}): name a PEM file with certificates"
            ) from None


def kafka_options(settings: Settings, client_id: str = "mahlan") -> KafkaOptions:
    """The part of the settings that says how to reach Kafka."""
    return KafkaOptions(
        bootstrap_servers=settings.bootstrap_servers,
        security_protocol=settings.kafka_security_protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_username,
        password=settings.kafka_password,
        ca_file=settings.kafka_ca_file,
        client_id=client_id,
        session_timeout=settings.session_timeout,
        heartbeat_interval=settings.heartbeat_interval,
    )


def open_broker(settings: Settings, client_id: str = "mahlan") -> KafkaBroker:
    """The broker the settings name; nothing is connected before it is used."""
    return KafkaBroker(kafka_options(settings, client_id))


class KafkaBroker:
    """Implements ``runtime.broker.Broker``."""

    def __init__(self, options: KafkaOptions) -> None:
        # aiokafka builds a log record for every record sent even when nobody reads them: 8 us each.
        logging.getLogger("aiokafka").setLevel(logging.WARNING)
        self._options = options

    async def create_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        async with self._admin() as admin:
            there = set(await admin.list_topics())
            missing = [spec for spec in specs if spec.name not in there]
            if not missing:
                return []
            answer = await admin.create_topics([_new_topic(spec) for spec in missing])
            created = [name for name, code, *_ in answer.topic_errors if _was_created(name, code)]
            await _wait_leaders(admin, [spec.name for spec in missing])
        return created

    async def producer(self, guard: Guard | None = None) -> KafkaProducer:
        producer = KafkaProducer(self._options.connection(), self._options.delivery_timeout, guard)
        await producer.open()
        return producer

    async def consumer(
        self,
        topics: Sequence[str],
        group: str,
        *,
        on_assigned: PartitionsHook | None = None,
        on_revoked: PartitionsHook | None = None,
    ) -> KafkaConsumer:
        timing = {
            "session_timeout_ms": int(self._options.session_timeout * 1000),
            "heartbeat_interval_ms": int(self._options.heartbeat_interval * 1000),
        }
        consumer = KafkaConsumer(self._options.connection() | timing, group, on_assigned, on_revoked)
        await consumer.open(topics)
        return consumer

    async def reader(self, topic: str, *, positions: Positions) -> KafkaReader:
        count = await self._existing(topic)
        reader = KafkaReader(self._options.connection(), topic)
        try:
            await reader.open(positions, count)
        except BaseException:
            await reader.close()
            raise
        return reader

    async def read_partition(self, partition: Partition, *, last: int | None = None) -> list[Record]:
        if not 0 <= partition.number < await self.partitions(partition.topic):
            raise BrokerError(f"there is no partition {partition.number} of {partition.topic}")
        return await read_end(self._options.connection(), partition, last)

    async def positions_at(self, topic: str, milliseconds: int) -> Mapping[int, int]:
        return await find_positions(self._options.connection(), topic, await self._existing(topic), milliseconds)

    async def partitions(self, topic: str) -> int:
        async with self._admin() as admin:
            # Asking for one topic by name would create it where the cluster allows that.
            if topic not in await admin.list_topics():
                return 0
            return len((await admin.describe_topics([topic]))[0]["partitions"])

    async def _existing(self, topic: str) -> int:
        count = await self.partitions(topic)
        if count == 0:
            raise BrokerError(f"there is no topic {topic}: create it with `mahlan topics create`")
        return count

    async def close(self) -> None:
        """Nothing is held between calls; producers and consumers are closed by who asked for them."""

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**self._options.connection())
        with translated("reaching Kafka"):
            try:
                await admin.start()
                yield admin
            finally:
                await admin.close()


def _new_topic(spec: TopicSpec) -> NewTopic:
    return NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=dict(spec.config))


def _was_created(name: str, code: int) -> bool:
    """False where somebody else was quicker; raises ``BrokerError`` for any other refusal."""
    if code == TopicAlreadyExistsError.errno:
        return False
    if code:
        raise BrokerError(f"topic {name} was not created: {for_code(code).__name__}")
    return True


async def _wait_leaders(admin: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    try:
        async with asyncio.timeout(_LEADERS_WITHIN):
            while not all(map(_has_leaders, await admin.describe_topics(list(names)))):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise BrokerError(f"new topics have no leader after {_LEADERS_WITHIN:.0f} s") from None


def _has_leaders(described: Mapping[str, Any]) -> bool:
    partitions = described["partitions"]
    return bool(partitions) and all(partition["leader"] >= 0 for partition in partitions)
