"""Metric names keep Prometheus' conventions, and no label can hold text, an author or an id."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from prometheus_client import Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from mahlan.runtime.metric_specs import METRICS
from mahlan.runtime.metrics import Metrics, build_metrics

#: What a label may tell. Each has few values, none taken from a comment.
LABELS = {
    "service", "topic", "partition", "reason", "stage", "model", "version", "campaign", "kind", "language", "channel",
    "result", "role", "provider", "route", "status",
}  # fmt: skip
SPECS = pytest.mark.parametrize("spec", METRICS.values(), ids=lambda spec: spec.name)


@SPECS
def test_names_are_prefixed_and_in_base_units(spec):
    assert re.fullmatch(r"mahlan_[a-z][a-z0-9_]*", spec.name)
    assert not re.search(r"_(ms|millis|milliseconds|minutes|kb|mb|percent)(_|$)", spec.name)
    assert spec.name.endswith("_total") is (spec.kind is Counter)
    if spec.kind is Histogram:
        assert spec.name.endswith(("_seconds", "_records"))
        assert list(spec.buckets) == sorted(set(spec.buckets))
    if spec.name.endswith("_info"):
        assert spec.kind is Gauge


@SPECS
def test_every_metric_says_which_service_and_what_it_means(spec):
    assert spec.labels[0] == "service"
    assert len(spec.meaning) > 15
    assert not spec.meaning.endswith(".")


@SPECS
def test_labels_are_few_and_known(spec):
    assert set(spec.labels) <= LABELS


def test_every_metric_is_built_and_shown():
    assert {field.name for field in fields(Metrics)} == {"registry", *METRICS}
    metrics = build_metrics()
    shown = {family.name for family in text_string_to_metric_families(generate_latest(metrics.registry).decode())}
    assert shown == {spec.name.removesuffix("_total") for spec in METRICS.values()}


def test_two_builds_do_not_meet():
    build_metrics().events_dead.labels("scorer", "x").inc()
    assert (
        build_metrics().registry.get_sample_value("mahlan_events_dead_total", {"service": "scorer", "reason": "x"})
        is None
    )
