"""A cascade in the line-up: swapped in whole or refused, told in events and metrics by the part that decided."""

from __future__ import annotations

import json
import shutil
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mahlan.core.routing import Trial, in_trial
from mahlan.scoring.cascade import Cascade
from mahlan.scoring.loading import Loader
from mahlan.scoring.selftest import self_test
from tests.scorer.bench import Bench
from tests.scorer.lineups import as_records, comment, decided, event, put_registry, records
from tests.scorer.test_lineup import AUTHORS, settled
from tests.scoring.cascades import ACCURATE, ENTRY, FAST, put_part, put_parts

BOTH = f'champion = "both@1"\n{ENTRY}'
NAN = float("nan")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    put_parts(tmp_path)
    put_registry(tmp_path, f'champion = "fast@1"\n{ENTRY}')
    return tmp_path


@pytest.fixture
def bench(models: Path) -> Iterator[Bench]:
    bench = Bench(models)
    yield bench
    bench.close()


def stages(bench: Bench, name: str = "both") -> dict[str, float]:
    told = {
        stage: bench.sample("mahlan_cascade_comments_total", model=name, version="1", stage=stage)
        for stage in ("settled", "escalated", "fell_back")
    }
    return {stage: count for stage, count in told.items() if count}


async def test_an_event_names_the_part_that_decided(bench):
    await bench.change(BOTH)
    assert bench.sample("mahlan_model_refused") == 0, bench.health.detail
    assert await decided(bench.scorer, "rude", "odd", "kind") == [
        ("fast@1", True), ("accurate@1", True), ("fast@1", False),
    ]  # fmt: skip
    assert stages(bench) == {"settled": 2, "escalated": 1}
    counted = bench.sample("mahlan_verdicts_total", model="both", version="1", language="en", result="toxic")
    assert counted == 2, "a canary is held against its champion under the name the registry has"


async def test_an_event_has_the_probabilities_and_labels_of_the_part(bench):
    await bench.change(BOTH)
    settled_event, asked = [event(one) for one in await bench.scorer.transform(records("rude", "odd"))]
    (alone,) = bench.scorer.lineup.models["accurate@1"].score([comment(0, "odd")])
    assert asked.scores == alone.scores
    assert asked.verdict == alone.verdict
    assert settled_event.scores.keys() == {"toxic"}


async def test_latency_is_told_by_part_and_not_of_the_whole(bench):
    await bench.change(BOTH)
    await decided(bench.scorer, "rude", "odd")
    await decided(bench.scorer, "rude")
    times = {name: bench.sample("mahlan_model_seconds_count", model=name, version="1") for name in ("fast", "accurate")}
    assert times == {"fast": 2, "accurate": 1}
    assert bench.sample("mahlan_model_seconds_count", model="both", version="1") is None


async def test_both_parts_and_the_whole_are_told(bench):
    await bench.change(BOTH)
    told = {"provider": "CPUExecutionProvider", "version": "1"}
    assert bench.sample("mahlan_model_info", model="both", role="champion", **told) == 1
    assert bench.sample("mahlan_model_info", model="fast", role="part", **told) == 1
    assert bench.sample("mahlan_model_info", model="accurate", role="part", **told) == 1
    assert bench.sample("mahlan_model_info", model="fast", role="champion", **told) is None
    assert bench.health.detail["models"] == "champion both@1 (fast@1, accurate@1)"
    await bench.change(f'champion = "fast@1"\n{ENTRY}')
    assert bench.sample("mahlan_model_info", model="accurate", role="part", **told) is None


async def test_the_part_that_serves_already_is_kept_and_the_old_ones_leave(bench):
    fast = bench.scorer.lineup.models["fast@1"]
    await bench.change(BOTH)
    assert bench.scorer.lineup.champion.fast is fast
    await decided(bench.scorer, "odd")
    accurate = weakref.ref(bench.scorer.lineup.champion.accurate)
    await bench.change(f'champion = "fast@1"\n{ENTRY}')
    await decided(bench.scorer, "odd")
    assert bench.scorer.lineup.champion is fast
    assert accurate() is None
    assert bench.scorer.lineup.models.keys() == {"fast@1"}


async def test_another_band_is_applied_without_loading_anything(bench):
    await bench.change(BOTH)
    parts = bench.scorer.lineup.champion.fast, bench.scorer.lineup.champion.accurate
    await bench.change(BOTH.replace("[0.1, 0.9]", "[0.6, 0.9]"))
    assert await decided(bench.scorer, "odd") == [("fast@1", True)]
    assert (bench.scorer.lineup.champion.fast, bench.scorer.lineup.champion.accurate) == parts
    assert bench.sample("mahlan_model_swaps_total", result="done", reason="registry") == 2
    before = bench.scorer.lineup
    await bench.change("# a word more\n" + BOTH.replace("[0.1, 0.9]", "[0.6, 0.9]"))
    assert bench.scorer.lineup is before, "what is the same is no change"


def spoil_sum(models: Path) -> None:
    with (models / "accurate" / "1" / "model.onnx").open("ab") as file:
        file.write(b"0")


def spoil_golden(models: Path) -> None:
    line = json.dumps({"text": "odd", "scores": {}, "toxic": False})
    (models / "accurate" / "1" / "golden.jsonl").write_text(line + "\n")


