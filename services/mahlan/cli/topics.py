"""``mahlan topics``: create what is missing, show what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Group
from mahlan.cli.output import json_option, show_rows

if TYPE_CHECKING:
    from mahlan.runtime.broker import Broker
    from mahlan.runtime.settings import Settings


@click.group("topics", cls=Group, examples=("KAFKA_BOOTSTRAP_SERVERS=localhost:9092 mahlan topics create",))
def command() -> None:
    """The topics of the pipeline on Kafka."""


@command.command("create", examples=("MAHLAN_PARTITIONS=12 MAHLAN_REPLICATION=3 mahlan topics create",))
@json_option
def create(as_json: bool) -> None:
    """Create the topics that are missing; leave those that exist as they are.

    MAHLAN_PARTITIONS and MAHLAN_REPLICATION say how.
    """
    from mahlan.cli.runtime import with_broker

    show_rows(with_broker(_created), as_json=as_json, title="topics")


async def _created(broker: Broker, settings: Settings) -> list[dict[str, Any]]:
    from mahlan.runtime.topics import topic_specs

    specs = topic_specs(settings)
    made = await broker.create_topics(specs)
    return [{"topic": spec.name, "created": spec.name in made} for spec in specs]


@command.command("show", examples=("mahlan topics show --json",))
@json_option
def show(as_json: bool) -> int:
    """Show every topic: its partitions, what was written to it, whether it carries text.

    The exit status is 1 when one is missing.
    """
    from mahlan.cli.runtime import with_broker

    rows = with_broker(_shown)
    show_rows(rows, as_json=as_json, title="topics")
    return 0 if all(row["exists"] for row in rows) else 1


async def _shown(broker: Broker, _: Settings) -> list[dict[str, Any]]:
    from mahlan.events.topics import TOPICS

    return [await _row(broker, topic) for topic in TOPICS]


async def _row(broker: Broker, topic: Any) -> dict[str, Any]:
    from mahlan.events.topics import UNTIL_REPLACED
    from mahlan.runtime.broker import Partition

    count = await broker.partitions(topic.name)
    lasts = [await broker.read_partition(Partition(topic.name, number), last=1) for number in range(count)]
    return {
        "topic": topic.name,
        "exists": count > 0,
        "partitions": count,
        "written": sum(records[-1].offset + 1 for records in lasts if records),
        "carries_text": topic.has_text,
        "kept_hours": None if topic.retention_ms == UNTIL_REPLACED else topic.retention_ms // 3_600_000,
        "compacted": topic.compacted,
        "written_by": topic.writers,
    }
