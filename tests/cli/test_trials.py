"""``mahlan models canary`` and ``shadow``, as a new user types them."""

from __future__ import annotations

import shutil

import orjson
import pytest

from tests.cli.word_model import build_models


@pytest.fixture
def folder(tmp_path):
    """words@1 serves, words@2 is its copy."""
    folder = build_models(tmp_path / "models")
    shutil.copytree(folder / "words" / "1", folder / "words" / "2")
    manifest = folder / "words" / "2" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('version = "1"', 'version = "2"'))
    return folder


@pytest.fixture
def registry(mahlan, folder):
    def run(*arguments: str) -> tuple[int, list, str]:
        done = mahlan("models", *arguments, env={"MAHLAN_MODELS_DIR": str(folder)})
        return done.returncode, [orjson.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()

    return run


def roles(registry) -> list[tuple[str, str, str, float]]:
    rows = registry("status")[1][0]["models"]
    return [(row["role"], row["model"], row["language"], row["decides"]) for row in rows]


def test_a_canary_comes_grows_and_goes(registry):
    code, [line], said = registry("canary", "words@2", "--share", "0.05", "--language", "arz", "--reason", "أفضل")
    assert (code, line["change"], line["decides"], line["language"]) == (0, "canary", 0.05, "arz")
    assert "can be served" in said
    assert roles(registry)[1] == ("canary", "words@2", "arz", 0.05)
    registry("canary", "words@2", "--share", "0.2", "--language", "default", "--reason", "good")
    assert roles(registry)[1] == ("canary", "words@2", "default", 0.2)
    code, [line], _ = registry("canary", "--off", "--reason", "worse")
    assert (code, line["model"], line["change"]) == (0, "words@2", "canary off")
    assert [row[0] for row in roles(registry)] == ["champion"]
    history = registry("status")[1][0]["history"]
    assert [(row["change"], row["reason"]) for row in history] == [
        ("promote", ""), ("canary", "أفضل"), ("canary", "good"), ("canary off", "worse"),
    ]  # fmt: skip


def test_a_shadow_comes_and_goes(registry):
    code, [line], _ = registry("shadow", "words@2", "--reason", "compare")
    assert (code, line["change"]) == (0, "shadow")
    assert roles(registry)[1] == ("shadow", "words@2", "default", 0.0)
    code, [line], _ = registry("shadow", "words@2", "--off", "--reason", "enough")
    assert (code, line["change"]) == (0, "shadow off")
    assert len(roles(registry)) == 1


@pytest.mark.parametrize("command", [("canary", "words@2", "--share", "0.1"), ("shadow", "words@2")])
def test_a_model_that_cannot_be_served_is_not_tried(registry, folder, command):
    with (folder / "words" / "2" / "model.onnx").open("ab") as file:
        file.write(b"0")
    before = (folder / "registry.toml").read_text()
    code, lines, said = registry(*command, "--reason", "new")
    assert (code, lines) == (1, [])
    assert "sha256 does not match" in said
    assert (folder / "registry.toml").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("canary", "--reason", "x"), "or take the canary off with --off"),
        (("canary", "words@2", "--reason", "x"), "--share 0.05 is one in twenty"),
        (("canary", "words@2", "--share", "5", "--reason", "x"), "not in the range 0<x<=1"),
        (("canary", "--off", "--share", "0.1", "--reason", "x"), "leave out --share and --language"),
        (("canary", "--off", "--reason", "x"), "there is no canary to take off"),
        (("canary", "words@2", "--share", "0.1"), "Missing option '--reason'"),
        (("canary", "wrods@2", "--share", "0.1", "--reason", "x"), "did you mean words@2?"),
        (("shadow", "words@1", "--reason", "x"), "words@1 decides on comments already"),
        (("shadow", "words@2", "--off", "--reason", "x"), "words@2 is no shadow; there are none"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_fix(registry, arguments, message):
    code, lines, said = registry(*arguments)
    assert (code, lines) == (2, [])
    assert message in " ".join(said.split())
