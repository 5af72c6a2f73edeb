"""Rate of one contender: what the broker really holds of its output topic, seen from outside. Not self-reported."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

PATIENCE = 120.0
POLL = 0.1


@dataclass(frozen=True, slots=True)
class Rate:
    """Records a second between the first and the last record seen, and the process's CPU time for each record."""

    per_second: float
    cpu_microseconds: float
    records: int


async def measure(
    command: list[str], topic: str, partitions: int, *, bootstrap: str, count: int, environment: Mapping[str, str]
) -> Rate:
    """Run ``command`` until ``topic`` holds ``count`` more records or ``PATIENCE`` seconds passed."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await reader.start()
    before = sum((await reader.end_offsets(places)).values())
    process = _start(command, environment)
    watched = psutil.Process(process.pid)
    steps: list[tuple[float, float, int]] = []
    deadline = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline and process.poll() is None:
            done = sum((await reader.end_offsets(places)).values()) - before
            if done:
                cpu = watched.cpu_times()
                steps.append((time.perf_counter(), cpu.user + cpu.system, done))
            if done >= count:
                break
            await asyncio.sleep(POLL)
    finally:
        process.terminate()
        process.wait()
        await reader.stop()
    return _slope(steps)


def _start(command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    given = {**os.environ, **environment}
    return subprocess.Popen([sys.executable, "-m", *command], env=given, stderr=subprocess.DEVNULL)


def _slope(steps: list[tuple[float, float, int]]) -> Rate:
    """Between the first and the last step, so that start-up does not count."""
    if len(steps) < 2 or steps[-1][2] <= steps[0][2]:
        return Rate(0.0, 0.0, steps[-1][2] if steps else 0)
    (t0, c0, n0), (t1, c1, n1) = steps[0], steps[-1]
    return Rate((n1 - n0) / (t1 - t0), (c1 - c0) / (n1 - n0) * 1e6, n1)
