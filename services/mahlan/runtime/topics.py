"""From the contract's topics to what a broker creates. Called at every service's start and by ``mahlan topics``."""

from __future__ import annotations

from collections.abc import Sequence

from mahlan.errors import SettingsError
from mahlan.events.topics import TOPICS, Topic
from mahlan.runtime.broker import Broker, TopicSpec
from mahlan.runtime.settings import Settings


def topic_specs(settings: Settings, topics: Sequence[Topic] = TOPICS) -> list[TopicSpec]:
    """How each topic is created: all with the same partition count, so that an author stays on one number."""
    return [TopicSpec(t.name, settings.partitions, settings.replication, _config(t, settings)) for t in topics]


async def equal_partitions(broker: Broker, names: Sequence[str]) -> int:
    """How many partitions each of these topics has: state is kept by partition, across all of them.

    Raises ``SettingsError`` where they do not have the same number.
    """
    counts = {name: await broker.partitions(name) for name in names}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise SettingsError(
            f"topics must have the same number of partitions: {told}. Delete those that differ once nothing in them is "
            "needed: they are made anew with MAHLAN_PARTITIONS at the next start"
        )
    return counts[names[0]]


def _config(topic: Topic, settings: Settings) -> dict[str, str]:
    # With three replicas a write must reach two, so that losing one broker loses nothing.
    durable = {"min.insync.replicas": str(min(2, settings.replication - 1))} if settings.replication > 1 else {}
    return {**topic.config, **durable}
