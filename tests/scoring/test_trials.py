"""Canary and shadows put on and taken off: one line more in the registry, nothing else touched."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mahlan.core.routing import Trial
from mahlan.errors import ModelError
from mahlan.scoring.changes import Place, promote
from mahlan.scoring.registry import parse_registry, read_registry
from mahlan.scoring.trials import end_canary, end_shadow, start_canary, start_shadow

NOW = datetime(2026, 11, 23, 7, 30, 15, 123, tzinfo=UTC)
AT = "at = 2026-11-23T07:30:15Z"
CASCADE = '# both\n[cascade."both@1"]\nfast = "fast@1"\naccurate = "slow@1"\nband = [0.1, 0.9]  # chosen on dev\n'
SHORT = f'# Which model serves.\nchampion = "fast@1"  # for now\n\n{CASCADE}'


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("fast/1", "fast/2", "fast/3", "slow/1"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "manifest.toml").touch()
    (tmp_path / "registry.toml").write_text(SHORT)
    return tmp_path


def text(models: Path) -> str:
    return (models / "registry.toml").read_text()


def canary(models: Path, model: str = "fast@2", share: float = 0.05, **keys):
    return start_canary(Place(models), model, share=share, reason="try it", at=NOW, **keys)


def shadow(models: Path, model: str = "fast@2"):
    return start_shadow(Place(models), model, reason="compare", at=NOW)


def test_the_first_canary_goes_above_the_tables_and_leaves_every_comment(models):
    canary(models, languages=("arz", "en"))
    line = f'  {{ model = "fast@2", share = 0.05, languages = ["arz", "en"], {AT}, reason = "try it" }},\n'
    assert text(models) == SHORT.replace("# for now\n", f"# for now\ncanary = [\n{line}]\n")
    assert read_registry(models).routes.trial == Trial("fast@2", 0.05, languages=("arz", "en"))


def test_every_later_change_is_one_line_more(models):
    canary(models)
    before = text(models).splitlines()
    canary(models, share=0.2)
    end_canary(Place(models), reason="seen enough", at=NOW)
    after = text(models).splitlines()
    assert [line for line in after if line not in before] == [
        f'  {{ model = "fast@2", share = 0.2, {AT}, reason = "try it" }},',
        f'  {{ model = "fast@2", share = 0.0, {AT}, reason = "seen enough" }},',
    ]
    assert len(after) == len(before) + 2


def test_a_canary_that_was_taken_off_is_not_even_loaded(models):
    canary(models)
    assert read_registry(models).folders == ("fast@1", "fast@2")
    end_canary(Place(models), reason="enough", at=NOW)
    assert read_registry(models).routes.trial is None
    assert read_registry(models).folders == ("fast@1",)
    with pytest.raises(ModelError, match="there is no canary to take off"):
        end_canary(Place(models), reason="again", at=NOW)


def test_a_growing_canary_keeps_its_authors_and_languages_unless_told(models):
    registry = (
        'champion = "fast@1"\ncanary = { model = "fast@2", share = 0.1, salt = "spring", languages = ["ar"] } # c\n'
    )
    (models / "registry.toml").write_text(registry)
    canary(models, share=0.2)
    assert read_registry(models).routes.trial == Trial("fast@2", 0.2, "spring", ("ar",))
    assert '= [ # c\n  { model = "fast@2", share = 0.1, salt = "spring", languages = ["ar"] },\n' in text(models)
    canary(models, share=0.2, languages=())
    assert read_registry(models).routes.trial == Trial("fast@2", 0.2, "spring")
    canary(models, "fast@3")
    assert read_registry(models).routes.trial == Trial("fast@3", 0.05)


def test_a_cascade_can_be_canary_and_shadow(models):
    canary(models, "both@1")
    assert read_registry(models).folders == ("fast@1", "slow@1")
    end_canary(Place(models), reason="enough", at=NOW)
    shadow(models, "both@1")
    assert read_registry(models).shadows == ("both@1",)


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("", ""),
        ('shadow = "slow@1"  # since May\n', '  "slow@1",\n'),
        ('shadow = ["slow@1"]\n', '  "slow@1",\n'),
        ('shadow = [ "slow@1", "fast@3", ]\n', '  "slow@1", "fast@3",\n'),
        ("shadow = []\n", ""),
        ('shadow = [\n  "slow@1",  # ] odd\n]\n', '  "slow@1",  # ] odd\n'),
    ],
)
def test_a_shadow_is_added_to_those_there_are(models, before, kept):
    (models / "registry.toml").write_text(f'champion = "fast@1"\n{before}{CASCADE}')
    there = read_registry(models).shadows
    shadow(models)
    assert read_registry(models).shadows == (*there, "fast@2")
    assert f'{kept}  {{ model = "fast@2", {AT}, reason = "compare" }},\n]\n{CASCADE}' in text(models)
    assert ("# since May" in before) == ("# since May" in text(models))


def test_a_shadow_written_by_hand_is_taken_off_by_a_line(models):
    (models / "registry.toml").write_text('champion = "fast@1"\nshadow = ["slow@1", "fast@3"]\n')
    end_shadow(Place(models), "slow@1", reason="enough", at=NOW)
    assert read_registry(models).shadows == ("fast@3",)
    assert f'  {{ model = "slow@1", off = true, {AT}, reason = "enough" }},\n' in text(models)
    start_shadow(Place(models), "slow@1", reason="again", at=NOW)
    assert read_registry(models).shadows == ("fast@3", "slow@1")


def test_promoting_beside_a_canary_leaves_its_lines(models):
    canary(models)
    lines = [line for line in text(models).splitlines() if "try it" in line]
    promote(Place(models), "fast@2", reason="better", at=NOW)
    assert [line for line in text(models).splitlines() if "try it" in line] == lines
    assert read_registry(models).serving == "fast@2"


def test_a_file_without_a_last_newline_is_no_trap(models):
    (models / "registry.toml").write_text('champion = "fast@1"')
    canary(models)
    assert text(models).startswith('champion = "fast@1"\ncanary = [\n')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: canary(m, "fsat@2"), r"did you mean fast@2\?"),
        (lambda m: canary(m, "fast@1"), "fast@1 is the champion there already"),
        (lambda m: canary(m, share=0.0), "above 0 and at most 1"),
        (lambda m: canary(m, share=1.5), "above 0 and at most 1"),
        (lambda m: start_canary(Place(m), "fast@2", share=0.1, reason="two\nlines", at=NOW), "one line of plain text"),
        (lambda m: end_canary(Place(m), reason="x", at=NOW), "there is no canary"),
        (lambda m: shadow(m, "fast@1"), "fast@1 decides on comments already"),
        (lambda m: shadow(m, "fast@9"), "there is no model fast@9"),
        (lambda m: end_shadow(Place(m), "fast@2", reason="x", at=NOW), "fast@2 is no shadow; there are none"),
    ],
)
def test_what_cannot_be_done_changes_nothing(models, change, message):
    with pytest.raises(ModelError, match=message):
        change(models)
    assert text(models) == SHORT


def test_the_same_again_is_refused(models):
    canary(models)
    with pytest.raises(ModelError, match=r"fast@2 is the canary for 0\.05 of the authors already"):
        canary(models)
    with pytest.raises(ModelError, match="the canary is fast@2, not fast@3"):
        end_canary(Place(models), model="fast@3", reason="x", at=NOW)
    shadow(models, "fast@3")
    with pytest.raises(ModelError, match="fast@3 is a shadow already"):
        shadow(models, "fast@3")
    with pytest.raises(ModelError, match=r"fast@4 is no shadow \(did you mean 'fast@3'\?\)"):
        end_shadow(Place(models), "fast@4", reason="x", at=NOW)


@pytest.mark.parametrize(
    "odd",
    [
        'champion = "fast@1"\n[canary]\nmodel = "slow@1"\nshare = 0.1\n',
        'champion = "fast@1"\n"canary" = { model = "slow@1", share = 0.1 }\n',
        'champion = "fast@1"\ncanary = [\n  { model = "slow@1", share = 0.1 }\n]\n',
        'champion = "fast@1"\ncanary = [\n  { model = "slow@1", share = 0.1 }, ]\n',
    ],
)
def test_an_unusual_layout_is_refused_with_the_fix_and_left(models, odd):
    (models / "registry.toml").write_text(odd)
    parse_registry(odd.encode())
    with pytest.raises(ModelError, match=r"cannot be added here; write canary = \["):
        canary(models)
    assert text(models) == odd


@pytest.mark.parametrize("reason", ['says "better"', "أفضل في العامية", "a \\ b # c ] } , x = 1"])
def test_a_reason_may_hold_anything_that_prints(models, reason):
    start_canary(Place(models), "fast@2", share=0.1, reason=reason, at=NOW)
    start_shadow(Place(models), "fast@3", reason=reason, at=NOW)
    canary(models, share=0.2)
    registry = read_registry(models)
    assert (registry.canaries[0].reason, registry.shadow_lines[0].reason) == (reason, reason)
