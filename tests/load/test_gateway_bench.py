"""The gateway's bench: vegeta's results are read right, and its promises can be broken. vegeta itself is not needed."""

from __future__ import annotations

import base64
import math
from dataclasses import replace
from typing import Any

import orjson
import pytest

from load_tests.gateway.report import Bench, Row, table
from load_tests.gateway.vegeta import Measured, MissingError, find_vegeta, read_results, write_targets
from load_tests.ranks import rank


def result(at: str, latency_ms: float, code: int = 200, **fields: Any) -> bytes:
    return orjson.dumps({"timestamp": f"2026-11-29T09:00:{at}Z", "latency": latency_ms * 1e6, "code": code, **fields})


def test_results_are_counted_and_only_answers_have_latencies():
    lines = [
        result("00.000000001", 1),
        result("00.5", 3),
        result("01", 2),
        result("01.5", 500, 503, headers={"Retry-After": ["1"]}),
        result("01.6", 900, 503, headers={}),
        result("01.7", 300, 500),
        result("01.75", 250, 0, error="timeout"),
    ]
    seen = read_results(lines, 4.0)
    assert (seen.p50, seen.p95, seen.p99) == (2.0, 3.0, 3.0)
    assert (seen.good, seen.shed, seen.errors, seen.without_retry_after) == (3, 2, 2, 1)
    assert seen.answered == pytest.approx(3 / 2.5)
    assert seen.asked == 4.0


def test_nothing_answered_is_not_zero_latency():
    seen = read_results([result("00", 5, 503, headers={"Retry-After": ["1"]})], 1.0)
    assert math.isnan(seen.p99)
    assert seen.answered == 0
    assert read_results([], 1.0).errors == 0


def test_ranks():
    values = [float(n) for n in range(1, 101)]
    assert [rank(values, percent) for percent in (50, 95, 99)] == [50.0, 95.0, 99.0]
    assert rank([0.00007], 99) == 0.00007


def test_targets_are_what_vegeta_reads(tmp_path):
    write_targets(tmp_path / "targets", "http://127.0.0.1:1/v1/checks", [b'{"a": 1}', b"{}"])
    rows = [orjson.loads(line) for line in (tmp_path / "targets").read_bytes().splitlines()]
    assert [base64.b64decode(row["body"]) for row in rows] == [b'{"a": 1}', b"{}"]
    assert {(row["method"], row["url"]) for row in rows} == {("POST", "http://127.0.0.1:1/v1/checks")}


def test_without_vegeta_and_go_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("load_tests.gateway.vegeta.shutil.which", lambda *_, **__: None)
    with pytest.raises(MissingError, match=r"go install github\.com/tsenart/vegeta"):
        find_vegeta(tmp_path, lambda _: None)


def row(asked: float, answered: float, p99: float = 2.0, **statuses: int) -> Row:
    given = {name.removeprefix("s"): count for name, count in statuses.items()} or {"200": 100}
    return Row("gateway", "open", Measured(asked, answered, 1.0, 1.5, p99, given), 0.5)


@pytest.fixture
def bench() -> Bench:
    half, above = row(500, 500), row(2000, 900, s200=900, s503=1100)
    alone = {"p50": 1.0, "p95": 1.2, "p99": 1.5, "texts_a_second": 2000.0}
    return Bench("m@1", alone, 1000.0, [half, above], half=half, below=[half], above=[above], echo=row(500, 500))


def kept(bench: Bench) -> list[bool]:
    return list(bench.aims().values())


def test_what_keeps_every_promise(bench):
    assert kept(bench) == [True] * 4
    lines = list(table(bench))
    assert sum(line.startswith("kept: ") for line in lines) == 4
    assert "p99 at half of saturation : one text of the bare model = 2.0" in lines
    plain = bench.plain()
    assert orjson.loads(orjson.dumps(plain))["p99_at_half_over_one_text"] == 2.0


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"half": row(500, 500, p99=3.0)}, 0),
        ({"below": [row(500, 500, s200=99, s0=1)]}, 1),
        ({"below": [row(500, 500, s200=99, s503=1)]}, 1),
        ({"above": [row(2000, 900, s200=900, s503=1000, s504=1)]}, 2),
        ({"above": [row(2000, 900, s200=900)]}, 2),
        ({"above": [row(2000, 600, s200=600, s503=1100)]}, 3),
    ],
)
def test_a_broken_promise_is_said(bench, change, broken):
    found = kept(replace(bench, **change))
    assert [number for number, one in enumerate(found) if not one] == [broken]
    assert sum(line.startswith("NOT KEPT: ") for line in table(replace(bench, **change))) == 1


def test_a_503_without_retry_after_is_a_broken_promise(bench):
    above = replace(bench.above[0], measured=replace(bench.above[0].measured, without_retry_after=1))
    assert kept(replace(bench, above=[above])) == [True, True, False, True]
