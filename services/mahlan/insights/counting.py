"""What the keeper tells of a step once it is written, in metrics."""

from __future__ import annotations

from collections.abc import Sequence

from mahlan.insights import SERVICE
from mahlan.insights.step import Step
from mahlan.runtime.metrics import Metrics


def count_step(metrics: Metrics, step: Step, reasons: Sequence[str]) -> None:
    """A step is in the log. ``reasons`` are those of its dead letters."""
    for topic, count in step.taken.items():
        metrics.events_in.labels(SERVICE, topic).inc(count)
    for reason in reasons:
        metrics.events_dead.labels(SERVICE, reason).inc()
    metrics.events_repeated.labels(SERVICE).inc(step.repeats)
    metrics.authors_erased.labels(SERVICE).inc(step.erased)
    metrics.insights_unmatched.labels(SERVICE).inc(step.unmatched)
    metrics.insights_damaged.labels(SERVICE).inc(step.damaged)
    metrics.insights_observations.labels(SERVICE).inc(step.observations)
    for (campaign, language), counts in step.budget().items():
        metrics.nudges_shown.labels(SERVICE, campaign, language).inc(counts["shown"])
        metrics.nudges_disputed.labels(SERVICE, campaign, language).inc(counts["disputed"])
