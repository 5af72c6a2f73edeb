"""The programs under load, each as a process of its own on one core, and the generator on the others."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mahlan.local.probe import free_port

ROOT = Path(__file__).parents[2]
READY_WITHIN = 90.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the program under load has, and which the generator; the same where there is only one."""

    program: int
    generator: tuple[int, ...]

    @property
    def apart(self) -> bool:
        """Whether they do not disturb each other."""
        return self.program not in self.generator


def choose_cores() -> Cores:
    """The first core for the program, the rest for the generator."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], tuple(allowed[1:]) or (allowed[0],))


def on(cores: Sequence[int], command: Sequence[str]) -> list[str]:
    """The command, kept to these cores."""
    keep = "os.sched_setaffinity(0, map(int, sys.argv[1].split(','))); os.execvp(sys.argv[2], sys.argv[2:])"
    return [sys.executable, "-c", f"import os, sys; {keep}", ",".join(map(str, cores)), *command]


def bare(core: int, model: str, texts: Sequence[str]) -> dict[str, float]:
    """Bare onnxruntime on the same texts: milliseconds of one text, and texts a second in batches."""
    lines = b"".join(orjson.dumps(text) + b"\n" for text in texts)
    command = on([core], [sys.executable, "-m", "load_tests.gateway.bare", model])
    done = subprocess.run(command, input=lines, capture_output=True, check=True, env=_environment())
    measured: dict[str, float] = orjson.loads(done.stdout)
    return measured


@contextmanager
def echo(core: int) -> Iterator[str]:
    """The address of a plain echo."""
    port = free_port()
    command = [sys.executable, "-m", "load_tests.gateway.echo", str(port)]
    with _running(command, core, _environment(), f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}/v1/checks"


@contextmanager
def gateway(core: int, model: str, folder: Path) -> Iterator[str]:
    """The address of the gateway's checks. Without KAFKA_BOOTSTRAP_SERVERS Kafka is away and the spool takes all."""
    port, status = free_port(), free_port()
    given = {
        "KAFKA_BOOTSTRAP_SERVERS": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
        "MAHLAN_SCORER_MODEL": model,
        "MAHLAN_PORT": str(status),
        "MAHLAN_GATEWAY_PORT": str(port),
        "MAHLAN_GATEWAY_AUTH": "off",
        "MAHLAN_GATEWAY_SPOOL": str(folder / "bench.spool"),
        "MAHLAN_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "mahlan", "run", "gateway"]
    with _running(command, core, {**_environment(), **given}, f"http://127.0.0.1:{status}/readyz"):
        yield f"http://127.0.0.1:{port}/v1/checks"


@contextmanager
def _running(command: Sequence[str], core: int, environment: dict[str, str], address: str) -> Iterator[None]:
    process = subprocess.Popen(on([core], command), env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(process, address)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    """Until somebody answers there, with whatever status but "not yet"."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"a contender ended at once with status {process.returncode}")
        with suppress(OSError):
            try:
                _DIRECT.open(address, timeout=2.0)
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    return
            else:
                return
        if time.monotonic() > deadline:
            raise RuntimeError(f"a contender was not ready within {READY_WITHIN:.0f} s")
        time.sleep(0.1)


def _environment() -> dict[str, Any]:
    """This one's; of mahlan's settings only the gateway's own limits are the user's to change here."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("MAHLAN_GATEWAY_") or not name.startswith(("MAHLAN_", "KAFKA_"))
    }
    return {**kept, "PYTHONPATH": f"{ROOT / 'services'}{os.pathsep}{ROOT}", "ORT_DISABLE_TELEMETRY": "1"}
