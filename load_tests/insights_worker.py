"""A worker of insights in a process of its own, and how what was measured of it is printed.

Used by ``insights_recovery`` and ``insights_speed``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import orjson

from mahlan.local.probe import free_port
from mahlan.local.provide import provide

CAMPAIGN = "fakkar-eg"
PATIENCE = 900.0
#: As ``mahlan run insights``; the second with nothing read in bulk.
RUNS = {
    False: "from mahlan.cli.main import main; main()",
    True: "import mahlan.insights.table as t; t.BULK_SECONDS = 0; from mahlan.cli.main import main; main()",
}


class Worker:
    """A worker in a process of its own."""

    def __init__(self, bootstrap: str, group: str, *, faust: bool) -> None:
        self.port, self.status = free_port(), free_port()
        environment = os.environ | {
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "MAHLAN_GROUP_PREFIX": group,
            "MAHLAN_INSIGHTS_PORT": str(self.port),
            "MAHLAN_PORT": str(self.status),
            "MAHLAN_LOG_LEVEL": "error",
        }
        self.started = time.monotonic()
        self.process = subprocess.Popen([sys.executable, "-c", RUNS[faust], "run", "insights"], env=environment)

    def until_answering(self) -> float:
        """Seconds until it is ready and answers for all partitions."""
        while time.monotonic() - self.started < PATIENCE:
            if self.get(f"http://127.0.0.1:{self.status}/readyz"):
                told = self.get(f"http://127.0.0.1:{self.port}/insights/{CAMPAIGN}")
                if told and orjson.loads(told)["complete"]:
                    return time.monotonic() - self.started
            time.sleep(0.1)
        raise TimeoutError("the worker does not answer")

    def reading(self) -> float:
        """Seconds that it spent reading the state, its slowest partition's: they are read at the same time."""
        lines = (self.get(f"http://127.0.0.1:{self.status}/metrics") or b"").decode().splitlines()
        sums = [float(line.split()[-1]) for line in lines if line.startswith("mahlan_rebuild_seconds_sum")]
        counts = [float(line.split()[-1]) for line in lines if line.startswith("mahlan_rebuild_seconds_count")]
        return sum(sums) / sum(counts) if sum(counts) else 0.0

    def cpu(self) -> float:
        """Seconds that its process has worked for so far."""
        with open(f"/proc/{self.process.pid}/stat") as told:  # noqa: PTH123
            user, system = told.read().rpartition(")")[2].split()[11:13]
        return round((int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), 1)

    def megabytes(self) -> float:
        """Its memory now."""
        with open(f"/proc/{self.process.pid}/status") as status:  # noqa: PTH123
            line = next(line for line in status if line.startswith("VmRSS"))
        return round(int(line.split()[1]) / 1024, 1)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def get(self, url: str) -> bytes | None:
        """The body of an answer, or None while there is none."""
        try:
            with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 (http alone is asked for)
                body: bytes = response.read()
                return body
        except (urllib.error.URLError, OSError):
            return None


def print_measured(
    parser: argparse.ArgumentParser, measure: Callable[[str, argparse.Namespace], dict[str, object]]
) -> None:
    """Read the arguments, provide a Kafka, print as JSON what ``measure(bootstrap, arguments)`` found."""
    parser.add_argument("--partitions", type=int, default=4)
    arguments = parser.parse_args()
    with provide(partitions=arguments.partitions, say=lambda line: print(line, file=sys.stderr)) as broker:
        print(orjson.dumps(measure(broker.bootstrap, arguments)).decode())
