"""What each metric is: its type, name, meaning and labels. ``runtime/metrics.py`` builds them from here.

Names follow Prometheus' conventions: base units, ``_total`` for counters, ``_info`` for constants. No label holds
comment text, an author or an id. ``docs/metrics.md`` is generated from ``METRICS``.
"""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

#: A nudge must come within the time of a tap: fine steps up to a second, coarse ones for backlogs.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
RECORDS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)


@dataclass(frozen=True, slots=True)
class Spec:
    """One metric: its class, name, meaning, labels and, for a histogram, its buckets."""

    kind: type[MetricWrapperBase]
    name: str
    meaning: str
    labels: tuple[str, ...] = ("service",)
    buckets: tuple[float, ...] = ()

    def build(self, registry: CollectorRegistry) -> MetricWrapperBase:
        """Register it."""
        if self.buckets:
            return Histogram(self.name, self.meaning, self.labels, registry=registry, buckets=self.buckets)
        return self.kind(self.name, self.meaning, self.labels, registry=registry)


METRICS: dict[str, Spec] = {
    "events_in": Spec(Counter, "mahlan_events_in_total", "Records read from a topic", ("service", "topic")),
    "events_out": Spec(Counter, "mahlan_events_out_total", "Events written and acknowledged", ("service", "topic")),
    "events_dead": Spec(Counter, "mahlan_events_dead_total", "Records that became dead letters", ("service", "reason")),
    "events_repeated": Spec(
        Counter, "mahlan_events_repeated_total", "Records dropped because they had been decided already"
    ),
    "stage_seconds": Spec(
        Histogram, "mahlan_stage_seconds", "Time one batch spent in one stage", ("service", "stage"), SECONDS
    ),
    "end_to_end_seconds": Spec(
        Histogram,
        "mahlan_end_to_end_seconds",
        "From a comment's arrival at the broker to its event leaving this service",
        buckets=SECONDS,
    ),
    "lag_records": Spec(Gauge, "mahlan_lag_records", "Records not yet read", ("service", "topic", "partition")),
    "lag_seconds": Spec(
        Gauge, "mahlan_lag_seconds", "Age of the newest record read, while others wait; 0 when none do"
    ),
    "batch_records": Spec(Histogram, "mahlan_batch_records", "Records processed together", buckets=RECORDS),
    "in_flight": Spec(Gauge, "mahlan_in_flight", "Records read whose results are not yet committed"),
    "model_info": Spec(
        Gauge,
        "mahlan_model_info",
        "1 for each model in use: champion, canary or shadow, or part of a cascade",
        ("service", "model", "version", "role", "provider"),
    ),
    "model_swaps": Spec(
        Counter,
        "mahlan_model_swaps_total",
        "Changes of the model registry, done or refused",
        ("service", "result", "reason"),
    ),
    "model_refused": Spec(
        Gauge, "mahlan_model_refused", "1 while the registry asks for something that is not served; readyz says why"
    ),
    "verdicts": Spec(
        Counter,
        "mahlan_verdicts_total",
        "Comments decided on by each model, toxic or clean",
        ("service", "model", "version", "language", "result"),
    ),
    "model_seconds": Spec(
        Histogram,
        "mahlan_model_seconds",
        "Time one model took for the comments of a batch that it scored",
        ("service", "model", "version"),
        SECONDS,
    ),
    "cascade_comments": Spec(
        Counter,
        "mahlan_cascade_comments_total",
        "Comments of a cascade: settled by its fast model, escalated to the accurate one, or fell_back as that failed",
        ("service", "model", "version", "stage"),
    ),
    "shadow_comments": Spec(
        Counter,
        "mahlan_shadow_comments_total",
        "Comments a shadow scored too: agreed, flipped_to_toxic, flipped_to_clean, failed; or skipped to keep up",
        ("service", "model", "version", "language", "result"),
    ),
    "score_drift": Spec(
        Gauge,
        "mahlan_score_drift",
        "Population stability index of recent scores against the manifest's reference",
        ("service", "model", "version", "language"),
    ),
    "language_drift": Spec(
        Gauge,
        "mahlan_language_drift",
        "Population stability index of the recent mix of languages against the manifest's reference",
        ("service", "model", "version"),
    ),
    "drift_limit": Spec(
        Gauge,
        "mahlan_drift_limit",
        "The index over which the model's manifest wants somebody told",
        ("service", "model", "version"),
    ),
    "campaign_info": Spec(
        Gauge, "mahlan_campaign_info", "1 for the campaign in force", ("service", "campaign", "version")
    ),
    "decisions": Spec(
        Counter,
        "mahlan_decisions_total",
        "Decisions written",
        ("service", "kind", "reason", "language", "campaign"),
    ),
    "deliveries": Spec(
        Counter, "mahlan_deliveries_total", "Attempts to deliver a nudge", ("service", "channel", "result")
    ),
    "delivery_seconds": Spec(
        Histogram, "mahlan_delivery_seconds", "Time of one delivery attempt", ("service", "channel"), SECONDS
    ),
    "channel_stopped": Spec(Gauge, "mahlan_channel_stopped", "1 after a channel said 410 Gone", ("service", "channel")),
    "fenced": Spec(Counter, "mahlan_fenced_total", "Batches dropped because the worker had been paused too long"),
    "retries": Spec(Counter, "mahlan_retries_total", "Work tried again after the broker failed", ("service", "reason")),
    "rebalances": Spec(Counter, "mahlan_rebalances_total", "Assignments of partitions received"),
    "rebuild_seconds": Spec(
        Histogram, "mahlan_rebuild_seconds", "Time to rebuild the state of one partition from the log", buckets=SECONDS
    ),
    "rebuild_records": Spec(Counter, "mahlan_rebuild_records_total", "Records read to rebuild", ("service", "topic")),
    "spool_records": Spec(Gauge, "mahlan_spool_records", "Records on this machine's disk that wait to be sent"),
    "spool_bytes": Spec(Gauge, "mahlan_spool_bytes", "How large they are together"),
    "spool_oldest_seconds": Spec(
        Gauge,
        "mahlan_spool_oldest_seconds",
        "How long the oldest of them had waited when it was last looked at; else 0",
    ),
    "spool_refused": Spec(
        Counter,
        "mahlan_spool_refused_total",
        "Times the spool did not take records: full or failing",
        ("service", "reason"),
    ),
    "spool_found": Spec(
        Counter, "mahlan_spool_found_total", "Records not sent again, as the log was found to have them already"
    ),
    "spool_lost": Spec(
        Counter,
        "mahlan_spool_lost_total",
        "Records larger than their topic takes, and damaged files moved aside with all they held",
        ("service", "reason"),
    ),
    "gateway_requests": Spec(
        Counter,
        "mahlan_gateway_requests_total",
        "Requests answered, by route and status; 499: the client did not wait",
        ("service", "route", "status"),
    ),
    "gateway_request_seconds": Spec(
        Histogram, "mahlan_gateway_request_seconds", "Time to answer a request", ("service", "route"), SECONDS
    ),
    "gateway_checks": Spec(
        Counter, "mahlan_gateway_checks_total", "Checks decided and on record", ("service", "kind", "reason")
    ),
    "gateway_unrecorded": Spec(
        Counter, "mahlan_gateway_unrecorded_total", "Checks answered without a nudge since they could not be recorded"
    ),
    "gateway_queue": Spec(Gauge, "mahlan_gateway_queue", "Texts waiting to be scored"),
    "gateway_streams": Spec(Gauge, "mahlan_gateway_streams", "Open streams of nudges"),
    "gateway_insights": Spec(
        Counter,
        "mahlan_gateway_insights_total",
        "Numbers asked of the insights service for the board, by what came: ok, or why none did",
        ("service", "result"),
    ),
    "gateway_shed": Spec(
        Counter,
        "mahlan_gateway_shed_total",
        "Requests refused with 503, by what was full: queue, wait, concurrency, streams, spool",
        ("service", "reason"),
    ),
    "nudges_shown": Spec(
        Counter,
        "mahlan_nudges_shown_total",
        "Nudges whose authors were seen to do anything with them, each once",
        ("service", "campaign", "language"),
    ),
    "nudges_disputed": Spec(
        Counter,
        "mahlan_nudges_disputed_total",
        "Those of them that their authors called a mistake",
        ("service", "campaign", "language"),
    ),
    "dispute_budget": Spec(
        Gauge,
        "mahlan_dispute_budget",
        "The share of shown nudges that may be disputed, as the campaign says",
        ("service", "campaign"),
    ),
    "brake_level": Spec(
        Gauge,
        "mahlan_brake_level",
        "The brake as this service knows it: 0 released, 1 the band is one higher, 2 nobody is asked",
        ("service", "campaign", "language"),
    ),
    "insights_unmatched": Spec(
        Counter, "mahlan_insights_unmatched_total", "Outcomes of which no nudge was read in time: theirs is elsewhere"
    ),
    "insights_observations": Spec(
        Counter, "mahlan_insights_observations_total", "Authors of the experiment whose follow-up is over"
    ),
    "insights_damaged": Spec(
        Counter, "mahlan_insights_damaged_total", "Values of the state that cannot be read, begun anew"
    ),
    "insights_misplaced": Spec(
        Counter, "mahlan_insights_misplaced_total", "Steps that did not count, as another worker had written before"
    ),
    "insights_peer_failures": Spec(
        Counter, "mahlan_insights_peer_failures_total", "Other workers that did not tell their counts in time"
    ),
    "insights_answers": Spec(
        Counter, "mahlan_insights_answers_total", "Requests for counts answered", ("service", "status")
    ),
    "authors_remembered": Spec(Gauge, "mahlan_authors_remembered", "Authors with a history in memory"),
    "authors_erased": Spec(
        Counter, "mahlan_authors_erased_total", "Authors with a history in memory who were erased and forgotten"
    ),
}
