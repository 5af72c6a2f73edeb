"""How cues are counted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from training import cues

ROWS = [
    {"text": "he calls me ugly every day, what do I do", "toxic": 1, "lang": "en", "source": "s"},
    {"text": "you idiot", "toxic": 1, "lang": "en", "source": "s"},
    {"text": "the weather is nice today", "toxic": 0, "lang": "en", "source": "s"},
]


def test_hurtful_rows_with_a_cue_are_counted_apart_from_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "s.jsonl").write_text("\n".join(map(json.dumps, ROWS)), "utf-8")
    monkeypatch.setattr(sys, "argv", ["cues", "--data", str(tmp_path), "--json"])
    cues.main()
    counts = json.loads(capsys.readouterr().out)
    assert (counts["hurtful"]["rows"], counts["hurtful"]["any"], counts["hurtful"]["victim_report"]) == (2, 1, 1)
    assert (counts["other"]["rows"], counts["other"]["any"]) == (1, 0)
