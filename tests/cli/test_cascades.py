"""The commands on a cascade: whether it can be served, who serves, what it says of a text and which part said so."""

from __future__ import annotations

import orjson
import pytest

from tests.scoring.cascades import ENTRY, INPUTS, put_part, put_parts
from tests.scoring.folders import Export

TEXTS = ("rude", "odd", "kind")


@pytest.fixture
def folder(tmp_path):
    put_parts(tmp_path / "models")
    (tmp_path / "models" / "registry.toml").write_text(f'champion = "fast@1"\n{ENTRY}')
    return tmp_path / "models"


@pytest.fixture
def run(mahlan, folder):
    def run(*arguments: str, stdin: bytes = b"") -> tuple[int, list, str]:
        done = mahlan(*arguments, stdin=stdin, env={"MAHLAN_MODELS_DIR": str(folder)})
        return done.returncode, [orjson.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()

    return run


def lines(*texts: str) -> bytes:
    return b"".join(orjson.dumps({"id": n, "text": text}) + b"\n" for n, text in enumerate(texts))


def test_score_tells_which_model_decided(run):
    code, told, _ = run("score", "--model", "both@1", stdin=lines(*TEXTS))
    assert code == 0
    assert [line["model"] for line in told] == ["fast@1", "accurate@1", "fast@1"]
    assert [line["verdict"]["toxic"] for line in told] == [True, True, False]
    assert [sorted(line["scores"]) for line in told] == [["toxic"], ["insult", "toxic"], ["toxic"]]
    assert run("score", "--model", "fast@1", stdin=lines(*TEXTS))[1][0] == told[0]
    assert run("score", "--model", "accurate@1", stdin=lines(*TEXTS))[1][1] == told[1]


def test_score_takes_a_cascade_into_its_worker_processes(run):
    _, together, _ = run("score", "--model", "both@1", "--jobs", "2", stdin=lines(*TEXTS))
    assert together == run("score", "--model", "both@1", stdin=lines(*TEXTS))[1]


def test_check_names_the_part_that_decided(run):
    _, [told], _ = run("check", "--model", "both@1", "odd")
    assert told["model"] == "accurate@1"
    assert run("check", "--model", "both@1", "rude")[1][0]["model"] == "fast@1"


def test_a_cascade_is_promoted_served_and_rolled_back(run):
    code, [change], said = run("models", "promote", "both@1", "--reason", "surer")
    assert (code, change["model"]) == (0, "both@1")
    assert said.count("can be served") == 3
    code, [status], _ = run("models", "status")
    [role] = status["models"]
    assert (code, role["model"], role["parts"], role["band"]) == (
        0, "both@1", ["fast@1", "accurate@1"], "default 0.1 to 0.9",
    )  # fmt: skip
    assert [line["model"] for line in run("score", stdin=lines("odd"))[1]] == ["accurate@1"]
    listed = {row["model"]: row for row in run("models", "list")[1]}
    assert listed["both@1"]["champion"] is True
    assert listed["both@1"]["folder"] == "cascade of fast@1 and accurate@1"
    assert run("models", "rollback", "--reason", "slower")[1][0]["model"] == "fast@1"


def test_check_of_a_cascade_checks_both_parts_and_the_whole(run):
    code, reports, _ = run("models", "check", "both@1", "--seconds", "0")
    assert code == 0
    assert [(report["model"], report["ok"]) for report in reports] == [
        ("fast@1", True), ("accurate@1", True), ("both@1", True),
    ]  # fmt: skip


def test_parts_that_do_not_go_together_are_not_promoted(run, folder):
    put_part(folder, "accurate@1", Export(labels=("toxicity",), activation="sigmoid", rows={}, inputs=INPUTS))
    put_part(folder, "fast@1", Export(labels=("toxic", "threat"), activation="sigmoid", rows={}, inputs=INPUTS))
    code, reports, _ = run("models", "check", "both@1", "--seconds", "0")
    assert code == 1
    found = " ".join(finding["text"] for finding in reports[-1]["findings"])
    assert "accurate@1 has no label toxic (did you mean 'toxicity'?)" in found
    assert "fast@1 decides on threat, which accurate@1 does not have" in found
    before = (folder / "registry.toml").read_text()
    code, told, said = run("models", "promote", "both@1", "--reason", "surer")
    assert (code, told) == (1, [])
    assert "both@1: cannot be served" in said
    assert (folder / "registry.toml").read_text() == before


def test_a_part_that_cannot_be_served_is_named(run, folder):
    with (folder / "accurate" / "1" / "model.onnx").open("ab") as file:
        file.write(b"0")
    code, reports, _ = run("models", "check", "both@1", "--seconds", "0")
    assert code == 1
    assert reports[-1]["findings"][0]["text"] == "its part accurate@1 cannot be served"
    assert [report["ok"] for report in reports] == [True, False, False]


def test_status_tells_what_is_wrong_with_a_part(run, folder):
    (folder / "registry.toml").write_text('champion = "both@1"\n' + ENTRY.replace("accurate@1", "acurate@1"))
    code, [status], _ = run("models", "status")
    assert code == 1
    assert "did you mean accurate@1?" in status["models"][0]["problem"]


def test_status_tells_from_where_on_the_fast_model_is_doubted(run, folder):
    doubting = 'doubt = { label = "toxic", least = 0.2 }\ndoubt_above = { label = "toxic", least = 0.99 }\n'
    (folder / "registry.toml").write_text(f'champion = "both@1"\n{ENTRY}{doubting}')
    code, [status], _ = run("models", "status")
    assert (code, status["models"][0]["band"]) == (
        0,
        "default 0.1 to 0.9; below it toxic from 0.2; above it toxic from 0.99",
    )
