"""The command: what it writes and leaves alone, what it compares with, and its three exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mahlan.core.normalise import normalise
from mahlan.scoring.registry import parse_registry
from tests.scorer.lineups import put_model, put_registry
from tests.training.labelled import write_data
from training.evaluation import parts
from training.evaluation.choice import predecessor_name
from training.evaluation.command import main
from training.evaluation.dev_rows import DataError, read_dev, sample
from training.evaluation.model_card import BEGIN, END, CardError, replaced
from training.evaluation.report import PARTS, Report
from training.invented import Case

UNKNOWN = (1.0, 0.0, 0.0)
SHARP = {"[UNK]": UNKNOWN, "kind": (3.0, 0.0, 0.0), "rude": (0.0, 5.0, 0.0), "vile": (0.0, 0.0, 6.0)}
#: Does not know that "vile" is.
DULL = {**SHARP, "vile": UNKNOWN}
HISTORY = 'champion = [{ model = "words@1" }, { model = "words@2" }]\n'


@pytest.fixture(autouse=True)
def few_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that takes no time."""
    cases = [Case(f"en-{n}", text, "en", "some", f"{n}", toxic, {}, "test")
             for n, (text, toxic) in enumerate([("so rude", 1), ("so kind", 0)])]  # fmt: skip
    monkeypatch.setattr(parts, "read_cases", lambda part: cases)
    monkeypatch.setattr(parts, "read_pairs", list)
    monkeypatch.setattr(parts.groups, "read_groups", lambda: cases)
    monkeypatch.setattr(parts.speed, "invented_items", lambda: [normalise("so kind")])


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    put_model(folder, "words@1", SHARP)
    put_model(folder, "words@2", SHARP)
    put_model(folder, "words@3", DULL)
    put_registry(folder, HISTORY)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("rows") / "data")


def test_green_for_the_same_and_everything_is_written(models: Path, data: Path, capsys) -> None:
    card = models / "words" / "2" / "MODEL_CARD.md"
    card.write_text(f"# words@2\n\nBy hand.\n\n{BEGIN}\nstale\n{END}\n\nBy hand too.\n")
    assert main(["--models", f"{models}", "--data", f"{data}"]) == 0
    text = card.read_text()
    assert text.startswith("# words@2\n\nBy hand.\n")
    assert text.endswith("\n\nBy hand too.\n")
    assert "stale" not in text
    for name in PARTS:
        assert f"--only {name}`" in text or name == "fairness"
    told = json.loads((models / "words" / "2" / "eval.json").read_text())
    assert (told["model"], told["gate"]["against"], told["gate"]["worse"]) == ("words@2", "words@1", False)
    assert told["data"]["rows"] == 480
    whole = told["rows"][0]
    assert whole["macro_f1"][0] == 1.0
    assert (whole["rows"], whole["toxic"], whole["nudged"]) == (480, 240, 240)
    assert told["labels"][0]["rows"] == 480
    assert "nothing got worse" in capsys.readouterr().out


def test_red_for_a_worse_one_that_was_promoted(models: Path, data: Path, capsys) -> None:
    put_registry(models, HISTORY.replace("words@2", "words@3"))
    assert main(["--models", f"{models}", "--data", f"{data}"]) == 1
    said = capsys.readouterr().out
    assert "**worse**" in said
    assert "| macro-F1 | all | 480 | 1.000 | 0.873 | -0.127 |" in said


def test_a_candidate_is_held_against_the_champion_and_a_run_twice_says_the_same(models: Path, data: Path) -> None:
    argv = ["--models", f"{models}", "--data", f"{data}", "--model", "words@3"]
    found = []
    for _ in range(2):
        assert main(argv) == 1
        told = json.loads((models / "words" / "3" / "eval.json").read_text())
        del told["speed"]
        found.append(told)
    assert found[0] == found[1]
    assert found[0]["gate"]["against"] == "words@2"


def test_without_its_folder_a_predecessor_counts_by_its_numbers(models: Path, data: Path, capsys) -> None:
    argv = ["--models", f"{models}", "--data", f"{data}"]
    assert main([*argv, "--model", "words@2", "--against", "none"]) == 0
    (models / "words" / "2" / "model.onnx").unlink()
    assert main([*argv, "--model", "words@3"]) == 1
    said = capsys.readouterr()
    assert "by its eval.json" in said.err
    assert "unpaired" in said.out
    told = json.loads((models / "words" / "3" / "eval.json").read_text())
    assert told["gate"]["paired"] is False


def test_numbers_of_other_rows_are_not_compared(models: Path, data: Path, tmp_path: Path, capsys) -> None:
    argv = ["--models", f"{models}", "--model", "words@2"]
    assert main([*argv, "--data", f"{data}", "--against", "none"]) == 0
    other = write_data(tmp_path / "other", count=30)
    saved = str(models / "words" / "2" / "eval.json")
    assert main([*argv, "--data", f"{other}", "--against", saved]) == 2
    assert "other rows" in capsys.readouterr().err


