"""The alert rules read metrics that exist, say what to do, and fire exactly when they should."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from mahlan.runtime.metric_specs import METRICS

OPS = Path(__file__).resolve().parents[2] / "ops"
RULES = [rule for group in yaml.safe_load((OPS / "alerts.yml").read_text("utf-8"))["groups"] for rule in group["rules"]]
EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
SAMPLES = {
    spec.name + tail: set(spec.labels)
    for spec in METRICS.values()
    for tail in (("_bucket", "_sum", "_count") if spec.buckets else ("",))
}


@EACH
def test_an_alert_says_how_bad_what_and_what_to_do(rule):
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert len(rule["annotations"]["summary"]) > 30
    assert len(rule["annotations"]["action"]) > 60
    assert re.fullmatch(r"\d+m", rule["for"])


@EACH
def test_an_alert_reads_metrics_and_labels_that_exist(rule):
    named = set(re.findall(r"\bmahlan_\w+", rule["expr"]))
    assert named <= SAMPLES.keys()
    known = set().union(*(SAMPLES[name] for name in named)) | {"job"}
    matchers = {
        label for body in re.findall(r"\{([^}]*)\}", rule["expr"]) for label in re.findall(r"(\w+)\s*[!=]", body)
    }
    grouped = {label.strip() for body in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for label in body.split(",")}
    assert matchers | grouped <= known


def promtool(*arguments):
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    return subprocess.run([tool, *arguments], cwd=OPS, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("test", "rules", "alerts.test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_agrees(arguments):
    done = promtool(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_seen_firing():
    tests = yaml.safe_load((OPS / "alerts.test.yml").read_text("utf-8"))["tests"]
    fired = re.findall(r'alertname="(\w+)"', str(tests))
    assert {rule["alert"] for rule in RULES} == set(fired)
