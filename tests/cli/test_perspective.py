"""``mahlan perspective calibrate``: a map that the gateway reads, a table of agreement, errors with line and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from mahlan.cli.perspective import _row
from mahlan.core.monotone import fit_monotone
from mahlan.gateway.perspective.score_map import Mapped, parse_score_map, write_score_map

Run = Callable[..., Any]
#: Old scores were half of ours: a site with the threshold 0.4 held what we give 0.8.
WORDS = ("stupid", "idiot", "lovely", "day", "table", "hate", "you", "we", "coffee", "moon")


@pytest.fixture
def pairs(mahlan: Run, tmp_path: Path) -> Path:
    """Sixty texts, with half of our own score."""
    texts = [f"{one} {other}" for one in WORDS for other in WORDS[:6]]
    lines = b"".join(orjson.dumps({"id": n, "text": text}) + b"\n" for n, text in enumerate(texts))
    scored = [orjson.loads(line) for line in mahlan("score", stdin=lines).stdout.splitlines()]
    file = tmp_path / "old.jsonl"
    with file.open("wb") as out:
        for text, found in zip(texts, scored, strict=True):
            half = found["scores"]["toxic"] / 2
            old = {"text": text, "scores": {"TOXICITY": half, "FLIRTATION": 0.5}}
            if len(text) % 2:
                old = {"text": text, "attributeScores": {"TOXICITY": {"summaryScore": {"value": half}}}}
            out.write(orjson.dumps(old) + b"\n")
    return file


def test_the_map_makes_old_and_new_verdicts_agree(mahlan: Run, pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.toml"
    done = mahlan("perspective", "calibrate", "--pairs", str(pairs), "--threshold", "0.4", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert b"FLIRTATION is left out" in done.stderr
    (row,) = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert (row["attribute"], row["threshold"], row["pairs"]) == ("TOXICITY", 0.4, 60)
    assert row["after_agree"] >= row["before_agree"]
    sites, model = parse_score_map(out.read_bytes())
    assert model.endswith("@1")
    (mapped,) = sites.values()
    assert mapped.label == "toxic"
    for ours in mapped.curve.x:
        assert mapped.curve.at(ours) == pytest.approx(ours / 2, abs=1e-5)


def test_agreement_is_counted_on_pairs_that_the_curve_has_not_seen() -> None:
    points = [(at / 100, at / 200) for at in range(100)]
    row = _row("TOXICITY", 0.3, points)
    assert (row["old_over"], row["before_over"]) == (0.4, 0.7)
    assert row["before_agree"] == 0.7
    assert row["after_agree"] >= 0.98
    alone = [(at / 100, 0.0) for at in range(99)] + [(0.99, 1.0)]
    assert _row("TOXICITY", 0.5, alone)["after_agree"] == 0.98, "the last two cannot be known from the others"


def test_what_is_written_is_read_back() -> None:
    curve = fit_monotone([(0.1, 0.2), (0.30000049, 0.4), (0.9, 0.3), (0.95, 1.0)])
    sites, model = parse_score_map(write_score_map({"THREAT": Mapped("threat", curve)}, "fast@1").encode())
    assert model == "fast@1"
    assert sites["THREAT"].curve.x == pytest.approx(curve.x, abs=1e-6)
    assert sites["THREAT"].curve.y == pytest.approx(curve.y, abs=1e-6)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("kanarya", "line 2: not JSON"),
        ('{"text": "kanarya"}', "line 2: missing field scores"),
        ('{"scores": {"TOXICITY": 0.5}}', "line 2: missing field text"),
        ('{"text": "kanarya", "scores": {"TOXICITY": 1.5}}', "line 2: scores.TOXICITY: must be between 0 and 1"),
        ('{"text": 5, "scores": {"TOXICITY": 0.5}}', "line 2: text: Expected str"),
        ('{"text": "kanarya", "attributeScores": {"TOXICITY": {}}}', "line 2: attributeScores"),
        ('{"text": "a", "scores": {"TOXICITY": 0.5}}', "TOXICITY: 2 pairs are too few, 50 or more are needed"),
        ("", "TOXICITY: 1 pairs are too few"),
    ],
)
def test_a_bad_file_is_told_with_line_and_field(mahlan: Run, tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "old.jsonl"
    file.write_text('{"text": "a", "scores": {"TOXICITY": 0.5}}\n' + line + "\n", "utf-8")
    done = mahlan("perspective", "calibrate", "--pairs", str(file))
    assert done.returncode == 2
    assert says in done.stderr.decode()
    assert b"kanarya" not in done.stderr
