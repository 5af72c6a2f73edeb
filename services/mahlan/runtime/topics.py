"""From the contract's topics to what a broker creates. Called at every service's start and by ``mahlan topics``."""

from __future__ import annotations

from collections.abc import Sequence

from mahlan.events.topics import TOPICS, Topic
from mahlan.runtime.broker import TopicSpec
from mahlan.runtime.settings import Settings


def topic_specs(settings: Settings, topics: Sequence[Topic] = TOPICS) -> list[TopicSpec]:
    """How each topic is created: all with the same partition count, so that an author stays on one number."""
    return [TopicSpec(t.name, settings.partitions, settings.replication, _config(t, settings)) for t in topics]


def _config(topic: Topic, settings: Settings) -> dict[str, str]:
    # With three replicas a write must reach two, so that losing one broker loses nothing.
    durable = {"min.insync.replicas": str(min(2, settings.replication - 1))} if settings.replication > 1 else {}
    return {**topic.config, **durable}
