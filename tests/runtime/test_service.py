"""A service's process: it waits for Kafka, answers probes meanwhile, drains at SIGTERM, and never hangs in it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import mahlan
from mahlan.events.topics import TOPICS

#: A service whose work is the body given; its broker is in memory where ``memory`` is asked for.
PROGRAM = """
import asyncio, os, sys
from mahlan.errors import BrokerError, SettingsError
from mahlan.runtime import service
from mahlan.runtime.logs import logger
from mahlan.runtime.memory import MemoryBroker
from mahlan.runtime.settings import read_settings

async def work(runtime):
    runtime.health.ready = True
    logger().info("ready", topics=len(getattr(runtime.broker, "topics", ())))
{body}

class Broker(MemoryBroker):
    async def create_topics(self, specs):
        {creating}
        return await super().create_topics(specs)

if {memory}:
    service.open_broker = lambda *_: Broker()
service.run_service("scorer", read_settings(os.environ), work, needs_broker={needs_broker})
"""
NOWHERE = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}


class Process:
    """A running service of a test, read line by line."""

    def __init__(
        self, body: str, *, memory: bool = True, needs_broker: bool = True, creating: str = "pass", **settings: str
    ) -> None:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        program = PROGRAM.format(body=lines, memory=memory, needs_broker=needs_broker, creating=creating)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAHLAN_", "KAFKA_"))}
        environment = {**kept, **NOWHERE, "PYTHONPATH": str(Path(mahlan.__file__).parents[1]), **settings}
        self.child = subprocess.Popen(
            [sys.executable, "-c", program], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.port = self.until("starting")["port"] if "MAHLAN_PORT" not in settings else 0

    def until(self, event: str) -> dict[str, object]:
        """The first line of that event from here on."""
        for text in self.child.stderr:
            if text.startswith("{") and (line := json.loads(text))["event"] == event:
                return line
        pytest.fail(f"the process ended without {event!r}")

    def probe(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as answer:
            return answer.code

    def end(self, number: int = signal.SIGTERM) -> int:
        self.child.send_signal(number)
        return self.child.wait(timeout=60)


@pytest.fixture
def start():
    running = []

    def started(*arguments, **options):
        running.append(Process(*arguments, **options))
        return running[-1]

    yield started
    for process in running:
        process.child.kill()
        process.child.communicate()


def test_without_kafka_it_lives_waits_and_still_obeys_sigterm(start):
    process = start("await runtime.stop.wait()", memory=False)
    process.until("retry")
    assert process.probe("/livez") == 200
    assert process.probe("/readyz") == 503
    assert process.probe("/metrics") == 200
    assert process.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_creates_the_topics_works_and_drains(start, number):
    process = start('await runtime.stop.wait()\nlogger().info("drained")')
    assert process.until("ready")["topics"] == len(TOPICS)
    assert process.probe("/readyz") == 200
    process.child.send_signal(number)
    process.until("drained")
    process.until("stopped")
    assert process.child.wait(timeout=60) == 0


def test_without_kafka_a_service_that_does_not_need_it_works_and_drains(start):
    process = start('await runtime.stop.wait()\nlogger().info("drained")', memory=False, needs_broker=False)
    process.until("ready")
    process.until("retry")
    assert process.probe("/readyz") == 200
    process.child.send_signal(signal.SIGTERM)
    process.until("drained")
    process.until("stopped")
    assert process.child.wait(timeout=60) == 0


AWAY = """
        self.tries = getattr(self, "tries", 0) + 1
        if self.tries < 4:
            raise BrokerError("away")
"""


def test_topics_are_created_beside_the_work_once_the_broker_answers(start):
    body = """
while not runtime.broker.topics: await asyncio.sleep(0.01)
logger().info("seen", count=runtime.broker.tries)
await runtime.stop.wait()
"""
    process = start(body, needs_broker=False, creating=AWAY)
    assert process.until("ready")["topics"] == 0
    assert process.until("topic_created")["topic"] == TOPICS[0].name
    assert process.until("seen")["count"] == 4
    assert process.probe("/readyz") == 200
    assert process.end() == 0


@pytest.mark.parametrize("needs_broker", [True, False])
def test_what_an_operator_must_change_about_the_broker_ends_the_process(start, needs_broker):
    process = start(
        "await asyncio.sleep(600)", needs_broker=needs_broker, creating='raise SettingsError("no such file")'
    )
    assert process.child.wait(timeout=60) == 1
    assert "SettingsError: no such file" in process.child.stderr.read()


@pytest.mark.parametrize("needs_broker", [True, False])
def test_work_that_ends_by_itself_ends_the_process(start, needs_broker):
    process = start("return", needs_broker=needs_broker, creating="" if needs_broker else AWAY.replace("4", "10**9"))
    process.until("stopped")
    assert process.child.wait(timeout=60) == 0


def test_work_that_does_not_drain_is_ended(start):
    process = start("while True: await asyncio.sleep(1)", MAHLAN_DRAIN_TIMEOUT="0.2")
    process.until("ready")
    process.child.send_signal(signal.SIGTERM)
    assert process.until("drain_timeout")["seconds"] == 0.2
    assert process.child.wait(timeout=60) == 1


def test_work_that_fails_ends_the_process(start):
    process = start('raise ValueError("broken")')
    assert process.child.wait(timeout=60) == 1
    assert "ValueError" in process.child.stderr.read()


def test_a_taken_port_is_told_in_one_line(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("await runtime.stop.wait()", MAHLAN_PORT=str(port))
        assert process.child.wait(timeout=60) != 0
    last = process.child.stderr.read().splitlines()[-1]
    assert last.startswith("mahlan.errors.SettingsError: MAHLAN_PORT")
    assert str(port) in last
