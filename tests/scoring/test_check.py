"""``mahlan models check``: what is wrong with a folder, in plain words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mahlan.scoring.check import Report, check_folder
from mahlan.scoring.manifest import parse_manifest
from tests.scoring.folders import Export


def check(folder: Path) -> Report:
    return check_folder(folder, seconds=0)


def words(report: Report) -> str:
    return "\n".join(report.lines())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Export().write(tmp_path / "words" / "1")


def test_a_good_folder_can_be_served_and_its_speed_is_measured(folder: Path) -> None:
    report = check_folder(folder, seconds=0.01)
    assert report.ok
    assert report.name == "words@1"
    assert report.speed is not None
    assert report.speed > 0
    assert "words@1: can be served" in words(report)


def test_what_is_missing_is_listed(tmp_path: Path) -> None:
    report = check(tmp_path / "nowhere")
    assert not report.ok
    assert "is not a directory" in words(report)
    (tmp_path / "empty").mkdir()
    said = words(check(tmp_path / "empty"))
    assert all(f"{name} is missing" in said for name in ("model.onnx", "tokenizer.json", "manifest.toml"))


def test_a_folder_without_a_manifest_gets_one_that_loads(folder: Path) -> None:
    (folder / "manifest.toml").unlink()
    (folder / "config.json").write_text(json.dumps({"id2label": {"0": "neutral", "1": "offensive", "2": "hate"}}))
    report = check(folder)
    assert not report.ok
    assert report.manifest is not None
    manifest = parse_manifest(report.manifest)
    assert manifest.output.labels == ("neutral", "offensive", "hate")
    (folder / "manifest.toml").write_text(report.manifest)
    assert check(folder).ok


def test_a_changed_file_is_found_by_its_sum_and_not_loaded(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"x")
    said = words(check(folder))
    assert "files.model.onnx: the sha256 does not match" in said
    assert "cannot be loaded" not in said


def test_a_vocabulary_beyond_the_embedding_is_named(tmp_path: Path) -> None:
    report = check(Export(known=7).write(tmp_path / "words" / "1"))
    assert not report.ok
    assert "gives ids up to 7, which the graph cannot take" in words(report)


def test_a_tokenizer_that_knows_nothing_is_named(folder: Path) -> None:
    assert "of the tokens of plain comments are unknown" in words(check(folder))


def test_numbers_that_are_none_are_named(tmp_path: Path) -> None:
    export = Export(rows={"[UNK]": (float("nan"), 0.0, 0.0)})
    assert "plain comments are not numbers" in words(check(export.write(tmp_path / "words" / "1")))


def test_logits_called_probabilities_are_named(tmp_path: Path) -> None:
    export = Export(activation="none", rows={"[UNK]": (5.0, 0.0, 0.0)})
    assert "outside 0..1" in words(check(export.write(tmp_path / "words" / "1")))


def test_a_folder_by_another_name_is_named(folder: Path) -> None:
    report = check(folder.rename(folder.parent / "2"))
    assert report.ok
    assert "the manifest says words@1, but the folder is words/2" in words(report)


def golden(folder: Path, **changes: object) -> Report:
    case = {"text": "rude rude", "scores": {"toxic": 0.9975}, "toxic": True, **changes}
    (folder / "golden.jsonl").write_text(json.dumps(case) + "\n")
    return check(folder)


def test_a_golden_file_that_holds_passes(folder: Path) -> None:
    report = golden(folder)
    assert report.ok
    assert "golden: 1 of 1 as the file says" in words(report)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"scores": {"toxic": 0.5}}, r"toxic is 0.998, the file says 0.500"),
        ({"scores": {"insult": 0.5}}, r"the model has no label insult"),
        ({"toxic": False}, r"the verdict is toxic, the file says otherwise"),
    ],
)
def test_a_golden_case_that_differs_fails_the_folder(folder: Path, changes: dict[str, object], problem: str) -> None:
    report = golden(folder, **changes)
    assert not report.ok
    assert problem in words(report)


def test_a_golden_line_that_is_no_case_is_named(folder: Path) -> None:
    (folder / "golden.jsonl").write_text('{"text": "x"}\n')
    assert "golden.jsonl line 1" in words(check(folder))
