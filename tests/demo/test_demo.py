"""The demonstration end to end, as a user runs it: on a real Kafka, with every service killed in turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import psutil
import pytest

from mahlan.demo import run
from mahlan.demo.generator import invent
from mahlan.runtime.settings import Settings
from tests.cli.word_model import build_models

ROOT = Path(__file__).resolve().parents[2]
FIELDS = [
    "submitted", "normalised", "scored", "decided", "nudged", "holdout", "suppressed", "dead_lettered", "lost",
    "duplicated", "seconds", "p50_ms", "p99_ms",
]  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_models(tmp_path_factory.mktemp("models"))


def environment(kafka: str, models: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAHLAN_")}
    given = {"PYTHONPATH": str(ROOT / "services"), "MAHLAN_MODELS_DIR": str(models), "KAFKA_BOOTSTRAP_SERVERS": kafka}
    return {**kept, **given}


def demo(kafka: str, models: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[bytes], dict]:
    done = subprocess.run(
        [sys.executable, "-m", "mahlan", "demo", "--json", *arguments],
        capture_output=True,
        env=environment(kafka, models),
        timeout=300,
        check=False,
    )
    assert done.stdout, done.stderr.decode()
    return done, orjson.loads(done.stdout.splitlines()[-1])


@pytest.mark.timeout(320)
def test_nothing_is_lost_or_doubled_while_every_service_is_killed_in_turn(kafka, models):
    done, report = demo(kafka, models, "--count", "600", "--chaos")
    assert list(report) == FIELDS
    assert report["submitted"] == report["normalised"] == report["scored"] == report["decided"] == 600
    assert (report["lost"], report["duplicated"], report["dead_lettered"]) == (0, 0, 0)
    assert report["nudged"] > 0
    assert done.returncode == 0


@pytest.mark.timeout(320)
def test_a_second_run_on_the_same_kafka_counts_only_its_own_and_its_damaged_records(kafka, models):
    done, report = demo(kafka, models, "--count", "200", "--bad", "--seed", "5")
    assert report["submitted"] == 200
    assert report["dead_lettered"] == 4
    assert report["decided"] == 196
    assert (report["lost"], report["duplicated"], done.returncode) == (0, 0, 0)


@pytest.mark.timeout(320)
def test_texts_of_a_file(kafka, models, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": 1, "text": "you are stupid"}\n{"id": 2, "text": "a fine day"}\n', encoding="utf-8")
    done, report = demo(kafka, models, "--input", str(path))
    assert (report["submitted"], report["decided"], report["lost"]) == (2, 2, 0)
    assert report["nudged"] + report["holdout"] == 1
    assert done.stderr.decode().splitlines()[-1].endswith("make up"), "what to look at next"


@pytest.mark.timeout(200)
async def test_what_is_lost_is_said_to_be_lost(kafka, models, tmp_path, monkeypatch):
    """Without a scorer and a dispatcher nothing comes to an end: the run must not say otherwise."""
    monkeypatch.setattr(run, "SERVICES", ("normaliser",))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "services"))
    plan = run.Plan(invent(30, 1), 30, rate=0, patience=4.0)
    state = await run.run_demo(plan, Settings(bootstrap_servers=kafka), tmp_path, lambda _: None)
    report = state.report()
    assert (report.submitted, report.normalised, report.decided, report.lost) == (30, 30, 0, 30)
    assert not report.is_whole


@pytest.mark.timeout(200)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_service_outlives_the_demo(kafka, models, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "mahlan", "demo", "--json", "--count", "100000"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environment(kafka, models),
    )
    for line in process.stderr:
        if b"flowing" in line:
            break
    services = psutil.Process(process.pid).children(recursive=True)
    assert len(services) == 3
    process.send_signal(number)
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == (130 if number == signal.SIGTERM else -signal.SIGKILL)
    _, alive = psutil.wait_procs(services, timeout=60)
    assert alive == []
    if number == signal.SIGTERM:
        assert said.splitlines()[-1] == b"mahlan: interrupted"


def test_an_input_that_cannot_be_read_is_told_before_anything_starts(models, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": 1, "text": "a"}\n{"id": 2}\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mahlan", "demo", "--input", str(path)],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "services")},
        timeout=100,
        check=False,
    )
    assert done.returncode == 2
    assert b"line 2" in done.stderr
