"""Training end to end on a few invented rows: a folder comes out that loads, checks and knows what it was taught."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mahlan.core.normalise import normalise
from mahlan.events.comment import Reading
from mahlan.scoring.check import check_folder
from mahlan.scoring.model import Model, Scores
from training import doubts, fast
from training.calibrate import LEAST, band_starts, best_threshold, least_score
from training.evaluation import command
from training.evaluation.model_card import BEGIN, CARD, END
from training.golden import name_golden
from training.rows import Row, read_rows
from training.scores import calibration_error
from training.spelling import spelled_rows

RUDE = ("you silly goose {}", "what a rotten {}", "يا سخيف {}", "كلامك سخيف يا {}")
KIND = ("what a lovely {}", "thank you dear {}", "شكرا يا {}", "كلامك جميل يا {}")
NAMES = ("sara", "omar", "cat", "teacher", "صديقي", "أحمد", "market", "sunday", "ليلى", "friend")
CONFIG = """seed = 1
[text]
max_length = 200
train_length = 200
least_count = 1
batch = 8
[tables.characters]
3 = 12
4 = 12
[tables.words]
1 = 10
[fit]
alpha = 1e-4
epochs = 20
word_weight = 0.7
floor = 0.3
arabic_weight = 0.5
[weights]
[bands]
medium = { precision = 0.9, least = 0.6 }
high = { precision = 0.97, least = 0.8 }
"""


def write(folder: Path, source: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"text": text.format(name), "lang": "en", "toxic": toxic, "source": source}
        for toxic, texts in ((1, RUDE), (0, KIND))
        for text in texts
        for name in NAMES
    ]
    rows.append({"text": "no label here", "lang": "en", "toxic": None, "source": source})
    with gzip.open(folder / f"{source}.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("training")
    write(root / "data" / "train", "olid")
    write(root / "data" / "dev", "olid")
    (root / "tiny.toml").write_text(CONFIG)
    out = root / "models" / "tiny" / "1"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            sys, "argv", ["fast", "--data", f"{root / 'data'}", "--out", f"{out}", "--config", f"{root / 'tiny.toml'}"]
        )
        fast.main()
    return out


def test_the_folder_is_whole_and_passes_its_check(trained: Path) -> None:
    report = check_folder(trained, seconds=0)
    assert report.ok, report.lines()
    assert report.findings == []


def test_it_is_named_after_its_folder(trained: Path) -> None:
    manifest = Model.load(trained).manifest
    assert manifest.full_name == "tiny@1"
    assert "--out models/tiny/1`" in (trained / CARD).read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "options"), [(fast, []), (doubts, ["--fast", "models/fast/1"])])
def test_a_version_that_is_there_is_not_written_over(
    command: ModuleType, options: list[str], trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in trained.iterdir()}
    data = trained.parents[2] / "data"
    monkeypatch.setattr(sys, "argv", [command.__name__, "--data", f"{data}", "--out", f"{trained}", *options])
    with pytest.raises(SystemExit, match="tiny/1 is a model already"):
        command.main()
    assert {path.name: path.read_bytes() for path in trained.iterdir()} == before


def test_it_learnt_what_it_was_shown(trained: Path) -> None:
    model = Model.load(trained)
    rude, kind = model.score([normalise("you silly goose marwan"), normalise("thank you dear marwan")])
    assert isinstance(rude, Scores)
    assert isinstance(kind, Scores)
    assert rude.verdict.toxic
    assert not kind.verdict.toxic


def test_the_same_rows_give_the_same_folder(trained: Path, tmp_path: Path) -> None:
    root = trained.parents[2]
    rows = read_rows(root / "data", "train")
    config = fast.tomllib.loads(CONFIG)
    one, other = (fast.train(rows, config).weights.values for _ in range(2))
    assert np.array_equal(one, other)


def test_what_was_measured_is_what_is_served(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, models = trained.parents[2] / "data", trained.parents[1]
    argv = ["--data", f"{data}", "--models", f"{models}", "--model", "tiny@1", "--only", "rows", "--json"]
    assert command.main(argv) == 0
    cells = {cell["name"]: cell for cell in json.loads(capsys.readouterr().out)["rows"] if cell["by"] == "source"}
    assert cells["olid"]["rows"] == 80
    assert cells["olid"]["macro_f1"][0] > 0.95
    told = Model.load(trained).manifest.measured["macro_f1_by_source"]
    assert cells["olid"]["macro_f1"][0] == told["olid"]


def test_the_card_has_a_place_for_what_make_eval_measures(trained: Path) -> None:
    card = (trained / CARD).read_text(encoding="utf-8")
    assert card.index(BEGIN) < card.index(END)
    assert "make eval DATA=DIR MODEL=tiny@1" in card


def test_the_manifest_tells_what_scores_look_like_where_few_comments_hurt(trained: Path) -> None:
    reference = Model.load(trained).manifest.reference
    assert reference is not None
    assert reference.label == "toxic"
    # Half of the rows hurt; of the reference about a tenth does.
    assert sum(reference.scores["all"][:6]) > 0.75


def test_a_folder_without_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--data takes a folder"):
        read_rows(tmp_path, "train")


def test_egyptian_rows_are_spelled_in_latin_letters_and_keep_their_label() -> None:
    readings = tuple(Reading(kind="original", text=text, offsets=()) for text in ("انت حمار 😀 ok",))
    rows = [Row("olid", "arz", 1, False, language, readings) for language in ("arz", "en")]
    (spelled,) = spelled_rows(rows, seed=1)
    assert (spelled.toxic, spelled.source, spelled.row_language) == (1, "spelled_arabizi", "arz-Latn")
    assert "ok" in spelled.readings[0].text
    assert not re.search("[\u0600-\u06ff]", spelled.readings[0].text)


def test_the_threshold_is_where_both_classes_are_told_apart() -> None:
    scores = np.concatenate([np.linspace(0.0, 0.55, 60), np.linspace(0.6, 1.0, 60)])
    toxic = (scores >= 0.6).astype(np.int64)
    assert 0.5 <= best_threshold(scores, toxic, np.full(120, "one")) <= 0.65


def test_a_bands_limit_is_the_least_score_of_that_precision() -> None:
    scores = np.linspace(0, 1, 101)
    toxic = (scores >= 0.5).astype(np.int64)
    limit = least_score(scores, toxic, np.ones(101), 0.9)
    assert toxic[scores >= limit].mean() >= 0.9
    assert limit < 0.5
    assert least_score(scores, np.zeros(101, dtype=np.int64), np.ones(101), 0.9) == 0.99
    assert least_score(scores[: LEAST - 1], toxic[: LEAST - 1], np.ones(LEAST - 1), 0.9) == 0.99


def test_no_limit_is_out_of_reach() -> None:
    scores = np.full(LEAST, 0.9999)
    assert least_score(scores, np.ones(LEAST, dtype=np.int64), np.ones(LEAST), 0.9) < 0.9999


def starts_at(
    few_toxic_from: float, many_toxic_from: float, many: str = "many"
) -> tuple[float, np.ndarray, np.ndarray]:
    """The score a band begins at by 200 comments of one source and 2,000 of another; which of them reach it, toxic."""
    scores = np.concatenate([np.linspace(0, 1, 200), np.linspace(0, 1, 2000)])
    few = np.arange(2200) < 200
    toxic = scores >= np.where(few, few_toxic_from, many_toxic_from)
    rows = [
        Row("few" if one else many, "ar", int(hurts), False, "ar", ()) for one, hurts in zip(few, toxic, strict=True)
    ]
    wanted = {"precision": 0.9, "least": 0.1}
    start, _ = band_starts(scores, rows, {"medium": wanted, "high": wanted})
    return start, scores >= start, toxic


@pytest.mark.parametrize(("few_toxic_from", "many_toxic_from"), [(0.2, 0.8), (0.8, 0.2)])
def test_a_band_begins_where_both_of_sources_and_of_comments_enough_are_toxic(few_toxic_from, many_toxic_from):
    _, over, toxic = starts_at(few_toxic_from, many_toxic_from)
    assert toxic[over].mean() >= 0.9
    assert np.mean([toxic[:200][over[:200]].mean(), toxic[200:][over[200:]].mean()]) >= 0.9


def test_what_nobody_wrote_counts_as_a_source_only():
    assert starts_at(0.2, 0.8, "spelled_arabizi")[0] < starts_at(0.2, 0.8)[0]


def test_calibration_error_is_none_when_scores_are_shares() -> None:
    truth = np.array([1, 0, 0, 0] * 25)
    assert calibration_error(truth, np.full(100, 0.25)) == pytest.approx(0.0)
    assert calibration_error(truth, np.full(100, 0.75)) == pytest.approx(0.5)


def test_the_golden_file_is_named_once_in_the_manifest_with_its_sum(tmp_path):
    (tmp_path / "golden.jsonl").write_text("{}\n", encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('[files]\n"model.onnx" = "00"\n', encoding="utf-8")
    name_golden(tmp_path)
    (tmp_path / "golden.jsonl").write_text("{}\n{}\n", encoding="utf-8")
    name_golden(tmp_path)
    told = tomllib.loads((tmp_path / "manifest.toml").read_text(encoding="utf-8"))["files"]
    assert told == {"golden.jsonl": hashlib.sha256(b"{}\n{}\n").hexdigest(), "model.onnx": "00"}


@pytest.mark.parametrize("folder", sorted(Path("models").glob("*/*/manifest.toml")), ids=str)
def test_shipped_models_name_their_golden_file_so_that_they_can_be_signed(folder):
    told = tomllib.loads(folder.read_text(encoding="utf-8"))["files"]
    assert told["golden.jsonl"] == hashlib.sha256(folder.with_name("golden.jsonl").read_bytes()).hexdigest()
