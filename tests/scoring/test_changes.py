"""Changes of the registry: one line more, nothing else touched, nothing half written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mahlan.errors import ModelError
from mahlan.scoring.changes import Place, promote, rollback
from mahlan.scoring.registry import champion, read_registry

NOW = datetime(2026, 11, 23, 7, 30, 15, 123, tzinfo=UTC)
SHORT = '# Which model serves.\nchampion = "fast@1"  # for now\nshadow = ["slow@1"]\n'


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("fast/1", "fast/2", "fast/3", "slow/1"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "manifest.toml").touch()
    (tmp_path / "registry.toml").write_text(SHORT)
    return tmp_path


def text(models: Path) -> str:
    return (models / "registry.toml").read_text()


def promoted(models: Path, *names: str) -> None:
    for name in names:
        promote(Place(models), name, reason=f"try {name}", at=NOW)


def test_the_first_change_turns_the_name_into_a_history(models):
    promoted(models, "fast@2")
    assert text(models) == (
        "# Which model serves.\nchampion = [\n"
        '  { model = "fast@1" },\n'
        '  { model = "fast@2", at = 2026-11-23T07:30:15Z, reason = "try fast@2" },\n'
        ']\nshadow = ["slow@1"]\n'
    )
    assert champion(models) == "fast@2"


def test_every_later_change_is_one_line_more(models):
    promoted(models, "fast@2")
    before = text(models).splitlines()
    promoted(models, "fast@3")
    after = text(models).splitlines()
    assert [line for line in after if line not in before] == [
        '  { model = "fast@3", at = 2026-11-23T07:30:15Z, reason = "try fast@3" },'
    ]
    assert len(after) == len(before) + 1


def test_rollbacks_go_back_step_by_step_and_end(models):
    promoted(models, "fast@2", "fast@3")
    for expected in ("fast@2", "fast@1"):
        assert rollback(Place(models), reason="worse", at=NOW).model == expected
        assert champion(models) == expected
    with pytest.raises(ModelError, match="no earlier champion"):
        rollback(Place(models), reason="worse", at=NOW)
    assert [change.model for change in read_registry(models).changes] == [
        "fast@1",
        "fast@2",
        "fast@3",
        "fast@2",
        "fast@1",
    ]


def test_what_was_rolled_back_can_be_promoted_again(models):
    promoted(models, "fast@2")
    rollback(Place(models), reason="worse", at=NOW)
    promoted(models, "fast@2")
    assert rollback(Place(models), reason="worse after all", at=NOW).model == "fast@1"


def test_a_language_has_a_history_of_its_own(models):
    promote(Place(models), "slow@1", reason="knows English", at=NOW, language="en")
    promote(Place(models), "fast@2", reason="knows more English", at=NOW, language="en")
    routes = read_registry(models).routes
    assert routes.champions == {"default": "fast@1", "en": "fast@2"}
    assert rollback(Place(models), reason="does not", at=NOW, language="en").model == "slow@1"
    assert champion(models) == "fast@1"
    with pytest.raises(ModelError, match="no earlier champion of ar"):
        rollback(Place(models), reason="does not", at=NOW, language="ar")


@pytest.mark.parametrize(
    ("model", "reason", "message"),
    [
        ("fast@1", "again", "fast@1 is the champion already"),
        ("fsat@2", "new", r"did you mean fast@2\?"),
        ("fast@2", "  ", "a reason is one line"),
        ("fast@2", "two\nlines", "a reason is one line"),
    ],
)
def test_what_cannot_be_done_changes_nothing(models, model, reason, message):
    with pytest.raises(ModelError, match=message):
        promote(Place(models), model, reason=reason, at=NOW)
    assert text(models) == SHORT


@pytest.mark.parametrize("reason", ['says "better"', "أفضل في العامية", "a \\ b # c ] } , x = 1"])
def test_a_reason_may_hold_anything_that_prints(models, reason):
    promote(Place(models), "fast@2", reason=reason, at=NOW)
    promoted(models, "fast@3")
    assert read_registry(models).changes[1].reason == reason


def test_an_unusual_layout_is_refused_and_left(models):
    odd = 'champion = [{ model = "fast@1" }]\n'
    (models / "registry.toml").write_text(odd)
    with pytest.raises(ModelError, match="a line cannot be added here"):
        promoted(models, "fast@2")
    assert text(models) == odd


def test_changes_at_the_same_time_are_all_kept(models):
    names = [f"many@{number}" for number in range(12)]
    for name in names:
        folder = models / name.replace("@", "/")
        folder.mkdir(parents=True)
        (folder / "manifest.toml").touch()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: promoted(models, name), names))
    assert {change.model for change in read_registry(models).changes} == {"fast@1", *names}
    assert list(models.glob(".registry-*")) == []


def test_a_linked_registry_stays_a_link(models, tmp_path):
    real = tmp_path / "elsewhere.toml"
    (models / "registry.toml").rename(real)
    (models / "registry.toml").symlink_to(real)
    promoted(models, "fast@2")
    assert (models / "registry.toml").is_symlink()
    assert 'model = "fast@2"' in real.read_text()


def test_a_registry_elsewhere_is_the_one_that_changes(models, tmp_path):
    elsewhere = tmp_path / "config" / "registry.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text('champion = "fast@2"\n')
    promote(Place(models, elsewhere), "fast@3", reason="new", at=NOW)
    assert champion(models, elsewhere) == "fast@3"
    assert text(models) == SHORT
