"""``mahlan topics`` and ``mahlan dlq`` against a real Kafka; and what they say when there is none."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import orjson
import pytest

from mahlan.errors import FieldError, VersionError
from mahlan.events.topics import SUBMITTED, TOPICS
from mahlan.local.probe import free_port
from mahlan.runtime.broker import Partition, Record
from mahlan.runtime.dead_letters import dead_letter
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SECRET = "words of a person"


def rows(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [orjson.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def on_kafka(kafka) -> dict[str, str]:
    """Its own groups, so that tests do not remember each other's replays."""
    return {"KAFKA_BOOTSTRAP_SERVERS": kafka, "MAHLAN_GROUP_PREFIX": f"t-{uuid.uuid4().hex[:8]}"}


async def letters(kafka: str, *errors) -> str:
    """Write one dead letter an error; return the mark by which to know them."""
    mark = uuid.uuid4().hex
    broker = open_broker(Settings(bootstrap_servers=kafka))
    await broker.create_topics(topic_specs(Settings()))
    producer = await broker.producer()
    for number, error in enumerate(errors):
        value = orjson.dumps({"mark": mark, "number": number, "text": SECRET})
        headers = (("ce_id", f"{mark}.{number}".encode()), ("content-type", b"application/json"))
        record = Record(SUBMITTED.name, 0, number, mark.encode(), value, headers)
        await producer.send([dead_letter(record, error, service="normaliser", now=NOW)])
    await producer.close()
    return mark


async def submitted(kafka: str, mark: str) -> list[Record]:
    broker = open_broker(Settings(bootstrap_servers=kafka))
    partitions = range(await broker.partitions(SUBMITTED.name))
    found = [r for number in partitions for r in await broker.read_partition(Partition(SUBMITTED.name, number))]
    return [record for record in found if record.key == mark.encode()]


def test_topics_are_created_once_and_shown(mahlan, on_kafka):
    mahlan("topics", "create", env=on_kafka)
    again = rows(mahlan("topics", "create", env=on_kafka))
    assert [row["created"] for row in again] == [False] * len(TOPICS)
    shown = rows(mahlan("topics", "show", env=on_kafka))
    assert [row["topic"] for row in shown] == [topic.name for topic in TOPICS]
    assert all(row["exists"] and row["partitions"] > 0 for row in shown)


async def test_dead_letters_are_counted_and_listed_without_text(mahlan, on_kafka, kafka):
    reason_field = f"$.{uuid.uuid4().hex}"
    await letters(kafka, FieldError("is wrong", reason_field), FieldError("is wrong", reason_field))
    done = mahlan("dlq", "show", "--service", "normaliser", env=on_kafka)
    (row,) = [row for row in rows(done) if row["field"] == reason_field]
    assert (row["reason"], row["count"]) == ("invalid_field", 2)
    each = mahlan("dlq", "show", "--each", env=on_kafka)
    assert SECRET.encode() not in done.stdout + each.stdout
    assert SECRET.encode() in mahlan("dlq", "show", "--values", env=on_kafka).stdout


async def test_a_replay_sends_exactly_the_chosen_ones_once(mahlan, on_kafka, kafka):
    mark = await letters(kafka, FieldError("a", "$.a"), VersionError("b", "$.b"), FieldError("c", "$.c"))
    rows(mahlan("dlq", "replay", "--reason", "invalid_field", "--yes", env=on_kafka))
    back = await submitted(kafka, mark)
    assert sorted(orjson.loads(record.value)["number"] for record in back) == [0, 2]
    assert all(dict(record.headers).keys() == {"ce_id", "content-type"} for record in back)

    rows(mahlan("dlq", "replay", "--reason", "invalid_field", "--yes", env=on_kafka))
    assert len(await submitted(kafka, mark)) == 2

    rows(mahlan("dlq", "replay", "--reason", "unknown_version", "--yes", env=on_kafka))
    assert len(await submitted(kafka, mark)) == 3

    later = await letters(kafka, FieldError("d", "$.d"))
    rows(mahlan("dlq", "replay", "--yes", env=on_kafka))
    assert len(await submitted(kafka, later)) == 1
    assert len(await submitted(kafka, mark)) == 3


async def test_one_dead_letter_by_its_place(mahlan, on_kafka, kafka):
    field = f"$.{uuid.uuid4().hex}"
    mark = await letters(kafka, FieldError("a", field), FieldError("b", "$.other"))
    (row,) = [row for row in rows(mahlan("dlq", "show", "--each", env=on_kafka)) if row["field"] == field]
    assert rows(mahlan("dlq", "replay", "--at", row["at"], "--yes", env=on_kafka)) == [
        {"topic": SUBMITTED.name, "replayed": 1}
    ]
    assert len(await submitted(kafka, mark)) == 1
    done = mahlan("dlq", "replay", "--at", "normaliser.dlq.v1:0:999999", "--yes", env=on_kafka)
    assert done.returncode == 2
    assert b"no such dead letter" in done.stderr


async def test_nobody_there_to_be_asked(mahlan, on_kafka, kafka):
    mark = await letters(kafka, FieldError("a", "$.a"))
    done = mahlan("dlq", "replay", env=on_kafka)
    assert done.returncode == 2
    assert b"--yes" in done.stderr
    assert await submitted(kafka, mark) == []


def test_no_kafka_is_one_line_with_a_way_out(mahlan):
    done = mahlan("topics", "show", env={"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"})
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert "mahlan broker start" in line
