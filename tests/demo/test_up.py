"""``mahlan up`` as a user runs it: everything starts, a comment becomes a nudge, Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import orjson
import psutil
import pytest

from mahlan.client import Mahlan
from mahlan.demo.stand import SERVICES, for_this_machine
from mahlan.errors import FatalError
from mahlan.local.probe import free_port
from mahlan.runtime.settings import Settings
from tests.cli.word_model import build_models

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 100


@contextmanager
def running(home: Path, **given: str) -> Iterator[subprocess.Popen[bytes]]:
    """``mahlan up`` with a home, and so with a place for logs and spool, of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAHLAN_")}
    environment = {**kept, "PYTHONPATH": str(ROOT / "services"), "MAHLAN_HOME": str(home), **given}
    process = subprocess.Popen(
        [sys.executable, "-m", "mahlan", "up", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(build_models(tmp_path_factory.mktemp("models")))


def started(process: subprocess.Popen[bytes]) -> dict:
    line = process.stdout.readline()
    assert line, process.stderr.read().decode()
    return orjson.loads(line)


OURS = "up-2-"


def nudged(url: str, opened: threading.Event, found: list[dict]) -> None:
    """The first nudge about a comment of ours; ``opened`` is set once the stream has told its place.

    The services decide on whatever other tests have left on the broker, too.
    """
    with httpx2.stream("GET", f"{url}/v1/nudges/stream", timeout=PATIENCE) as answer:
        for line in answer.iter_lines():
            if line.startswith("id:"):
                opened.set()
            if line.startswith("data:") and OURS in line:
                found.append(orjson.loads(line[5:]))
                return


@pytest.mark.timeout(400)
def test_a_comment_becomes_a_nudge_and_ctrl_c_leaves_nothing_behind(kafka, models, tmp_path):
    port = free_port()
    settings = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "MAHLAN_MODELS_DIR": models, "MAHLAN_GATEWAY_PORT": str(port)}
    with running(tmp_path, **settings) as process:
        where = started(process)
        assert (where["gateway"], where["kafka"], where["keys"]) == (f"http://127.0.0.1:{port}", kafka, False)
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == len(SERVICES) == len(where["status"])
        assert {httpx2.get(f"{status}/readyz").status_code for status in where["status"].values()} == {200}
        assert "/v1/checks" in httpx2.get(where["gateway"] + "/openapi.json").json()["paths"]
        with Mahlan(where["gateway"]) as mahlan:
            assert mahlan.check("up-1", "you are stupid", author_id="somebody").label is not None
            opened, found = threading.Event(), []
            listening = threading.Thread(target=nudged, args=(where["gateway"], opened, found), daemon=True)
            listening.start()
            assert opened.wait(PATIENCE)
            # One author in ten is in the silent holdout.
            for number in range(5):
                mahlan.publish(f"{OURS}{number}", "you are stupid", author_id=f"somebody-{number}")
            listening.join(PATIENCE)
        assert found[0]["comment_id"].startswith(OURS)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)  # somebody impatient
        said = process.stderr.read().decode()
        assert process.wait(PATIENCE) == 0
    assert said.splitlines()[-2:] == ["mahlan: stopping", "mahlan: stopped"]
    assert "Traceback" not in said + "".join(log.read_text("utf-8") for log in Path(where["logs"]).glob("*.log"))
    assert psutil.wait_procs(children, timeout=PATIENCE)[1] == []


@pytest.mark.timeout(400)
def test_a_kill_leaves_nothing_behind_either(kafka, models, tmp_path):
    settings = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "MAHLAN_MODELS_DIR": models, "MAHLAN_GATEWAY_PORT": "0"}
    with running(tmp_path, **settings) as process:
        started(process)
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == len(SERVICES)
        process.kill()
    assert psutil.wait_procs(children, timeout=PATIENCE)[1] == []


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(tmp_path, MAHLAN_GATEWAY_PORT=port) as process:
            said = process.stderr.read().decode()
            assert process.wait(PATIENCE) == 2
    assert said == f"mahlan: port {port} is taken: set MAHLAN_GATEWAY_PORT to another, or stop what is there\n"
    assert list(tmp_path.iterdir()) == []


def test_keys_are_asked_for_where_there_are_some():
    port = free_port()
    assert for_this_machine(Settings(gateway_port=port)).gateway_auth == "off"
    assert for_this_machine(Settings(gateway_port=port, gateway_keys_file="keys.toml")).gateway_auth == "keys"
    given = for_this_machine(Settings(gateway_port=0))
    assert given.gateway_port > 0
    assert len(given.author_salt) >= 16
    with socket.create_server(("127.0.0.1", port)), pytest.raises(FatalError, match="is taken"):
        for_this_machine(Settings(gateway_port=port))