def test_without_data_it_does_the_rest_and_says_so(models: Path, capsys) -> None:
    assert main(["--models", f"{models}"]) == 0
    said = capsys.readouterr()
    assert "without --data" in said.err
    assert "What it can do" in said.out
    assert "Labelled comments" not in said.out
    assert "suite at the nudge" in said.out
    assert not (models / "words" / "2" / "eval.json").exists()


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--data", "nowhere"], "nowhere/dev holds no"),
        (["--data", "nowhere", "--only", "spans"], "nowhere/dev holds no"),
        (["--model", "none@1"], "there is no model none@1"),
        (["--against", "none@1"], "--against none compares with nothing"),
        (["--only", "rows"], "rows: needs --data"),
    ],
)
def test_what_cannot_be_measured_is_explained(models: Path, argv: list[str], why: str, capsys) -> None:
    assert main(["--models", f"{models}", *argv]) == 2
    assert why in capsys.readouterr().err


def test_a_card_with_half_a_pair_of_markers_is_left_alone(models: Path, data: Path, capsys) -> None:
    card = models / "words" / "2" / "MODEL_CARD.md"
    card.write_text(f"{BEGIN}\n")
    assert main(["--models", f"{models}", "--data", f"{data}"]) == 2
    assert card.read_text() == f"{BEGIN}\n"
    assert "must hold the line" in capsys.readouterr().err


def test_one_table_alone_compares_and_writes_nothing(models: Path, data: Path, capsys) -> None:
    argv = ["--models", f"{models}", "--data", f"{data}", "--model", "words@3", "--only", "labels"]
    assert main(argv) == 0
    said = capsys.readouterr()
    assert "| toxic | 480 | 240 |" in said.out
    assert "predecessor" not in said.out
    assert "mahlan:" not in said.err
    assert not (models / "words" / "3" / "eval.json").exists()


def test_a_sample_is_told_and_writes_nothing(models: Path, data: Path, capsys) -> None:
    assert main(["--models", f"{models}", "--data", f"{data}", "--rows", "60", "--json"]) == 0
    said = capsys.readouterr()
    assert "60 of 480 dev rows" in said.err
    told = json.loads(said.out)
    assert {cell["name"]: cell["rows"] for cell in told["rows"] if cell["by"] == "source"} == {"one": 30, "two": 30}
    assert not (models / "words" / "2" / "eval.json").exists()


def test_a_sample_keeps_every_source_and_is_the_same_twice() -> None:
    raw = [{"source": "big", "n": n} for n in range(990)] + [{"source": "small", "n": n} for n in range(10)]
    found = sample(raw, 50)
    assert [one["source"] for one in found].count("small") == 1
    assert len(found) == 51
    assert found == sample(raw, 50)
    assert sample(raw, 5000) == raw


def test_a_row_without_its_fields_is_named(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "one.jsonl").write_text('{"text": "fine", "lang": "en", "source": "one"}\n{"text": "x"}\n')
    with pytest.raises(DataError, match="row 2 of all files in order has no lang and no source"):
        read_dev(tmp_path)


def test_an_unknown_label_is_not_taken_for_no(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    lines = [{"toxic": None, "labels": {"threat": 1, "insult": None}}, {"toxic": 0}]
    text = "".join(json.dumps({"text": "fine", "lang": "en", "source": "one", **line}) + "\n" for line in lines)
    (tmp_path / "dev" / "one.jsonl").write_text(text)
    assert [one.labels for one in read_dev(tmp_path).rows] == [{"threat": 1}, {"toxic": 0}]


@pytest.mark.parametrize(
    ("model", "before"),
    [("a@1", None), ("a@2", "a@1"), ("en@1", "a@2"), ("en@2", "en@1"), ("new@1", "a@2"), ("a@3", "a@2")],
)
def test_the_predecessor_is_what_served_before(model: str, before: str | None) -> None:
    lines = [("a@1", ""), ("a@2", ""), ("en@1", "en"), ("a@3", ""), ("en@2", "en")]
    text = ", ".join(f'{{ model = "{name}"{language and f", language = {language!r}"} }}' for name, language in lines)
    rolled = ', { model = "a@2", rollback = true }'
    registry = parse_registry(f"champion = [{text}{rolled}]".replace("'", '"').encode())
    assert predecessor_name(registry, model) == before


def test_the_card_gets_its_markers_at_the_end() -> None:
    assert replaced("# x\n\nHand.\n", "new") == f"# x\n\nHand.\n\n## Measured\n\n{BEGIN}\nnew\n{END}\n"
    assert replaced(f"a {BEGIN} b {END} c", "new") == f"a {BEGIN}\nnew\n{END} c"
    with pytest.raises(CardError):
        replaced(f"{END}{BEGIN}", "new")


def test_every_key_of_the_file_is_on_its_page() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "evaluation.md").read_text("utf-8")
    assert [key for key, _ in Report("words@1").lines() if f"\n| `{key}` |" not in page] == []


def test_a_cascade_is_judged_like_a_model_and_its_numbers_find_a_place(models: Path, data: Path) -> None:
    plan = '[cascade."both@1"]\nfast = "words@3"\naccurate = "words@2"\nband = [0.3, 0.9]\n'
    put_registry(models, HISTORY + plan)
    argv = ["--models", f"{models}", "--data", f"{data}", "--model", "both@1", "--against", "words@3"]
    assert main(argv) == 0
    told = json.loads((models / "both" / "1" / "eval.json").read_text())
    assert (told["model"], told["gate"]["against"]) == ("both@1", "words@3")
    assert BEGIN in (models / "both" / "1" / "MODEL_CARD.md").read_text()
