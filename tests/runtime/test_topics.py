"""What topics are created with: one partition count for all, short retention for text, durability with replicas."""

from __future__ import annotations

import re

import pytest

from mahlan.errors import SettingsError
from mahlan.events.comment import CommentSubmitted
from mahlan.events.nudge import NudgeDecided
from mahlan.events.topics import BRAKES, BY_EVENT, DAY_MS, DEAD_LETTERS, HISTORY, TOPICS
from mahlan.runtime.broker import TopicSpec
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import equal_partitions, topic_specs


def test_all_have_the_same_partition_count():
    assert {spec.partitions for spec in topic_specs(Settings(partitions=7))} == {7}


async def test_what_belongs_together_has_the_same_partition_count():
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec("a.v1", 3), TopicSpec("b.v1", 3), TopicSpec("c.v1", 4)])
    assert await equal_partitions(broker, ["a.v1", "b.v1"]) == 3
    with pytest.raises(SettingsError, match=r"a\.v1 has 3, c\.v1 has 4\. Delete .* MAHLAN_PARTITIONS"):
        await equal_partitions(broker, ["a.v1", "c.v1"])


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, None), (2, "1"), (3, "2"), (5, "2")])
def test_losing_one_broker_loses_nothing(replicas, in_sync):
    for spec in topic_specs(Settings(replication=replicas)):
        assert spec.replication == replicas
        assert spec.config.get("min.insync.replicas") == in_sync


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_names_have_dots_and_the_version_last(topic):
    assert re.fullmatch(r"[a-z]+(\.[a-z]+)+\.v[1-9]", topic.name)
    assert topic.type == f"mahlan.{topic.name}"


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.has_text], ids=lambda topic: topic.name)
def test_text_is_kept_a_day_and_in_a_dead_letter_a_week(topic):
    assert topic.retention_ms <= (DAY_MS if topic.event else 7 * DAY_MS)


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.event], ids=lambda topic: topic.name)
def test_only_the_first_two_events_have_a_field_for_text(topic):
    names = set(topic.event.__dataclass_fields__)
    assert bool(names & {"text", "readings"}) is topic.has_text


def test_a_dead_letter_fits_where_its_record_came_from():
    sizes = {topic.name: int(topic.config["max.message.bytes"]) for topic in TOPICS}
    largest = max(size for topic in TOPICS if topic.event for size in [sizes[topic.name]])
    assert all(sizes[topic.name] > largest for topic in DEAD_LETTERS.values())


def test_a_brake_stays_until_it_is_replaced_and_a_history_goes_after_its_days():
    assert (BRAKES.config["cleanup.policy"], BRAKES.config["retention.ms"]) == ("compact", "-1")
    assert HISTORY.config["cleanup.policy"] == "compact,delete"


def test_events_are_owned_by_the_first_topic_that_carries_them():
    assert BY_EVENT[CommentSubmitted].name == "comments.submitted.v1"
    assert BY_EVENT[NudgeDecided].name == "nudges.decided.v1"
