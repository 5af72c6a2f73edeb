"""Which model serves: the registry's champion, or the one asked for by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahlan.core.routing import Trial
from mahlan.errors import ModelError
from mahlan.scoring.registry import find_model, list_models, read_registry


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("fast/1", "words/1", "words/2"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "manifest.toml").touch()
    (tmp_path / "notes" / "1").mkdir(parents=True)
    (tmp_path / "registry.toml").write_text('champion = "words@2"\n')
    return tmp_path


def test_the_champion_is_the_default(models: Path) -> None:
    assert find_model(models) == models / "words" / "2"
    assert [(entry.name, entry.champion) for entry in list_models(models)] == [
        ("fast@1", False), ("words@1", False), ("words@2", True),
    ]  # fmt: skip


def test_a_model_is_found_by_name_and_version_or_by_its_only_version(models: Path) -> None:
    assert find_model(models, "words@1") == models / "words" / "1"
    assert find_model(models, "fast") == models / "fast" / "1"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("words", r"say which version: words@1, words@2"),
        ("wrods@1", r"did you mean words@1\?"),
        ("x", r"there are fast@1, words@1, words@2"),
        ("../fast@1", r"there is no model"),
    ],
)
def test_a_model_that_is_not_there_is_answered_with_those_that_are(models: Path, wanted: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        find_model(models, wanted)


@pytest.mark.parametrize("text", ["", "champion = 1", 'champion = "fast"', "champion ="])
def test_a_wrong_registry_is_named(models: Path, text: str) -> None:
    (models / "registry.toml").write_text(text)
    with pytest.raises(ModelError, match=r"registry\.toml"):
        find_model(models)


def test_a_missing_registry_is_named_and_only_needed_for_the_default(models: Path) -> None:
    (models / "registry.toml").unlink()
    assert find_model(models, "fast@1") == models / "fast" / "1"
    assert len(list_models(models)) == 3
    with pytest.raises(ModelError, match=r"registry\.toml is missing: write one line"):
        find_model(models)


FULL = """
champion = [
  { model = "fast@1" },
  { model = "words@2", at = 2026-11-23T07:00:00Z, reason = "better" },
  { model = "words@1", language = "en" },
]
shadow = "words@1"
canary = { model = "fast@1", share = 0.05, languages = ["ar"] }
"""


def test_champions_by_language_a_canary_and_shadows(models: Path) -> None:
    (models / "registry.toml").write_text(FULL)
    registry = read_registry(models)
    assert registry.routes.champions == {"default": "words@2", "en": "words@1"}
    assert registry.routes.trial == Trial("fast@1", 0.05, languages=("ar",))
    assert registry.shadows == ("words@1",)
    assert registry.deciding == ("words@2", "words@1", "fast@1")
    assert find_model(models) == models / "words" / "2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('champion = "fast@1"\nshadows = []\n', r"shadows: no such key \(did you mean 'shadow'\?\)"),
        ('champion = "fast@1"\ncanary = { model = "fast@1", shre = 0.1 }\n', r"canary\.shre: no such key.*'share'"),
        ('champion = [{ model = "fast@1", reasn = "x" }]\n', r"champion\[0\]\.reasn: no such key.*'reason'"),
        ('champion = "fast@1"\ncanary = { model = "fast@1" }\n', r"canary\.share is missing"),
        ('champion = "fast@1"\ncanary = { model = "fast@1", share = 5 }\n', r"canary\.share: .*<= 1"),
        ('champion = "fast@1"\nshadow = ["fast"]\n', r'shadow.*must be a text like "fast@1"'),
        ('champion = [{ model = "fast@1", language = "en" }]\n', r"champion: no line without a language"),
        ('champion = [{ model = "fast@1", language = "a_b" }]\n', r'language: must be a tag like "arz-Latn"'),
        ("champion = []\n", r"champion: no line without a language"),
        ("", r'champion is missing: champion = "fast@1"'),
        ("champion = 1\n", r'champion: must be a text like "fast@1"'),
    ],
)
def test_a_mistake_is_named_with_the_fix(models: Path, text: str, message: str) -> None:
    (models / "registry.toml").write_text(text)
    with pytest.raises(ModelError, match=message):
        read_registry(models)


HISTORIES = """
champion = "fast@1"
shadow = [
  "words@1",
  { model = "words@2", at = 2026-11-23T07:00:00Z, reason = "compare" },
  { model = "words@1", off = true },
]
canary = [
  { model = "words@1", share = 0.05 },
  { model = "words@2", share = 0.1, reason = "another" },
]
"""


def test_the_last_line_of_a_history_counts(models: Path) -> None:
    (models / "registry.toml").write_text(HISTORIES)
    registry = read_registry(models)
    assert registry.shadows == ("words@2",)
    assert registry.routes.trial == Trial("words@2", 0.1)
    assert registry.folders == ("fast@1", "words@2")
    (models / "registry.toml").write_text(HISTORIES.replace("0.1,", "0.0,"))
    assert read_registry(models).routes.trial is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('shadow = [{ model = "fast@1", of = true }]\n', r"shadow\[0\]\.of: no such key.*'off'"),
        ('canary = [{ model = "fast@1", shre = 0.1 }]\n', r"canary\[0\]\.shre: no such key.*'share'"),
        ('canary = [{ model = "fast@1" }]\n', r"canary\[.*\]\.share is missing"),
        ("shadow = [{ off = true }]\n", r"shadow\[.*\]\.model is missing"),
    ],
)
def test_a_mistake_in_a_history_is_named(models: Path, text: str, message: str) -> None:
    (models / "registry.toml").write_text(f'champion = "fast@1"\n{text}')
    with pytest.raises(ModelError, match=message):
        read_registry(models)
