"""``mahlan models promote``, ``rollback``, ``status``, ``reference``: a folder of models in its way through service."""

from __future__ import annotations

import shutil

import orjson
import pytest

from mahlan.scoring.manifest import parse_manifest
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
    def run(*arguments: str, stdin: bytes = b"") -> tuple[int, list, str]:
        done = mahlan("models", *arguments, stdin=stdin, env={"MAHLAN_MODELS_DIR": str(folder)})
        return done.returncode, [orjson.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()

    return run


def champion(registry) -> str:
    return registry("status")[1][0]["models"][0]["model"]


def test_there_and_back_again(registry):
    code, [line], said = registry("promote", "words@2", "--reason", "أفضل")
    assert (code, line["model"], line["change"], line["reason"]) == (0, "words@2", "promote", "أفضل")
    assert "can be served" in said
    assert champion(registry) == "words@2"
    code, [line], _ = registry("rollback", "--reason", "worse")
    assert (code, line["model"], line["change"]) == (0, "words@1", "rollback")
    status = registry("status")[1][0]
    assert [entry["model"] for entry in status["history"]] == ["words@1", "words@2", "words@1"]
    assert [entry["reason"] for entry in status["history"]] == ["", "أفضل", "worse"]
    assert champion(registry) == "words@1"


def test_a_model_that_cannot_be_served_is_not_promoted(registry, folder):
    with (folder / "words" / "2" / "model.onnx").open("ab") as file:
        file.write(b"0")
    before = (folder / "registry.toml").read_text()
    code, lines, said = registry("promote", "words@2", "--reason", "new")
    assert (code, lines) == (1, [])
    assert "sha256 does not match" in said
    assert (folder / "registry.toml").read_text() == before


def test_a_manifest_with_another_name_is_not_promoted(registry, folder):
    shutil.copytree(folder / "words" / "1", folder / "words" / "3")
    code, _, said = registry("promote", "words@3", "--reason", "new")
    assert code == 1
    assert "says that it is words@1" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("promote", "wrods@2", "--reason", "x"), "did you mean words@2?"),
        (("promote", "words@2"), "Missing option '--reason'"),
        (("promote", "words@1", "--reason", "x"), "words@1 is the champion already"),
        (("rollback", "--reason", "x"), "no earlier champion"),
        (("promote", "words@2", "--reason", "x", "--language", "egy"), "is not one of"),
    ],
)
def test_what_cannot_be_done_is_said(registry, arguments, message):
    code, lines, said = registry(*arguments)
    assert (code, lines) == (2, [])
    assert message in said


def test_status_tells_every_role_and_what_is_wrong(registry, folder):
    (folder / "registry.toml").write_text(
        'champion = "words@1"\nshadow = "words@2"\ncanary = { model = "wrods@2", share = 0.05 }\n'
    )
    code, [told], _ = registry("status")
    rows = told["models"]
    assert code == 1
    assert [(row["role"], row["model"], row["decides"]) for row in rows] == [
        ("champion", "words@1", 1.0), ("canary", "wrods@2", 0.05), ("shadow", "words@2", 0.0),
    ]  # fmt: skip
    assert "did you mean words@2?" in rows[1]["problem"]
    assert rows[0]["drift"] == "not measured: no [reference]"


def test_a_reference_is_made_from_scored_lines_and_read_back(mahlan, folder):
    texts = ["you idiot", "good morning", "lovely day"] * 200
    lines = b"".join(orjson.dumps({"id": n, "text": text}) + b"\n" for n, text in enumerate(texts))
    env = {"MAHLAN_MODELS_DIR": str(folder)}
    scored = mahlan("score", stdin=lines, env=env).stdout
    made = mahlan("models", "reference", "--limit", "0.3", stdin=scored, env=env)
    assert made.returncode == 0
    manifest = folder / "words" / "2" / "manifest.toml"
    reference = parse_manifest(manifest.read_text() + made.stdout.decode()).reference
    assert reference is not None
    assert reference.limit == 0.3
    assert reference.scores["all"][-1] == pytest.approx(1 / 3, abs=1e-4)
    assert sum(reference.languages.values()) == pytest.approx(1.0)


def test_status_tells_from_where_drift_alerts_and_when_the_mix_of_languages_is_not_watched(registry, folder):
    manifest = folder / "words" / "1" / "manifest.toml"
    text = manifest.read_text()
    reference = '\n[reference]\nlabel = "toxic"\nlimit = 0.3\nedges = [0.5]\n{}\n[reference.scores]\nall = [0.9, 0.1]\n'
    for languages, told in (
        ("languages = { en = 1.0 }\n", "alerts over 0.3"),
        ("", "alerts over 0.3; of scores only: no reference.languages"),
    ):
        manifest.write_text(text + reference.format(languages))
        assert registry("status")[1][0]["models"][0]["drift"] == told


def test_a_reference_of_nothing_is_refused(mahlan):
    done = mahlan("models", "reference", stdin=b"not json\n{}\n")
    assert done.returncode == 2
    assert b"no line on standard input" in done.stderr
