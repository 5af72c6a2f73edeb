"""``mahlan campaigns brakes``, ``pause`` and ``release`` against a real Kafka; and what a slip of the pen gets."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from mahlan.cli.brakes import MOST_REASON, read_all
from mahlan.core.brake import next_brake
from mahlan.core.budget import Counts, bucket_of
from mahlan.errors import FatalError
from mahlan.events.brake import BrakeSet
from mahlan.events.jsonschema import schema
from mahlan.events.topics import BRAKES
from mahlan.local.probe import free_port
from mahlan.runtime.brakes import brake_record, read_brakes
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.settings import Settings
from mahlan.runtime.topics import topic_specs
from tests.core.policy_cases import CAMPAIGN_FILE, campaign

WHY = ("--reason", "a test")


def rows(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [orjson.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def name() -> str:
    """A campaign that no other test has."""
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def here(kafka, tmp_path, name) -> dict[str, str]:
    """Kafka with its topics, and a folder with that campaign."""
    (tmp_path / "mine.toml").write_text(CAMPAIGN_FILE.read_text("utf-8").replace("fakkar-eg", name), "utf-8")

    async def create() -> None:
        broker = open_broker(Settings(bootstrap_servers=kafka))
        await broker.create_topics(topic_specs(Settings()))
        await broker.close()

    asyncio.run(create())
    return {"KAFKA_BOOTSTRAP_SERVERS": kafka, "MAHLAN_CAMPAIGNS_DIR": str(tmp_path)}


def known(kafka, name) -> dict[str, BrakeSet]:
    async def read() -> dict[str, BrakeSet]:
        broker = open_broker(Settings(bootstrap_servers=kafka))
        found = await read_brakes(broker)
        await broker.close()
        return {language: brake for (campaign, language), brake in found.items() if campaign == name}

    return asyncio.run(read())


def burn(kafka, name) -> BrakeSet:
    """The brake as the insights service sets it."""
    now = datetime.now(UTC)
    buckets = {bucket_of(now) - age: Counts(20, 8, 8) for age in range(12)}
    brake = next_brake(campaign(id=name), "arz", None, buckets, now)

    async def write() -> None:
        broker = open_broker(Settings(bootstrap_servers=kafka))
        producer = await broker.producer()
        await producer.send([brake_record(brake, "test")])
        await producer.close()
        await broker.close()

    asyncio.run(write())
    return brake


def listed(mahlan, here, name, *options) -> list[dict]:
    return [row for row in rows(mahlan("campaigns", "brakes", *options, env=here)) if row["campaign"] == name]


def test_a_brake_is_listed_with_its_reason_and_released_by_a_person(mahlan, here, kafka, name):
    set_by_insights = burn(kafka, name)
    (row,) = listed(mahlan, here, name)
    assert (row["language"], row["brake"], row["set_by"], row["code"]) == ("arz", "raised", "insights", "burning_1h")
    assert (row["shown"], row["disputed"], row["rate"], row["allowed"]) == (240, 96, 0.4, 0.02)
    assert row["reason"] == set_by_insights.reason

    done = mahlan("campaigns", "release", name, "--language", "arz", "--reason", " fast@2 knows it ", env=here)
    (told,) = rows(done)
    assert (told["brake"], told["set_by"], told["reason"]) == ("released", "person", "fast@2 knows it")
    assert listed(mahlan, here, name) == []
    assert [row["brake"] for row in listed(mahlan, here, name, "--all")] == ["released"]
    brake = known(kafka, name)["arz"]
    assert (brake.level, brake.code, brake.shown) == ("released", "person", None)
    assert abs(datetime.now(UTC) - brake.set_at) < timedelta(minutes=2)


def test_a_pause_is_a_persons_act_too_in_several_languages_at_once(mahlan, here, kafka, name):
    languages = ("--language", "arz", "--language", "ar-MA", "--language", "arz")
    done = mahlan("campaigns", "pause", name, *languages, "--reason", "a song of the day", env=here)
    assert [(row["language"], row["brake"]) for row in rows(done)] == [("arz", "paused"), ("ar-MA", "paused")]
    assert {tag: brake.level for tag, brake in known(kafka, name).items()} == {"arz": "paused", "ar-MA": "paused"}


def test_there_is_nothing_to_release_where_no_brake_is_on(mahlan, here, kafka, name):
    rows(mahlan("campaigns", "pause", name, "--language", "en", *WHY, env=here))
    done = mahlan("campaigns", "release", name, "--language", "arz", *WHY, env=here)
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"mahlan: no brake of {name} is on in arz; on are: ")
    assert f"{name} in en" in line
    assert set(known(kafka, name)) == {"en"}
    # All or nothing.
    done = mahlan("campaigns", "release", name, "--language", "en", "--language", "arz", *WHY, env=here)
    assert done.returncode == 2
    assert known(kafka, name)["en"].level == "paused"


def test_a_slip_of_the_pen_pauses_nothing(mahlan, here, kafka, name):
    for campaign_, language, told in (
        ("nobody", "arz", f"no campaign nobody in the campaigns folder; there are: {name}"),
        (name, "arz-Latin", f"{name} asks nobody in arz-Latin; its languages are: arz, ar, arz-Latn, en, mixed"),
        (name, "fr", f"{name} asks nobody in fr"),
    ):
        done = mahlan("campaigns", "pause", campaign_, "--language", language, *WHY, env=here)
        assert done.returncode == 2
        assert told in done.stderr.decode()
    assert known(kafka, name) == {}


@pytest.mark.parametrize("act", ["release", "pause"])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--language", "arz"), "Missing option '--reason'"),
        (WHY, "Missing option '--language'"),
        (("--language", "arz", "--reason", "  "), "say why in 1 to 300 characters"),
        (("--language", "arz", "--reason", "x" * 301), "say why in 1 to 300 characters"),
    ],
)
def test_an_act_of_a_person_has_a_language_and_a_reason(mahlan, act, options, told):
    done = mahlan("campaigns", act, "fakkar-eg", *options)
    assert done.returncode == 2
    assert told in done.stderr.decode()


def test_a_reason_is_as_long_as_the_event_takes():
    assert schema(BRAKES)["properties"]["reason"]["maxLength"] == MOST_REASON


def test_without_kafka_it_says_what_to_do(mahlan):
    done = mahlan("campaigns", "brakes", env={"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"})
    assert done.returncode == 2
    assert "mahlan broker start" in done.stderr.decode()


async def test_without_the_topic_it_says_how_to_make_it():
    with pytest.raises(FatalError, match="mahlan topics create"):
        await read_all(MemoryBroker(), lambda known: known)
