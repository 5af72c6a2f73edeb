"""vegeta, a public load generator: found or built, run, and its results read. Open loop by rate, closed by workers.

Open loop: requests go out when they are due, however slow the answers are, so a stall is not hidden by asking less.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson

from load_tests.ranks import rank

MODULE = "github.com/tsenart/vegeta/v12@v12.13.0"
#: What a request may take before it counts as an error; the gateway's own limit is 5 s.
TIMEOUT = "10s"
MOST_WORKERS = 4000
Say = Callable[[str], None]


class MissingError(Exception):
    """vegeta is not here and cannot be built here."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One attack. Rates a second, latencies in milliseconds of the answers with status 200."""

    asked: float
    answered: float
    p50: float
    p95: float
    p99: float
    statuses: dict[str, int] = field(default_factory=dict)
    without_retry_after: int = 0

    @property
    def good(self) -> int:
        """Answers with status 200."""
        return self.statuses.get("200", 0)

    @property
    def shed(self) -> int:
        """Refused in good order: 503."""
        return self.statuses.get("503", 0)

    @property
    def errors(self) -> int:
        """Everything else, requests without an answer among them."""
        return sum(self.statuses.values()) - self.good - self.shed


def find_vegeta(folder: Path, say: Say) -> str:
    """The program: on the path, in ``folder``, or built there with Go. Raises ``MissingError``."""
    found = shutil.which("vegeta") or shutil.which("vegeta", path=str(folder))
    if found:
        return found
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise MissingError(f"this needs vegeta: install its release, or Go for `go install {MODULE}`")
    say(f"building {MODULE}")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["env", f"GOBIN={folder.resolve()}", go, "install", MODULE], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise MissingError(f"vegeta could not be built: {done.stderr[-300:]}")
    return str(folder / "vegeta")


def write_targets(path: Path, url: str, bodies: Iterable[bytes]) -> None:
    """A request a line; each is sent once."""
    head = {"method": "POST", "url": url, "header": {"Content-Type": ["application/json"]}}
    with path.open("wb") as file:
        for body in bodies:
            file.write(orjson.dumps({**head, "body": base64.b64encode(body).decode()}) + b"\n")


def attack(vegeta: Sequence[str], targets: Path, seconds: float, *, rate: float = 0, workers: int = 0) -> Measured:
    """Open loop at ``rate`` a second, or closed loop: ``workers`` that each wait for their answer."""
    pace = (
        [f"-rate={rate * 60:.0f}/1m", f"-max-workers={MOST_WORKERS}"]
        if rate
        else ["-rate=0", f"-workers={workers}", f"-max-workers={workers}"]
    )
    options = ["-format=json", f"-targets={targets}", "-lazy", f"-duration={seconds}s", f"-timeout={TIMEOUT}", *pace]
    raw = subprocess.run([*vegeta, "attack", *options], capture_output=True, check=True).stdout
    lines = subprocess.run([*vegeta, "encode", "-to=json"], input=raw, capture_output=True, check=True).stdout
    return read_results(lines.splitlines(), rate)


def read_results(lines: Iterable[bytes], rate: float) -> Measured:
    """What vegeta saw, counted. ``rate`` is what was asked for; 0 in a closed loop."""
    statuses: Counter[str] = Counter()
    latencies: list[float] = []
    bare = 0
    ends: list[float] = []
    begins: list[float] = []
    for line in lines:
        told = orjson.loads(line)
        statuses[str(told["code"] or "none")] += 1
        begun = _seconds(told["timestamp"])
        begins.append(begun)
        ends.append(begun + told["latency"] / 1e9)
        if told["code"] == 200:
            latencies.append(told["latency"] / 1e6)
        elif told["code"] == 503 and "Retry-After" not in (told.get("headers") or {}):
            bare += 1
    span = max(ends) - min(begins) if ends else 0.0
    latencies.sort()
    p50, p95, p99 = (rank(latencies, percent) for percent in (50, 95, 99))
    return Measured(rate, len(latencies) / span if span else 0.0, p50, p95, p99, dict(statuses), bare)


def _seconds(moment: str) -> float:
    """RFC 3339 with nanoseconds, which ``datetime`` does not keep; zones do not matter, since only spans do."""
    whole, fraction = re.fullmatch(r"(.{19})(\.\d+)?.*", moment).groups()  # type: ignore[union-attr]
    return datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp() + float(fraction or 0)
