"""Fetching Kafka's jars: once, whole, checked, and again after a failure. The repository is a fake."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mahlan.errors import FatalError
from mahlan.local import jars


@dataclass
class Repository:
    """Stands in for jgo: hands out files, and fails as often as it is told to."""

    folder: Path
    contents: dict[str, bytes]
    failures: dict[str, list[Exception | bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def project(self, group: str, name: str) -> Repository:
        self._name = name
        return Repository(self.folder, self.contents, self.failures, self.asked).called(name)

    def called(self, name: str) -> Repository:
        self._name = name
        return self

    def at_version(self, _: str) -> Repository:
        return self

    def artifact(self) -> Repository:
        return self

    @property
    def cached_path(self) -> Path:
        return self.folder / f"{self._name}.jar"

    def resolve(self) -> Path:
        self.asked.append(self._name)
        planned = self.failures.get(self._name)
        outcome = planned.pop(0) if planned else self.contents[self._name]
        if isinstance(outcome, Exception):
            self.cached_path.write_bytes(b"half")  # a download that broke off leaves a part behind
            raise outcome
        self.cached_path.write_bytes(outcome)
        return self.cached_path


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    contents = {f"part{number}": f"jar {number}".encode() for number in range(12)}
    lines = [f"org.test:{name}:1.0 {hashlib.sha256(data).hexdigest()}" for name, data in contents.items()]
    lock = tmp_path / "test.lock"
    lock.write_text("# a lock\n" + "\n".join(lines), "utf-8")
    repository = Repository(tmp_path, contents)
    monkeypatch.setattr(jars, "_LOCK", lock)
    monkeypatch.setattr(
        jars, "_maven", lambda cache: Repository(cache, contents, repository.failures, repository.asked)
    )
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    return repository


def arrived(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.jar")}


def test_all_are_fetched_once(repository: Repository, tmp_path: Path) -> None:
    said: list[str] = []
    folder = jars.fetch_jars(tmp_path / "home", said.append)
    assert arrived(folder) == {f"{name}-1.0.jar": data for name, data in repository.contents.items()}
    assert "12 jars" in said[0]
    assert jars.fetch_jars(tmp_path / "home", said.append) == folder
    assert sorted(repository.asked) == sorted(repository.contents)
    assert [path.name for path in folder.iterdir() if path.name.startswith("part-")] == []


def test_a_broken_or_wrong_download_is_tried_again(repository: Repository, tmp_path: Path) -> None:
    repository.failures.update(part3=[ConnectionError(), b"other bytes", TimeoutError()], part5=[RuntimeError()])
    folder = jars.fetch_jars(tmp_path / "home", lambda line: None)
    assert arrived(folder)["part3-1.0.jar"] == b"jar 3"
    assert repository.asked.count("part3") == 4
    assert repository.asked.count("part5") == 2


def test_what_arrived_before_a_failure_is_kept(repository: Repository, tmp_path: Path) -> None:
    repository.failures["part11"] = [ConnectionError()] * 100
    with pytest.raises(FatalError, match=r"part11-1\.0\.jar could not be fetched .*ConnectionError"):
        jars.fetch_jars(tmp_path / "home", lambda line: None)
    repository.failures.clear()
    repository.asked.clear()
    assert len(arrived(jars.fetch_jars(tmp_path / "home", lambda line: None))) == 12
    assert repository.asked == ["part11"]


def test_bytes_that_are_not_the_locked_ones_are_never_used(repository: Repository, tmp_path: Path) -> None:
    repository.failures["part0"] = [b"tampered"] * 100
    with pytest.raises(FatalError, match="not the locked ones"):
        jars.fetch_jars(tmp_path / "home", lambda line: None)
    assert "part0-1.0.jar" not in arrived(tmp_path / "home" / f"kafka-{jars.KAFKA_VERSION}")


def test_the_real_lock_holds_a_broker() -> None:
    names = {jar.file for jar in jars.read_lock()}
    assert {f"kafka_2.13-{jars.KAFKA_VERSION}.jar", f"kafka-clients-{jars.KAFKA_VERSION}.jar"} <= names
    assert all(len(jar.sha256) == 64 for jar in jars.read_lock())
