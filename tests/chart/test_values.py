"""What can be checked of the chart without helm: values against their schema, names against the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from mahlan import __version__
from mahlan.cli.services import MODULES
from mahlan.runtime.settings import Settings, read_settings, setting_name

CHART = Path(__file__).resolve().parents[2] / "charts" / "mahlan"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
SCHEMA = json.loads((CHART / "values.schema.json").read_text("utf-8"))
SETTINGS = {setting_name(name) for name in Settings.__dataclass_fields__}


def merged(under, over):
    """As helm merges values: maps by key, everything else replaced."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    return {**under, **{key: merged(under.get(key), value) for key, value in over.items()}}


def errors(over):
    return [error.message for error in Draft7Validator(SCHEMA).iter_errors(merged(VALUES, over))]


def test_the_schema_itself_is_valid_and_the_defaults_fit_it():
    Draft7Validator.check_schema(SCHEMA)
    assert errors({}) == []


@pytest.mark.parametrize("path", sorted((CHART / "ci").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_values_of_the_checks_fit_it(path):
    assert errors(yaml.safe_load(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "over",
    [
        {"replicaCount": 3},
        {"services": {"scorer": {"replica": 3}}},
        {"services": {"scorers": VALUES["services"]["scorer"]}},
        {"services": {"scorer": {"replicas": "3"}}},
        {"kafka": {"bootstrapServers": "kafka"}},
        {"kafka": {"bootstrapServers": ""}},
        {"settings": {"PARTITIONS": "3"}},
        {"settings": {"MAHLAN_PARTITIONS": 3}},
        {"settings": {"MAHLAN_PORT": "80"}},
        {"settings": {"MAHLAN_AUTHOR_SALT": "never in plain values"}},
        {"settings": {"MAHLAN_WEBHOOK_SECRETS": "never in plain values"}},
        {"campaigns": {"../etc/passwd": "x"}},
        {"modelsRegistry": 'champoin = "fast@1"'},
        {"trustedKeys": ["signing.pem"]},
        {"settings": {"MAHLAN_SCORER_TRUSTED_KEYS": "belongs under trustedKeys"}},
        {"image": {"pullPolicy": "Sometimes"}},
    ],
    ids=str,
)
def test_typos_wrong_types_and_plain_secrets_are_refused(over):
    assert errors(over)


def test_secrets_are_the_settings_marked_so():
    from mahlan.runtime.settings_table import described_settings

    marked = {row["name"] for row in described_settings() if "secret" in row["meaning"]}
    refused = set(SCHEMA["definitions"]["settings"]["propertyNames"]["not"]["enum"])
    assert marked <= refused <= SETTINGS


def test_the_chart_has_the_services_there_are():
    assert set(VALUES["services"]) == set(MODULES)


def test_the_default_settings_are_ones_a_service_takes():
    read_settings(VALUES["settings"])
    for service in VALUES["services"].values():
        read_settings({**VALUES["settings"], **service["settings"]})


def test_every_setting_that_the_chart_names_exists():
    text = "".join(path.read_text("utf-8") for path in sorted(CHART.rglob("*")) if path.is_file())
    assert set(re.findall(r"\bMAHLAN_[A-Z0-9_]*[A-Z0-9]\b(?!_)", text)) <= SETTINGS


def test_the_versions_are_the_codes():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    assert chart["appVersion"] == __version__


def test_a_draining_pod_is_not_killed_and_replicas_are_not_idle():
    assert VALUES["terminationGracePeriodSeconds"] > float(VALUES["settings"]["MAHLAN_DRAIN_TIMEOUT"]) + 5
    partitions = int(VALUES["settings"]["MAHLAN_PARTITIONS"])
    reading = [service for name, service in VALUES["services"].items() if name != "gateway"]
    assert all(service["autoscaling"]["maxReplicas"] <= partitions for service in reading)


def test_every_value_is_on_the_charts_page():
    page = (CHART / "README.md").read_text("utf-8")
    missing = [name for name in VALUES if f"`{name}" not in page]
    assert missing == []
