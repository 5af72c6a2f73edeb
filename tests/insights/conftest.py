"""A stage with a real Kafka for the tests of insights."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs
from tests.insights.processes import Stage


@pytest.fixture
async def stage(kafka, tmp_path) -> AsyncIterator[Stage]:
    settings = Settings(bootstrap_servers=kafka)
    broker = open_broker(settings, "test")
    await broker.create_topics(topic_specs(settings))
    stage = Stage(broker, kafka, tmp_path)
    yield stage
    stage.end()
    await broker.close()
