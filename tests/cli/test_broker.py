"""``mahlan broker``: start, use, stop, as a newcomer would."""

from __future__ import annotations

import orjson
import pytest

from mahlan.local import kafka as local
from mahlan.local.jars import fetch_jars


@pytest.fixture
def home(tmp_path):
    """An empty home that already has the jars."""
    jars = fetch_jars(local.home(), lambda _: None)
    (tmp_path / jars.name).symlink_to(jars)
    yield {"MAHLAN_HOME": str(tmp_path)}
    local.stop(tmp_path / "broker", patience=5.0)


@pytest.mark.kafka
def test_a_broker_from_start_to_stop(mahlan, home):
    nothing = mahlan("broker", "status", env=home)
    assert (nothing.returncode, orjson.loads(nothing.stdout)) == (1, {"running": False})

    started = mahlan("broker", "start", "--port", "0", env=home)
    assert started.returncode == 0, started.stderr
    bootstrap = orjson.loads(started.stdout)["bootstrap_servers"]
    again = mahlan("broker", "start", env=home)
    assert again.returncode == 2
    assert bootstrap.encode() in again.stderr

    status = orjson.loads(mahlan("broker", "status", env=home).stdout)
    assert status["running"]
    made = mahlan("topics", "create", env={"KAFKA_BOOTSTRAP_SERVERS": bootstrap})
    assert all(orjson.loads(line)["created"] for line in made.stdout.splitlines())

    assert mahlan("broker", "stop", env=home).returncode == 0
    assert mahlan("broker", "stop", env=home).returncode == 1
