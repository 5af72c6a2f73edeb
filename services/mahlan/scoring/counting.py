"""What is told of models in metrics, by each service that scores: the scorer and the gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mahlan.core.drift import counted_as
from mahlan.events.comment import CommentNormalised
from mahlan.runtime.metrics import Metrics
from mahlan.scoring.cascade import Cascade, parts_of
from mahlan.scoring.deciding import Result
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.model import Scores


def count_verdicts(
    metrics: Metrics, service: str, comments: Sequence[CommentNormalised], results: Sequence[Result]
) -> None:
    """What each model said, by language: enough to hold a canary against its champion."""
    counts = Counter(
        (result.model, counted_as(comment.language), result.outcome.verdict.toxic)
        for comment, result in zip(comments, results, strict=True)
        if isinstance(result.outcome, Scores)
    )
    for (name, language, toxic), count in counts.items():
        metrics.verdicts.labels(service, *parted(name), language, "toxic" if toxic else "clean").inc(count)


def count_stages(
    metrics: Metrics, service: str, lineup: Lineup, comments: Sequence[CommentNormalised], results: Sequence[Result]
) -> None:
    """How each cascade came to its results."""
    counts: Counter[tuple[str, str]] = Counter()
    for comment, result in zip(comments, results, strict=True):
        model = lineup.models.get(result.model)
        if isinstance(model, Cascade) and isinstance(result.outcome, Scores):
            counts[model.name, model.stage(comment, result.outcome)] += 1
    for (name, stage), count in counts.items():
        metrics.cascade_comments.labels(service, *parted(name), stage).inc(count)


def count_seconds(metrics: Metrics, service: str, model: str, seconds: float) -> None:
    """A batch, scored by one model."""
    metrics.model_seconds.labels(service, *parted(model)).observe(seconds)


def show_models(metrics: Metrics, service: str, before: Lineup, lineup: Lineup) -> None:
    """``mahlan_model_info`` tells who is in use now, and of nobody else."""
    gone = _infos(service, before) - (here := _infos(service, lineup))
    for labels in here:
        metrics.model_info.labels(*labels).set(1)
    for labels in gone:
        metrics.model_info.remove(*labels)


def parted(name: str) -> tuple[str, str]:
    """``name@version`` as the two labels of a metric."""
    model, _, version = name.partition("@")
    return model, version


def _infos(service: str, lineup: Lineup) -> set[tuple[str, ...]]:
    return {
        (service, *parted(one.name), "part" if one is not model else role, one.providers[0])
        for role, model in lineup.roles()
        for one in (model, *parts_of(model))
    }
