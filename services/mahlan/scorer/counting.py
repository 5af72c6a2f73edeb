"""What the scorer tells of its batches and models in metrics. Called by ``worker.py``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from time import time

from mahlan.core.drift import counted_as
from mahlan.events import topics
from mahlan.events.comment import CommentNormalised
from mahlan.runtime.broker import Outgoing
from mahlan.runtime.metrics import Metrics
from mahlan.scorer.deciding import Result
from mahlan.scorer.record import SERVICE, Item
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.model import Model, Scores


def count_events(metrics: Metrics, items: Sequence[Item], outgoing: Sequence[Outgoing]) -> None:
    """Events written, and how long each comment has been on its way."""
    events = sum(one.topic == topics.SCORED.name for one in outgoing)
    metrics.events_out.labels(SERVICE, topics.SCORED.name).inc(events)
    observe = metrics.end_to_end_seconds.labels(SERVICE).observe
    now_ms = time() * 1000
    for item in items:
        observe(max(0.0, (now_ms - (item.envelope.received_ms or item.record.timestamp_ms)) / 1000))


def count_verdicts(metrics: Metrics, comments: Sequence[CommentNormalised], results: Sequence[Result]) -> None:
    """What each model said, by language: enough to hold a canary against its champion."""
    counts = Counter(
        (result.model, counted_as(comment.language), result.outcome.verdict.toxic)
        for comment, result in zip(comments, results, strict=True)
        if isinstance(result.outcome, Scores)
    )
    for (name, language, toxic), count in counts.items():
        metrics.verdicts.labels(SERVICE, *parted(name), language, "toxic" if toxic else "clean").inc(count)


def show_models(metrics: Metrics, before: Lineup, lineup: Lineup) -> None:
    """``mahlan_model_info`` tells who is in use now, and of nobody else."""
    gone = {_info(*one) for one in before.roles()} - (here := {_info(*one) for one in lineup.roles()})
    for labels in here:
        metrics.model_info.labels(*labels).set(1)
    for labels in gone:
        metrics.model_info.remove(*labels)


def parted(name: str) -> tuple[str, str]:
    """``name@version`` as the two labels of a metric."""
    model, _, version = name.partition("@")
    return model, version


def _info(role: str, model: Model) -> tuple[str, ...]:
    return SERVICE, *parted(model.name), role, model.providers[0]
