"""Cascades in the registry: what a mistake is answered with, and that changes of the file leave them alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mahlan.errors import ModelError
from mahlan.scoring.cascade import Cascade
from mahlan.scoring.changes import Place, promote, rollback
from mahlan.scoring.manifest import read_manifest
from mahlan.scoring.plan import doubts
from mahlan.scoring.registry import find_model, parse_registry, read_registry
from mahlan.scoring.served import find_served, load_served
from tests.scoring.cascades import ENTRY, plan, put_parts

CHAMPION = 'champion = "both@1"\n'
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    put_parts(tmp_path)
    (tmp_path / "registry.toml").write_text(f'# who serves\nchampion = "fast@1"\n\n{ENTRY}')
    return tmp_path


def test_a_cascade_is_read_with_its_defaults() -> None:
    registry = parse_registry((CHAMPION + ENTRY).encode())
    assert registry.cascade == {"both@1": plan()}
    assert registry.serving == "both@1"
    assert registry.folders == ("fast@1", "accurate@1")


def test_a_band_by_language_and_stacking_are_read() -> None:
    text = ENTRY.replace("[0.1, 0.9]", "{ default = [0.1, 0.9], arz = [0.05, 1.0] }")
    text += "weight_fast = 0.3\nscale = 1.2\noffset = -0.1\n"
    read = parse_registry((CHAMPION + text).encode()).cascade["both@1"]
    assert read == plan(band={"default": (0.1, 0.9), "arz": (0.05, 1.0)}, weight_fast=0.3, scale=1.2, offset=-0.1)
    assert [read.band_of(tag) for tag in ("arz-Latn", "ar", "en")] == [(0.05, 1.0), (0.1, 0.9), (0.1, 0.9)]


def entry(**changed: str) -> str:
    keys = {"fast": '"fast@1"', "accurate": '"accurate@1"', "band": "[0.1, 0.9]"} | changed
    return '[cascade."both@1"]\n' + "".join(f"{key} = {value}\n" for key, value in keys.items())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (entry(band="[0.9, 0.1]"), r"both@1\.band\.default: 0\.9 to 0\.1 is upside down: write \[0\.1, 0\.9\]"),
        (entry(band="{ default = [0, 1], en = [0.8, 0.2] }"), r"band\.en: 0\.8 to 0\.2 is upside down"),
        (entry(band="{ en = [0.2, 0.8] }"), r"band\.default is missing"),
        (entry(band="0.5"), r"cascade\.both@1\.band: must be two scores like"),
        (entry(band="[0.1, 1.9]"), r"cascade\.both@1\.band: must be two scores like"),
        (entry(accurate='"fast@1"'), r"cascade\.both@1\.accurate: fast@1 is the fast one too"),
        (entry(accurate='"accurate"'), r'cascade\.both@1\.accurate: must be a text like "fast@1"'),
        (entry(fast='"both@1"'), r"cascade\.both@1\.fast: both@1 is a cascade itself; a part must be one model"),
        (
            entry() + entry(accurate='"both@1"').replace("both@1", "more@1", 1),
            r"cascade\.more@1\.accurate: both@1 is a cascade itself",
        ),
        (entry(weight_fst="0.3"), r"cascade\.both@1\.weight_fst: no such key \(did you mean 'weight_fast'\?\)"),
        (entry(weight_fast="1.0"), r"cascade\.both@1\.weight_fast: .*< 1"),
        (entry(doubt='"implicit"'), r"cascade\.both@1\.doubt: must be a label of the fast model and a score"),
        (entry(doubt='{ label = "implicit" }'), r"both@1\.doubt: must be a label of the fast model and a score"),
        (entry(doubt='{ label = "x", lest = 0.2 }'), r"both@1\.doubt\.lest: no such key \(did you mean 'least'\?\)"),
        (entry(doubt_above='"implicit"'), r"both@1\.doubt_above: must be a label of the fast model and a score"),
        (entry(doubt_above='{ label = "x", lest = 0.2 }'), r"both@1\.doubt_above\.lest: no such key \(did you mean"),
        (entry(scale="2.0"), r"cascade\.both@1\.scale: only with weight_fast"),
        (entry(weight_fast="0.1", scale="0.0"), r"cascade\.both@1\.scale: .*> 0"),
        ('[cascade."both@1"]\nfast = "fast@1"\nband = [0, 1]\n', r"cascade\.both@1\.accurate is missing"),
        (entry().replace("both@1", "both"), r'cascade\.both: a cascade is called as a model is: \[cascade."both@1"\]'),
        ("cascade = 1\n", r"cascade: must be tables"),
        ('[cascade]\n"both@1" = 1\n', r"cascade\.both@1: expected `object`"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_the_fix(models: Path, text: str, message: str) -> None:
    (models / "registry.toml").write_text('champion = "fast@1"\n' + text)
    with pytest.raises(ModelError, match=message):
        read_registry(models)


def test_a_cascade_is_found_and_loaded_like_a_model(models: Path) -> None:
    found = find_served(models, "both@1")
    assert found.folders == (models / "fast" / "1", models / "accurate" / "1")
    loaded = load_served(found)
    assert isinstance(loaded, Cascade)
    assert (loaded.name, loaded.labels) == ("both@1", ("toxic", "insult"))
    assert find_served(models).name == "fast@1"
    assert find_served(models, "fast").name == "fast@1"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("boht@1", r"did you mean 'both@1'\?"),
        ("x@1", r"there are accurate@1, fast@1"),
        ("fats@1", r"did you mean fast@1"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(models: Path, wanted: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        find_served(models, wanted)


def test_who_wants_one_folder_of_a_cascade_is_told_the_parts(models: Path) -> None:
    (models / "registry.toml").write_text(CHAMPION + ENTRY)
    with pytest.raises(ModelError, match="champion both@1 is a cascade, not one model: name fast@1 or accurate@1"):
        find_model(models)


def test_promoting_and_rolling_back_leave_the_tables_as_they_are(models: Path) -> None:
    place = Place(models)
    promote(place, "both@1", reason="surer", at=NOW)
    assert read_registry(models).serving == "both@1"
    rollback(place, reason="slower", at=NOW)
    registry = read_registry(models)
    assert registry.serving == "fast@1"
    assert registry.cascade == {"both@1": plan()}
    assert (models / "registry.toml").read_text().endswith(ENTRY)
    assert (models / "registry.toml").read_text().startswith("# who serves\n")


def test_a_cascade_without_its_parts_is_not_promoted(models: Path) -> None:
    before = (models / "registry.toml").read_text().replace("accurate@1", "accurate@2")
    (models / "registry.toml").write_text(before)
    with pytest.raises(ModelError, match=r"there is no model accurate@2 in .*did you mean accurate@1"):
        promote(Place(models), "both@1", reason="surer", at=NOW)
    assert (models / "registry.toml").read_text() == before


def test_a_band_beside_the_threshold_is_doubted(models: Path) -> None:
    fast = read_manifest(models / "fast" / "1")
    assert list(doubts(plan(), fast)) == []
    (doubt,) = doubts(plan(band=(0.6, 0.9)), fast)
    assert "0.6 to 0.9 leaves out 0.5, where fast@1 turns to toxic" in doubt
