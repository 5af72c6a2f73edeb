"""What measures insights still runs, on a Kafka and with a worker of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).resolve().parents[2]


def measured(module: str, *arguments: str) -> dict[str, float]:
    """What the program prints; what it counts must be its own, so no Kafka of somebody else's."""
    given = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    paths = os.pathsep.join((str(ROOT / "services"), str(ROOT)))
    command = [sys.executable, "-m", f"load_tests.{module}", *arguments]
    environment = given | {"PYTHONPATH": paths}
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return orjson.loads(ended.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.timeout(300)
def test_the_speed_is_that_of_all_events():
    told = measured("insights_speed", "--comments", "300", "--authors", "30")
    assert told["events"] == 300 + 2 * 30
    assert told["per_second"] > 0


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.timeout(300)
def test_a_recovery_reads_the_state_of_all_authors():
    told = measured("insights_recovery", "--authors", "300", "--partitions", "2")
    assert (told["authors"], told["partitions"]) == (300, 2)
    assert told["after_kill_seconds"] > 0
    assert told["reading_seconds"] > 0