SPOILT = [
    ("folder", lambda models: shutil.rmtree(models / "accurate" / "1"), "its part accurate@1: there is no model"),
    ("folder", spoil_sum, "its part accurate@1: files.model.onnx: the sha256 does not match"),
    ("golden", spoil_golden, "its part accurate@1: 1 of the 1 cases of golden.jsonl"),
    ("self_test", lambda models: put_part(models, "accurate@1", replace(ACCURATE, rows={"odd": (NAN, NAN)})),
     "its part accurate@1: "),
    ("cascade", lambda models: put_part(models, "accurate@1", replace(ACCURATE, labels=("toxicity", "insult"))),
     "accurate@1 has no label toxic"),
    ("cascade", lambda models: put_part(models, "both@1", FAST), "there is a model folder both@1 too"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "spoil", "message"), SPOILT)
async def test_a_cascade_with_a_bad_part_is_refused_as_a_whole(bench, models, reason, spoil, message):
    await decided(bench.scorer, "odd", "rude")
    spoil(models)
    await bench.change(BOTH)
    assert bench.refusals(reason) == 1
    assert message in bench.health.detail["refused"]
    assert bench.health.detail["refused"].startswith("both@1: ")
    assert await decided(bench.scorer, "odd") == [("fast@1", True)]
    assert bench.scorer.lineup.models.keys() == {"fast@1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOTH.replace("[0.1, 0.9]", "[0.9, 0.1]"), "upside down"),
        (BOTH + '[cascade."more@1"]\nfast = "fast@1"\naccurate = "both@1"\nband = [0, 1]\n', "is a cascade itself"),
        ('champion = "both@2"\n' + ENTRY, "there is no model both@2"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused(bench, text, message):
    await bench.change(text)
    assert message in bench.health.detail["refused"]
    assert await decided(bench.scorer, "odd") == [("fast@1", True)]


async def test_a_repaired_part_is_served_without_another_change(bench, models):
    good = (models / "accurate" / "1" / "model.onnx").read_bytes()
    spoil_sum(models)
    await bench.change(BOTH)
    assert bench.sample("mahlan_model_refused") == 1
    (models / "accurate" / "1" / "model.onnx").write_bytes(good)
    await bench.swapper.look()
    assert bench.sample("mahlan_model_refused") == 0
    assert bench.scorer.lineup.champion.name == "both@1"


async def test_as_a_canary_it_decides_for_its_authors(bench):
    await bench.change(f'champion = "fast@1"\ncanary = {{ model = "both@1", share = 0.3 }}\n{ENTRY}')
    outgoing = await bench.scorer.transform(as_records([comment(n, "odd", author=a) for n, a in enumerate(AUTHORS)]))
    for author, one in zip(AUTHORS, outgoing, strict=True):
        assert event(one).model == ("accurate@1" if in_trial(author, Trial("both@1", 0.3)) else "fast@1")


async def test_as_a_shadow_it_tells_what_it_would_escalate(bench):
    await bench.change(f'champion = "fast@1"\nshadow = "both@1"\n{ENTRY}')
    assert await decided(bench.scorer, "odd", "rude", "kind") == [
        ("fast@1", True), ("fast@1", True), ("fast@1", False),
    ]  # fmt: skip
    await settled(bench.scorer)
    assert stages(bench) == {"settled": 2, "escalated": 1}


async def test_a_language_can_have_a_cascade_of_its_own(bench):
    lines = '{ model = "fast@1" },\n{ model = "both@1", language = "ar" },\n'
    await bench.change(f"champion = [\n{lines}]\n{ENTRY}")
    comments = [comment(n, "odd", language=tag) for n, tag in enumerate(("en", "arz", "mixed"))]
    outgoing = await bench.scorer.transform(as_records(comments))
    assert [event(one).model for one in outgoing] == ["fast@1", "accurate@1", "fast@1"]


async def test_an_accurate_part_that_raises_costs_no_comment(bench):
    await bench.change(BOTH)

    def fail(_: object) -> None:
        raise MemoryError

    bench.scorer.lineup.models["accurate@1"].score = fail
    assert await decided(bench.scorer, "odd", "rude") == [("fast@1", True), ("fast@1", True)]
    assert stages(bench) == {"settled": 1, "fell_back": 1}


def test_a_start_passes_over_a_cascade_that_is_unfit(models):
    spoil_sum(models)
    put_registry(models, f'champion = [\n{{ model = "fast@1" }},\n{{ model = "both@1" }},\n]\n{ENTRY}')
    loaded = Loader(models).first()
    assert loaded.lineup.champion.name == "fast@1"
    assert [one.model for one in loaded.refused] == ["both@1"]


def test_a_start_and_a_pin_serve_a_cascade(models):
    put_registry(models, BOTH)
    assert isinstance(Loader(models).first().lineup.champion, Cascade)
    put_registry(models, f'champion = "fast@1"\n{ENTRY}')
    assert isinstance(Loader(models, pinned="both@1").first().lineup.champion, Cascade)


def test_the_whole_is_tested_beside_its_parts(models):
    put_registry(models, BOTH)
    cascade = Loader(models).first().lineup.champion
    assert self_test(cascade, [comment(0, "odd")], slowest=10.0) < 10.0
    asked: list[str] = []
    score = cascade.accurate.score
    cascade.accurate.score = lambda items: asked.append("yes") or score(items)
    self_test(cascade, [comment(0, "odd")], slowest=10.0)
    assert asked
