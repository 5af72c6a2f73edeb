"""A simulated week end to end, on a real Kafka of its own: what the board says is what the topics say, kills or not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from mahlan.cli import demo_scenario
from mahlan.cli.demo import Options
from mahlan.demo import scenario
from mahlan.demo.scenario import Script, run_scenario
from mahlan.errors import FatalError
from mahlan.events.topics import DECIDED
from mahlan.runtime.broker import Broker, Outgoing, Record
from mahlan.runtime.kafka import open_broker
from mahlan.runtime.settings import BOOTSTRAP, Settings
from mahlan.runtime.topics import topic_specs
from tests.cli.word_model import build_models

ROOT = Path(__file__).resolve().parents[2]
#: A killed worker's partitions are given to its successor after so many seconds.
SESSION = {"MAHLAN_SESSION_TIMEOUT": "6", "MAHLAN_HEARTBEAT_INTERVAL": "2"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_models(tmp_path_factory.mktemp("models"))


def environment(models: Path) -> dict[str, str]:
    """Without a Kafka: one is started. A week needs one without younger decisions, and the tests' has them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAHLAN_") and name != BOOTSTRAP}
    return {**kept, **SESSION, "PYTHONPATH": str(ROOT / "services"), "MAHLAN_MODELS_DIR": str(models)}


def played(models: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "mahlan", "demo", "--scenario", "campaign", "--json", *arguments],
        capture_output=True,
        env=environment(models),
        timeout=380,
        check=False,
    )
    assert done.stdout, done.stderr.decode()
    return done.returncode, orjson.loads(done.stdout.splitlines()[-1]), done.stderr.decode()


def test_the_board_says_what_the_topics_say_while_insights_is_killed(models):
    status, told, said = played(models, "--count", "500", "--rate", "25", "--kill", "insights")
    assert told["differences"] == [], said
    assert (status, told["lost"], told["duplicated"]) == (0, 0, 0)
    assert told["restarts"]["insights"] == 1
    assert told["compared"] > 800
    challenge, nudges = told["numbers"]["challenge"], told["numbers"]["nudges"]
    assert challenge["posts"] > challenge["joiners"] > 20
    assert nudges["comments"] == 500
    outcomes = nudges["outcomes"]
    # Who is nudged is the run's own chance, and few leave a comment unposted: none may have, in one run of twenty.
    assert min(outcomes["shown"], outcomes["revised"] + outcomes["cancelled"], outcomes["sent_unchanged"]) > 0
    assert told["numbers"]["effect"][0]["control"]["authors"] > 0
    assert told["submitted"] > 500, "drafts came again as what became of them"


def test_a_record_that_the_board_counted_and_the_topics_do_not_hold_is_a_difference(models, monkeypatch, capsysbinary):
    """The recount is of one decision fewer: the exit status says so, and the numbers that are wrong are named."""
    for name in [name for name in os.environ if name.startswith("MAHLAN_") or name == BOOTSTRAP]:
        monkeypatch.delenv(name)
    for name, value in environment(models).items():
        monkeypatch.setenv(name, value)
    read = scenario.read_log

    async def one_fewer(broker: Broker, starts: Any) -> list[Record]:
        records = await read(broker, starts)
        decisions = [record for record in records if record.topic == DECIDED.name]
        comments = Counter(orjson.loads(record.value)["comment_id"] for record in decisions)
        lost = next(record for record in decisions if comments[orjson.loads(record.value)["comment_id"]] == 1)
        return [record for record in records if record is not lost]

    monkeypatch.setattr(scenario, "read_log", one_fewer)
    options = Options("campaign", 250, 0, 1, None, (), chaos=False, bad=False, patience=60.0, as_json=True)
    assert demo_scenario.run(options) == 1
    told = orjson.loads(capsysbinary.readouterr().out.splitlines()[-1])
    assert (told["lost"], told["duplicated"]) == (0, 0)
    differ = {each["number"]: each["board"] - each["recount"] for each in told["differences"] if each["recount"]}
    assert differ["nudges.comments"] == 1


async def test_a_kafka_with_younger_decisions_is_refused_before_anything_starts(kafka, tmp_path):
    settings = Settings(bootstrap_servers=kafka)
    broker = open_broker(settings, "test")
    await broker.create_topics(topic_specs(settings))
    producer = await broker.producer()
    decision = orjson.dumps({"campaign": "another", "occurred_at": datetime.now(UTC).isoformat()})
    await producer.send([Outgoing(DECIDED.name, b"somebody", decision)])
    await producer.close()
    await broker.close()
    with pytest.raises(FatalError, match="decisions of the last seven days"):
        await run_scenario(Script(10, 0), settings, tmp_path, lambda _: None)
    assert [path.name for path in tmp_path.glob("*/*.log")] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--scenario", "campaign", "--bad"], b"leave out --input and --bad"),
        (["--kill", "insights"], b"add --scenario campaign"),
    ],
)
def test_what_does_not_go_together_is_told_before_anything_starts(models, arguments, told):
    done = subprocess.run(
        [sys.executable, "-m", "mahlan", "demo", *arguments],
        capture_output=True,
        env=environment(models),
        timeout=100,
        check=False,
    )
    assert done.returncode == 2
    assert told in done.stderr
