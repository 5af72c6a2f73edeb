"""The drift gauges: silent without a reference or enough comments, low on the same traffic, high on another."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mahlan.core.drift import LEAST
from mahlan.runtime.metrics import Metrics, build_metrics
from mahlan.scorer.drift import WINDOW, Drift, Row
from mahlan.scoring.loading import Loader
from tests.scorer.lineups import MILD, as_records, build_scorer, comment, event, put_model, put_registry

REFERENCE = """
[reference]
label = "toxic"
limit = 0.2
edges = [0.5]
languages = { en = 0.5, arz = 0.5 }

[reference.scores]
all = [0.75, 0.25]
en = [0.75, 0.25]
"""


@pytest.fixture
def metrics() -> Metrics:
    return build_metrics()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    put_model(tmp_path, "words@1", extra=REFERENCE)
    put_model(tmp_path, "words@2")
    put_registry(tmp_path, 'champion = "words@1"\n')
    return tmp_path


def gauge(metrics: Metrics, name: str, language: str | None = None) -> float | None:
    labels = {"service": "scorer", "model": "words", "version": "1"}
    return metrics.registry.get_sample_value(name, labels | ({"language": language} if language else {}))


async def run(models: Path, metrics: Metrics, toxic: float, english: float, count: int = LEAST):
    scorer = build_scorer(Loader(models).first().lineup, metrics)
    await scorer.transform(
        as_records(
            [
                comment(
                    n, "rude" if n % 100 < toxic * 100 else "kind", language="en" if n % 10 < english * 10 else "arz"
                )
                for n in range(count)
            ]
        )
    )
    return scorer


async def test_traffic_like_the_reference_is_no_drift(models, metrics):
    await run(models, metrics, toxic=0.25, english=0.5, count=2 * LEAST)
    for language in ("all", "en"):
        assert gauge(metrics, "mahlan_score_drift", language) == pytest.approx(0.0, abs=0.02)
    assert gauge(metrics, "mahlan_language_drift") == pytest.approx(0.0, abs=0.01)
    assert gauge(metrics, "mahlan_drift_limit") == 0.2


async def test_other_traffic_is_over_the_limit(models, metrics):
    await run(models, metrics, toxic=0.7, english=1.0)
    assert gauge(metrics, "mahlan_score_drift", "all") > 0.2
    assert gauge(metrics, "mahlan_score_drift", "en") > 0.2
    assert gauge(metrics, "mahlan_language_drift") > 0.2


async def test_too_few_comments_say_nothing(models, metrics):
    await run(models, metrics, toxic=0.7, english=0.5, count=LEAST - 1)
    assert gauge(metrics, "mahlan_score_drift", "all") is None
    assert gauge(metrics, "mahlan_language_drift") is None


async def test_a_model_without_a_reference_has_no_gauge_and_one_that_leaves_loses_its_own(models, metrics):
    scorer = await run(models, metrics, toxic=0.7, english=0.5)
    assert gauge(metrics, "mahlan_score_drift", "all") is not None
    put_registry(models, 'champion = "words@2"\n')
    scorer.serve(Loader(models).first().lineup)
    await scorer.transform(as_records([comment(n, "rude") for n in range(LEAST)]))
    for name, language in (("score_drift", "all"), ("language_drift", None), ("drift_limit", None)):
        assert gauge(metrics, f"mahlan_{name}", language) is None
    shown = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    assert "mahlan_score_drift" not in shown


async def test_a_model_that_stays_keeps_what_it_has_seen(models, metrics):
    scorer = await run(models, metrics, toxic=0.25, english=0.5, count=LEAST - 250)
    put_registry(models, 'champion = "words@1"\nshadow = "words@2"\n')
    scorer.serve(Loader(models).prepared(*_registry(models), scorer.lineup.models, ()).lineup)
    await scorer.transform(as_records([comment(n, "kind") for n in range(250)]))
    assert gauge(metrics, "mahlan_score_drift", "all") is not None


async def test_a_shadow_is_watched_too_and_its_languages_are_not(models, metrics):
    put_registry(models, 'champion = "words@2"\nshadow = "words@1"\n')
    scorer = await run(models, metrics, toxic=0.7, english=0.5, count=2 * LEAST)
    while not scorer._shadows._working.done():
        await asyncio.sleep(0.01)
    assert gauge(metrics, "mahlan_score_drift", "all") > 0.2
    assert gauge(metrics, "mahlan_language_drift") is None
    scorer.close()


def _registry(models: Path):
    from mahlan.scoring.registry import read_registry

    return (read_registry(models),)


def test_a_window_forgets_what_is_old():
    row = Row()
    for place in [0] * WINDOW + [1] * WINDOW + [1] * (WINDOW // 2):
        row.add(place)
    assert row.counts[0] == 0
    assert WINDOW <= row.counts.total() <= 2 * WINDOW


def test_a_model_nobody_follows_is_not_counted(metrics):
    Drift(metrics).see("words@9", [("en", {"toxic": 0.5})])
    assert not list(metrics.score_drift.collect()[0].samples)


async def test_of_a_cascade_the_fast_model_is_watched_on_every_comment(models, metrics):
    """What was escalated counts with the fast model's score: the accurate one says otherwise of "odd"."""
    put_model(models, "words@1", {**MILD, "odd": (0.0, 0.0, 0.0)}, extra=REFERENCE)
    put_model(models, "words@2", {**MILD, "odd": (9.0, 0.0, 0.0)}, extra=REFERENCE)
    entry = '[cascade."both@1"]\nfast = "words@1"\naccurate = "words@2"\nband = [0.5, 0.8]\n'
    put_registry(models, f'champion = "both@1"\n{entry}')
    scorer = build_scorer(Loader(models).first().lineup, metrics)
    texts = ["odd" if number % 4 == 0 else "kind" for number in range(LEAST)]
    outgoing = await scorer.transform(as_records([comment(n, text, language="en") for n, text in enumerate(texts)]))
    assert [event(one).model for one in outgoing[:2]] == ["words@2", "words@1"]
    assert not event(outgoing[0]).verdict.toxic
    assert gauge(metrics, "mahlan_score_drift", "en") == pytest.approx(0.0, abs=0.01)
    labels = {"service": "scorer", "model": "words", "version": "2"}
    assert metrics.registry.get_sample_value("mahlan_drift_limit", labels) is None
    assert gauge(metrics, "mahlan_language_drift") > 0
    scorer.close()
