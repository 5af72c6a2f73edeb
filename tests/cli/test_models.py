"""``mahlan models`` on a folder that is right, on broken ones and on a bare export."""

from __future__ import annotations

import shutil

import orjson
import pytest


@pytest.fixture
def folder(models, tmp_path):
    return shutil.copytree(models / "words" / "1", tmp_path / "words" / "1")


def checked(mahlan, *arguments: str) -> tuple[int, dict]:
    done = mahlan("models", "check", *arguments, "--seconds", "0")
    return done.returncode, orjson.loads(done.stdout)


def test_list_names_the_champion(mahlan, models):
    (row,) = [orjson.loads(line) for line in mahlan("models", "list").stdout.splitlines()]
    assert (row["model"], row["champion"], row["labels"]) == ("words@1", True, ["toxic"])
    assert row["folder"] == str(models / "words" / "1")


def test_a_good_folder_by_path_and_by_name(mahlan, folder):
    for argument in (str(folder), "words@1"):
        code, report = checked(mahlan, argument)
        assert (code, report["ok"], report["model"]) == (0, True, "words@1")
        assert not [finding for finding in report["findings"] if finding["level"] == "error"]


def test_a_changed_graph_is_an_error(mahlan, folder):
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\0")
    code, report = checked(mahlan, str(folder))
    assert (code, report["ok"]) == (1, False)
    assert any("sha256" in finding["text"] for finding in report["findings"])


def test_a_bare_export_gets_a_manifest_suggested(mahlan, folder):
    (folder / "manifest.toml").unlink()
    code, report = checked(mahlan, str(folder))
    assert code == 1
    assert "[input]" in report["suggested_manifest"]


def test_a_folder_that_is_not_there(mahlan, tmp_path):
    code, report = checked(mahlan, str(tmp_path / "nowhere"))
    assert code == 1
    assert "not a directory" in report["findings"][0]["text"]
