"""Every metric mahlan exports, in one place. Built once per process with ``build_metrics(registry)``.

Each field of ``Metrics`` is described under the same name in ``METRICS`` (``runtime/metric_specs.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from mahlan.runtime.metric_specs import METRICS


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metric objects by the names of ``METRICS``, and the registry that ``/metrics`` shows."""

    registry: CollectorRegistry
    events_in: Counter
    events_out: Counter
    events_dead: Counter
    events_repeated: Counter
    stage_seconds: Histogram
    end_to_end_seconds: Histogram
    lag_records: Gauge
    lag_seconds: Gauge
    batch_records: Histogram
    in_flight: Gauge
    model_info: Gauge
    model_swaps: Counter
    model_refused: Gauge
    verdicts: Counter
    model_seconds: Histogram
    cascade_comments: Counter
    shadow_comments: Counter
    score_drift: Gauge
    language_drift: Gauge
    drift_limit: Gauge
    campaign_info: Gauge
    decisions: Counter
    deliveries: Counter
    delivery_seconds: Histogram
    channel_stopped: Gauge
    fenced: Counter
    retries: Counter
    rebalances: Counter
    rebuild_seconds: Histogram
    rebuild_records: Counter
    spool_records: Gauge
    spool_bytes: Gauge
    spool_oldest_seconds: Gauge
    spool_refused: Counter
    spool_found: Counter
    spool_lost: Counter
    gateway_requests: Counter
    gateway_request_seconds: Histogram
    gateway_checks: Counter
    gateway_unrecorded: Counter
    gateway_queue: Gauge
    gateway_streams: Gauge
    gateway_insights: Counter
    gateway_shed: Counter
    nudges_shown: Counter
    nudges_disputed: Counter
    dispute_budget: Gauge
    brake_level: Gauge
    insights_unmatched: Counter
    insights_observations: Counter
    insights_damaged: Counter
    insights_misplaced: Counter
    insights_peer_failures: Counter
    insights_answers: Counter
    authors_remembered: Gauge
    authors_erased: Counter


def build_metrics(registry: CollectorRegistry | None = None) -> Metrics:
    """Register every metric in ``registry`` (a new one by default)."""
    registry = registry or CollectorRegistry()
    names = [field.name for field in fields(Metrics) if field.name != "registry"]
    built = {name: METRICS[name].build(registry) for name in names}
    return Metrics(registry=registry, **built)  # type: ignore[arg-type]
