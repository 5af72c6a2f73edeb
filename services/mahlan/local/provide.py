"""A Kafka for as long as a block lasts: the one given, a container, or a process. Called by the demo and the tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mahlan.errors import FatalError
from mahlan.local import kafka
from mahlan.local.jars import KAFKA_VERSION, Say
from mahlan.local.probe import free_port, knows_brokers
from mahlan.local.properties import tuning
from mahlan.runtime.settings import BOOTSTRAP

Source = Literal["given", "docker", "local"]
_READY_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Provided:
    """A broker that answers, and where it came from."""

    bootstrap: str
    source: Source


@contextmanager
def provide(*, partitions: int = 4, say: Say = lambda line: None) -> Iterator[Provided]:
    """``KAFKA_BOOTSTRAP_SERVERS`` when set; else a container where a Docker engine answers; else a local process.

    What was started is stopped and removed at the end, and a local process does not outlive this one.
    """
    given = os.environ.get(BOOTSTRAP)
    if given:
        yield Provided(given, "given")
        return
    container = _container(partitions, say)
    if container is None:
        with _process(partitions, say) as bootstrap:
            yield Provided(bootstrap, "local")
        return
    try:
        yield Provided(container[0], "docker")
    finally:
        container[1].stop()


@contextmanager
def _process(partitions: int, say: Say) -> Iterator[str]:
    runs = kafka.home() / "run"
    runs.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="kafka-", dir=runs))
    try:
        yield kafka.start(folder, partitions=partitions, tied=True, say=say).bootstrap
    finally:
        kafka.stop(folder, patience=5.0)
        shutil.rmtree(folder, ignore_errors=True)


def _container(partitions: int, say: Say) -> tuple[str, Any] | None:
    """A Kafka in Docker and its address, or None where that does not work out: then a process does as well."""
    if not _docker_answers():
        return None
    from testcontainers.core.container import DockerContainer

    port = free_port()
    container = DockerContainer(f"apache/kafka:{KAFKA_VERSION}").with_bind_ports(9092, port)
    for name, value in (_listeners(port) | tuning(partitions)).items():
        container.with_env("KAFKA_" + name.upper().replace(".", "_"), value)
    say(f"starting Kafka {KAFKA_VERSION} in Docker")
    try:
        container.start()
        _wait_ready(port)
    except Exception as error:  # noqa: BLE001 (no image, no rights, no network: docker has many words for it)
        say(f"Docker could not do it ({type(error).__name__}): starting a process instead")
        _discard(container)
        return None
    return f"localhost:{port}", container


def _docker_answers() -> bool:
    if not importlib.util.find_spec("testcontainers"):
        return False
    import docker
    from docker.errors import DockerException

    try:
        return bool(docker.from_env(timeout=3).ping())
    except (DockerException, OSError):
        return False


def _listeners(port: int) -> dict[str, str]:
    return {
        "node.id": "1",
        "process.roles": "broker,controller",
        "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://localhost:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": "1@localhost:9093",
    }


def _wait_ready(port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while not knows_brokers(port):
        if time.monotonic() > deadline:
            raise FatalError(f"Kafka in Docker did not answer within {_READY_WITHIN:.0f} s")
        time.sleep(0.1)


def _discard(container: Any) -> None:
    with suppress(Exception):  # it may never have been created
        container.stop()
