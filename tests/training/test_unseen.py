"""What a model is worth on sources it never saw: each left out once, nothing of it learnt nor chosen on."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from tests.training.test_fast import CONFIG
from training import unseen
from training.rows import Row
from training.unseen import compared, dealt, measurable


def rows_of(source: str, hurtful: str, kind: str, count: int = 30) -> list[dict[str, object]]:
    """``count`` comments of either class, which words of their own tell apart."""
    names = ("sara", "omar", "cat", "teacher", "market", "sunday")
    return [
        {"text": f"{text} {names[at % 6]} {at}", "lang": "en", "toxic": toxic, "source": source}
        for toxic, text in ((1, hurtful), (0, kind))
        for at in range(count)
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources of the same words, one whose words no other has, and one too small to measure."""
    root = tmp_path_factory.mktemp("unseen")
    sources = {
        "alike": rows_of("alike", "you silly goose", "what a lovely day"),
        "likewise": rows_of("likewise", "you silly goose", "what a lovely day"),
        "strange": rows_of("strange", "wretched muddy turnip", "marvellous cosy lantern"),
        "small": rows_of("small", "drab brittle kettle", "bright gentle harbour", 5),
    }
    for split in ("train", "dev"):
        (root / split).mkdir()
        for name, rows in sources.items():
            (root / split / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (root / "tiny.toml").write_text(CONFIG, encoding="utf-8")
    return root


def run(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    arguments = ["unseen", "--data", f"{data}", "--config", f"{data / 'tiny.toml'}", *more]
    monkeypatch.setattr(sys, "argv", arguments)
    unseen.main()
    return capsys.readouterr().out


def test_a_source_that_is_like_no_other_is_told_by_whoever_saw_it_alone(data, monkeypatch, capsys) -> None:
    told = {one["source"]: one for one in json.loads(run(data, monkeypatch, capsys, "--json"))}
    assert list(told) == ["alike", "likewise", "strange"]
    assert all(one["seen"]["macro_f1"] == 1.0 for one in told.values())
    assert told["alike"]["unseen"]["macro_f1"] == 1.0, "the other one taught the same words"
    assert told["strange"]["unseen"]["macro_f1"] < 0.5
    assert told["strange"]["unseen"]["rows"] == 60


def test_sources_that_are_left_out_together_cannot_help_each_other(data, monkeypatch, capsys) -> None:
    text = run(data, monkeypatch, capsys, "--parts", "1")
    assert "| alike | 60 | 50% | 1.000 |" in text
    assert "| alike | 60 | 50% | 1.000 | 1.000 |" not in text
    assert "| mean of sources | 180 |" in text


def test_without_a_source_to_measure_on_it_says_so(tmp_path, data, monkeypatch, capsys) -> None:
    for split in ("train", "dev"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "small.jsonl").write_text((data / split / "small.jsonl").read_text())
    (tmp_path / "tiny.toml").write_text(CONFIG, encoding="utf-8")
    with pytest.raises(SystemExit, match="no source there has 25 comments of either class"):
        run(tmp_path, monkeypatch, capsys)


def test_no_part_is_a_mistake(data, monkeypatch, capsys) -> None:
    with pytest.raises(SystemExit):
        run(data, monkeypatch, capsys, "--parts", "0")
    assert "argument --parts: at least 1" in capsys.readouterr().err


def test_sources_are_dealt_once_each() -> None:
    assert dealt(["a", "b", "c", "d"], 3) == [["a", "d"], ["b"], ["c"]]
    assert dealt(["a"], 3) == [["a"]]
    few = [Row("a", "en", toxic, False, "en", ()) for toxic in [0, 1] * 25]
    assert measurable([*few, *[Row("b", "en", 1, False, "en", ())] * 60]) == ["a"]
    assert compared(few[:10], few[:10], tomllib.loads(CONFIG), 3) == []
