"""Kafka's jars, fetched once with jgo and checked against ``kafka.lock``. Called by ``local/kafka.py``.

``python -m mahlan.local.jars`` resolves them anew and writes the lock (``make lock``).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mahlan.errors import FatalError

KAFKA_VERSION = "4.3.1"
_WANTED = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
#: Where Debian and Ubuntu, and where Fedora and its kin keep them.
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
_LOCK = Path(__file__).with_name("kafka.lock")
_ATTEMPTS = 5

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar of the lock: Maven coordinates and the sha256 of its bytes."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """Its file name."""
        return f"{self.name}-{self.version}.jar"


def fetch_jars(home: Path, say: Say) -> Path:
    """The folder that holds every jar of the lock, whole and checked; downloads what is missing.

    Raises ``FatalError`` when that fails: what had arrived stays, and the next call goes on from there.
    """
    folder = home / f"kafka-{KAFKA_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(folder):
        missing = [jar for jar in read_lock() if not (folder / jar.file).exists()]
        if missing:
            say(f"fetching Kafka {KAFKA_VERSION}: {len(missing)} jars, about 44 MB, once")
            _fetch_all(missing, folder, say)
    return folder


def read_lock() -> list[Jar]:
    """The jars a broker needs."""
    lines = [line.split() for line in _LOCK.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [_jar(coordinates, sha256) for coordinates, sha256 in lines]


def _jar(coordinates: str, sha256: str) -> Jar:
    group, name, version = coordinates.split(":")
    return Jar(group, name, version, sha256)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "fetching.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fetch_all(jars: list[Jar], folder: Path, say: Say) -> None:
    # Jars arrive in a folder of their own and are moved when checked: a half-finished download is never used.
    with tempfile.TemporaryDirectory(dir=folder, prefix="part-") as part, ThreadPoolExecutor(4) as pool:
        maven = _maven(Path(part))
        arrivals = pool.map(lambda jar: _fetch(maven, jar, folder), jars)
        for done, jar in enumerate(arrivals, 1):
            if done % 10 == 0 or done == len(jars):
                say(f"fetched {done} of {len(jars)} ({jar.file})")


def _fetch(maven: Any, jar: Jar, folder: Path) -> Jar:
    problem = ""
    for attempt in range(_ATTEMPTS):
        time.sleep(2**attempt - 1)
        artifact = maven.project(jar.group, jar.name).at_version(jar.version).artifact()
        try:
            path = artifact.resolve()
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo raises RuntimeError for a 404
            problem = type(error).__name__
            artifact.cached_path.unlink(missing_ok=True)
            continue
        if _sha256(path) == jar.sha256:
            path.replace(folder / jar.file)
            return jar
        problem = "its bytes are not the locked ones"
        path.unlink()
    raise FatalError(
        f"{jar.file} could not be fetched after {_ATTEMPTS} tries ({problem}): check the network, try again"
    )


def _maven(cache: Path) -> Any:
    try:
        from jgo.config import GlobalSettings
        from jgo.maven import MavenContext
    except ImportError:
        raise FatalError("the local Kafka needs the 'broker' extra: pip install 'mahlan[broker]'") from None
    _trust_the_system()
    # A user's own repositories (a company's mirror in jgo's settings file) come before Maven Central.
    repositories = GlobalSettings.load().repositories
    defaults = MavenContext(repo_cache=cache, local_repos=[]).remote_repos
    return MavenContext(repo_cache=cache, local_repos=[], remote_repos={**repositories, **defaults}, timeout=60)


def _trust_the_system() -> None:
    """Requests brings its own list of authorities; a company's own are in the system's (pip looks there too)."""
    bundle = next(
        (path for path in (ssl.get_default_verify_paths().cafile, *_BUNDLES) if path and Path(path).is_file()), None
    )
    if bundle:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", bundle)


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_lock() -> None:
    """Resolve anew and write the lock."""
    import jgo

    lines = []
    for artifact in jgo.resolve(_WANTED):
        coordinates = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
        lines.append(f"{coordinates} {_sha256(artifact.resolve())}\n")
    head = f"# Kafka {KAFKA_VERSION}, one slf4j binding: Maven coordinates and sha256 of each jar. From `make lock`.\n"
    _LOCK.write_text(head + "".join(sorted(lines)), "utf-8")
    sys.stderr.write(f"lock: {_LOCK.name}, {len(lines)} jars\n")


if __name__ == "__main__":
    write_lock()
