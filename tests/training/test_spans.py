"""How marked words are measured."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.scorer.lineups import put_registry
from tests.scoring.cascades import ACCURATE, ENTRY, put_part
from training import spans
from training.spans import f1, marked

MODELS = Path(__file__).resolve().parents[2] / "models"


def test_marked_words_are_found_in_order_and_where_they_stand() -> None:
    assert marked("bad dog, bad cat", ["bad", "bad"]) == {0, 1, 2, 9, 10, 11}
    assert marked("bad dog, bad cat", ["cat", "dog"]) == {4, 5, 6, 13, 14, 15}
    assert marked("bad dog", ["cow"]) == set()


def test_f1_of_characters() -> None:
    assert f1(set(), set()) == 1.0
    assert f1({1}, set()) == f1(set(), {1}) == f1({1}, {2}) == 0.0
    assert f1({1, 2, 3}, {2, 3, 4, 5, 6}) == pytest.approx(0.5)


def test_the_command_holds_spans_against_the_whole_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"text": "you are such a stupid idiot", "toxic_words": ["stupid", "idiot"]},
        {"text": "the weather is nice today", "toxic_words": []},
        {"text": "no words here"},
    ]
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "some.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(sys, "argv", ["spans", "--data", f"{tmp_path}", "--models", f"{MODELS}", "--model", "fast@1"])
    spans.main()
    said = capsys.readouterr().out
    assert "| every row | 2 | 1.000 | 0.289 |" in said
    assert "| rows in the nudge band | 1 | 1.000 | 0.579 |" in said
    assert "times the time of scoring" in said
    put_registry(tmp_path, f'champion = "fast@1"\n{ENTRY}')
    shutil.copytree(MODELS / "fast", tmp_path / "fast")
    put_part(tmp_path, "accurate@1", ACCURATE)
    monkeypatch.setattr(sys, "argv", ["spans", "--data", f"{tmp_path}", "--models", f"{tmp_path}", "--model", "both@1"])
    spans.main()
    said = capsys.readouterr().out
    assert said.startswith("both@1 on 2 rows")
    assert "| rows in the nudge band | 1 | 1.000 | 0.579 |" in said, "the fast part is sure of them"
    monkeypatch.setattr(sys, "argv", ["spans", "--data", f"{tmp_path}", "--models", f"{tmp_path}", "--model", "both@2"])
    with pytest.raises(SystemExit, match="there is no model both@2"):
        spans.main()
