"""Several models at once: canary, champions by language, shadows that only watch. And what is served at a start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mahlan.core.routing import Trial, in_trial
from mahlan.errors import ModelError
from mahlan.runtime.metrics import build_metrics
from mahlan.scoring.loading import Loader
from tests.scorer.lineups import (
    BROKEN,
    STRICT,
    as_records,
    build_scorer,
    comment,
    decided,
    event,
    put_model,
    put_registry,
    records,
)

AUTHORS = [f"author-{number:04}" for number in range(200)]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    put_model(tmp_path, "words@1", golden={"rude": True})
    put_model(tmp_path, "words@2", STRICT, golden={"rude": True})
    put_registry(tmp_path, 'champion = "words@1"\n')
    return tmp_path


def scorer_of(models: Path, registry: str, metrics=None):
    put_registry(models, registry)
    loaded = Loader(models).first()
    assert not loaded.refused
    return build_scorer(loaded.lineup, metrics)


async def settled(scorer) -> None:
    """Until the shadows have done what they were offered."""
    while not scorer._shadows._working.done():
        await asyncio.sleep(0.01)


async def test_the_canary_decides_for_its_authors_and_nobody_else(models):
    scorer = scorer_of(models, 'champion = "words@1"\ncanary = { model = "words@2", share = 0.3 }\n')
    outgoing = await scorer.transform(as_records([comment(n, "odd", author=a) for n, a in enumerate(AUTHORS)]))
    for author, one in zip(AUTHORS, outgoing, strict=True):
        inside = in_trial(author, Trial("words@2", 0.3))
        assert event(one).model == ("words@2" if inside else "words@1")
        assert event(one).verdict.toxic is inside
    assert {event(one).model for one in outgoing} == {"words@1", "words@2"}


async def test_what_the_canary_cannot_score_the_champion_does(models):
    put_model(models, "words@3", BROKEN)
    scorer = scorer_of(models, 'champion = "words@1"\ncanary = { model = "words@3", share = 1.0 }\n')
    assert await decided(scorer, "rude", "kind") == [("words@1", True), ("words@3", False)]


async def test_a_canary_that_raises_costs_nothing(models):
    scorer = scorer_of(models, 'champion = "words@1"\ncanary = { model = "words@2", share = 1.0 }\n')

    def fail(_: object) -> None:
        raise MemoryError

    scorer.lineup.models["words@2"].score = fail
    assert await decided(scorer, "rude", "odd") == [("words@1", True), ("words@1", False)]


async def test_a_language_is_scored_by_its_own_champion(models):
    registry = 'champion = [\n{ model = "words@1" },\n{ model = "words@2", language = "ar" },\n]\n'
    scorer = scorer_of(models, registry)
    tags = ("en", "arz", "arz-Latn", "mixed")
    outgoing = await scorer.transform(as_records([comment(n, "odd", language=tag) for n, tag in enumerate(tags)]))
    assert [event(one).model for one in outgoing] == ["words@1", "words@2", "words@2", "words@1"]


async def test_shadows_are_compared_and_never_decide(models):
    metrics = build_metrics()
    scorer = scorer_of(models, 'champion = "words@1"\nshadow = ["words@2"]\n', metrics)
    texts = ["odd", "odd", "rude", "kind"]
    assert await decided(scorer, *texts) == [("words@1", text == "rude") for text in texts]
    await settled(scorer)

    def compared(result: str) -> float:
        labels = {"service": "scorer", "model": "words", "version": "2", "language": "en", "result": result}
        return metrics.registry.get_sample_value("mahlan_shadow_comments_total", labels) or 0

    assert (compared("flipped_to_toxic"), compared("agreed"), compared("skipped")) == (2, 2, 0)
    scorer.close()


async def test_a_busy_shadow_skips_and_the_champion_does_not_wait(models):
    metrics = build_metrics()
    scorer = scorer_of(models, 'champion = "words@1"\nshadow = "words@2"\n', metrics)
    shadow = scorer.lineup.models["words@2"]
    score, go = shadow.score, asyncio.Event()
    loop = asyncio.get_running_loop()

    def waits(items):
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result(30)
        return score(items)

    shadow.score = waits
    for _ in range(3):
        assert await decided(scorer, "odd") == [("words@1", False)]
    go.set()
    await settled(scorer)
    labels = {"service": "scorer", "model": "words", "version": "2", "language": "en", "result": "skipped"}
    assert metrics.registry.get_sample_value("mahlan_shadow_comments_total", labels) == 2
    scorer.close()


async def test_a_shadow_that_raises_harms_nobody(models):
    metrics = build_metrics()
    scorer = scorer_of(models, 'champion = "words@1"\nshadow = "words@2"\n', metrics)

    def fail(_: object) -> None:
        raise MemoryError

    scorer.lineup.models["words@2"].score = fail
    assert await decided(scorer, "rude", "odd") == [("words@1", True), ("words@1", False)]
    await settled(scorer)
    labels = {"service": "scorer", "model": "words", "version": "2", "language": "en", "result": "failed"}
    assert metrics.registry.get_sample_value("mahlan_shadow_comments_total", labels) == 2
    scorer.close()


async def test_every_role_is_told_in_metrics(models):
    metrics = build_metrics()
    put_model(models, "words@3")
    scorer = scorer_of(
        models, 'champion = "words@1"\ncanary = { model = "words@2", share = 0.5 }\nshadow = "words@3"\n', metrics
    )
    labels = {"service": "scorer", "model": "words", "provider": "CPUExecutionProvider"}
    for version, role in (("1", "champion"), ("2", "canary"), ("3", "shadow")):
        told = metrics.registry.get_sample_value("mahlan_model_info", {**labels, "version": version, "role": role})
        assert told == 1
    await scorer.transform(as_records([comment(n, "odd", author=author) for n, author in enumerate(AUTHORS)]))
    said = {
        (version, result): metrics.registry.get_sample_value(
            "mahlan_verdicts_total",
            {"service": "scorer", "model": "words", "version": version, "language": "en", "result": result},
        )
        for version, result in (("1", "clean"), ("2", "toxic"))
    }
    assert said["1", "clean"] + said["2", "toxic"] == len(AUTHORS)
    scorer.close()


def history(*names: str) -> str:
    return "champion = [\n" + "".join(f'{{ model = "{name}" }},\n' for name in names) + "]\n"


def test_a_start_passes_over_a_champion_that_is_unfit(models):
    put_model(models, "words@3", BROKEN, golden={"rude": True})
    put_registry(models, history("words@1", "words@2", "words@3"))
    loaded = Loader(models).first()
    assert loaded.lineup.champion.name == "words@2"
    assert [(one.model, one.reason) for one in loaded.refused] == [("words@3", "golden")]


def test_a_start_without_any_fit_champion_is_an_error(models):
    put_model(models, "words@3", {"[UNK]": (float("nan"), 0.0, 0.0)})
    put_registry(models, 'champion = "words@3"\n')
    with pytest.raises(ModelError, match=r"words@3 cannot be served: .* got no usable score"):
        Loader(models).first()


def test_the_only_champion_serves_though_its_golden_file_differs(models):
    put_model(models, "words@3", golden={"rude": False})
    put_registry(models, 'champion = "words@3"\n')
    loaded = Loader(models).first()
    assert loaded.lineup.champion.name == "words@3"
    assert [one.reason for one in loaded.refused] == ["golden"]


@pytest.mark.parametrize("role", ['canary = { model = "words@9", share = 0.1 }', 'shadow = "words@9"'])
def test_a_start_leaves_out_a_canary_or_shadow_that_is_not_there(models, role):
    put_registry(models, f'champion = "words@1"\n{role}\n')
    loaded = Loader(models).first()
    assert [(kind, model.name) for kind, model in loaded.lineup.roles()] == [("champion", "words@1")]
    assert loaded.refused[0].reason == "folder"


def test_a_pinned_model_is_served_whatever_the_registry_says(models):
    (models / "registry.toml").unlink()
    assert Loader(models, pinned="words@2").first().lineup.champion.name == "words@2"


def test_a_start_without_a_registry_says_what_to_write(models):
    (models / "registry.toml").unlink()
    with pytest.raises(ModelError, match="write one line"):
        Loader(models).first()


async def test_undecodable_records_do_not_reach_any_model(models):
    scorer = scorer_of(models, 'champion = "words@1"\nshadow = "words@2"\n')
    bad = records("odd")[0]
    outgoing = await scorer.transform([bad.__class__(bad.topic, 0, 0, b"k", b"{", (), 1)])
    assert [one.topic for one in outgoing] == ["scorer.dlq.v1"]
    assert scorer._shadows._working is None
