"""Which Kafka a test or a demo gets, without starting one: the choices, on fakes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mahlan.local import kafka, provide
from mahlan.local.properties import properties, read_bootstrap
from mahlan.runtime import data


class Container:
    """A DockerContainer that notes what it was told."""

    def __init__(self, image: str, *, starts: bool = True) -> None:
        self.image, self.starts = image, starts
        self.ports: dict[int, int] = {}
        self.env: dict[str, str] = {}
        self.stopped = False

    def with_bind_ports(self, inside: int, outside: int) -> Container:
        self.ports[inside] = outside
        return self

    def with_env(self, name: str, value: str) -> Container:
        self.env[name] = value
        return self

    def start(self) -> None:
        if not self.starts:
            raise ConnectionError("no image")

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def fake(partitions: int, say: Any) -> Iterator[str]:
        yield "localhost:1"

    monkeypatch.setattr(provide, "_process", fake)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)


def docker(monkeypatch: pytest.MonkeyPatch, *, starts: bool) -> list[Container]:
    made: list[Container] = []

    def make(image: str) -> Container:
        made.append(Container(image, starts=starts))
        return made[-1]

    monkeypatch.setattr(provide, "_docker_answers", lambda: True)
    monkeypatch.setattr(provide, "_wait_ready", lambda port: None)
    monkeypatch.setattr("testcontainers.core.container.DockerContainer", make)
    return made


def test_the_given_broker_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    with provide.provide() as provided:
        assert provided == provide.Provided("kafka.example:9092", "given")


@pytest.mark.usefixtures("process")
def test_without_docker_a_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with provide.provide() as provided:
        assert provided == provide.Provided("localhost:1", "local")


@pytest.mark.usefixtures("process")
def test_with_docker_a_container_is_started_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = docker(monkeypatch, starts=True)
    with provide.provide(partitions=3) as provided:
        assert provided.source == "docker"
    (container,) = made
    port = container.ports[9092]
    assert provided.bootstrap == f"localhost:{port}"
    assert container.env["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://localhost:{port}"
    assert container.env["KAFKA_NUM_PARTITIONS"] == "3"
    assert container.env["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert container.stopped


@pytest.mark.usefixtures("process")
def test_docker_that_fails_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    made = docker(monkeypatch, starts=False)
    said: list[str] = []
    with provide.provide(say=said.append) as provided:
        assert provided.source == "local"
    assert made[0].stopped
    assert "starting a process instead" in said[-1]


def test_home_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAHLAN_HOME", str(tmp_path))
    assert kafka.home() == tmp_path
    monkeypatch.delenv("MAHLAN_HOME")
    assert kafka.home().name == ".mahlan"


def test_an_installed_package_keeps_its_things_in_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "checkout", lambda: None)
    monkeypatch.delenv("MAHLAN_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/somebody")
    assert kafka.home() == Path("/var/cache/somebody/mahlan")


def test_the_address_is_read_back_from_the_properties() -> None:
    text = properties(Path("/data"), 9092, 9093, 4)
    assert read_bootstrap(text) == "localhost:9092"
    assert "listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n" in text
    with pytest.raises(ValueError, match="advertised"):
        read_bootstrap("nothing=here\n")
